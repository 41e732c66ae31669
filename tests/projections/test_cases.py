"""`cases`: where each case stands and what is next; SQL and domain/workflows.py say the same."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from domain import dropout as d
from domain import eligibility as e
from domain import guardianship as g
from domain import intervention as i
from domain import mandatory_report as r
from domain import mental_health as m
from domain import subsidy as s
from domain.duty_settings import values_on
from domain.event import NO_CHILD, SHANGHAI, Recorded, day
from domain.rules.register import ALL_SETTINGS
from domain.terms import Department, Relation
from domain.workflows import BY_CHILD, KINDS, MOVES, STAGE_OF, STAGES, Case, Step, case_of, mark_of

FIRST = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)
KEYS = ("agreement_id", "report_id", "dropout_id", "application_id", "benefit_id")
COLUMNS = "kind, reference, state, state_since, next_step, actor, due_on, is_law, overdue_days"


def test_every_move_leads_to_a_declared_state_and_one_event_moves_a_case_once() -> None:
    values = values_on(ALL_SETTINGS, "", date(2026, 1, 1))
    for move in MOVES:
        assert (move.kind, move.to) in STAGE_OF
        assert all(not each or (move.kind, each) in STAGE_OF for each in move.froms)
        others = [x for x in MOVES if x is not move and (x.kind, x.type) == (move.kind, move.type)
                  and (x.mark == move.mark or not x.mark or not move.mark)]  # fmt: skip
        assert not any(set(each.froms) & {move.to, *move.froms} for each in others), move
    assert {(each.kind, each.to) for each in MOVES} == set(STAGE_OF)
    assert all(each.check in values for each in STAGES if each.check)
    assert {each.kind for each in STAGES} == set(KINDS)


def test_a_report_goes_on_step_by_step_and_only_the_transfer_is_bound_by_law() -> None:
    values = values_on(ALL_SETTINGS, "", date(2026, 3, 1))

    def stands(on: int, *types: str) -> Case:
        steps = [Step(type=f"report.{each}.v1", day=date(2026, 3, 1)) for each in types]
        found = case_of("report", steps, date(2026, 3, on), values)
        assert found is not None
        return found

    received = stands(3, "submitted", "received")
    assert (received.next_step, received.due_on) == ("受理或移送", date(2026, 3, 2))
    assert (received.is_law, received.overdue_days) == (True, 1)
    moved = stands(1, "submitted", "received", "transferred")
    assert (moved.state, moved.is_law) == ("transferred", False)
    # what comes out of turn changes nothing
    assert stands(1, "submitted", "accepted", "disposed").state == "submitted"
    assert case_of("report", [], date(2026, 3, 1), values) is None


def test_an_agreement_in_force_is_due_when_it_ends(house: Any, helpers: Any) -> None:
    child = helpers.register(house.log, 1)
    for event in (_signed("A-1", date(2026, 6, 1)), g.AgreementFiled(agreement_id="A-1"),
                  g.NoticeSent(agreement_id="A-1", to=g.NoticeTo.SCHOOL)):  # fmt: skip
        house.log.write(event, child, helpers.at("2026-02-20"))
    house.log.write(g.DelegateAssessed(agreement_id="A-1"), child, helpers.at("2026-03-01"))
    house.catch_up()
    row = "SELECT state, next_step, due_on, overdue_days FROM cases_as_of(as_of = '{}')"
    assert house.ask(row.format("2026-02-25")) == [
        ("filed+noticed", "评估被委托人是否符合条件", date(2026, 3, 22), -25)
    ]
    assert house.ask(row.format("2026-06-03")) == [
        ("in_force", "到期续签或终止", date(2026, 6, 1), 2)
    ]
    renewed = g.AgreementRenewed(agreement_id="A-1", end=date(2027, 6, 1))
    house.log.write(renewed, child, helpers.at("2026-06-02"))
    house.catch_up()
    assert house.ask(row.format("2026-06-01"))[0][2:] == (date(2026, 6, 1), 0)
    assert house.ask(row.format("2026-06-03"))[0][2:] == (date(2027, 6, 1), -363)
    active = "SELECT end_date, active FROM care_agreements_as_of(as_of = '{}')"
    assert house.ask(active.format("2026-06-01")) == [(date(2026, 6, 1), 1)]
    assert house.ask(active.format("2027-06-01")) == [(date(2027, 6, 1), 1)]
    assert house.ask(active.format("2027-06-02")) == [(date(2027, 6, 1), 0)]


def test_nothing_in_a_case_says_who_reported(house: Any) -> None:
    house.catch_up()
    # the actor of a case is whose step is next; of a step, it would be who recorded it
    shown = {row[0] for row in house.ask("DESCRIBE TABLE cases")} - {"actor"}
    shown |= {row[0] for row in house.ask("DESCRIBE TABLE case_steps")}
    assert not shown & {"actor", "source", "role", "reporter_name", "data"}


def _signed(key: str, end: date | None) -> g.AgreementSigned:
    return g.AgreementSigned(
        agreement_id=key, name="enc1:y", relation=Relation.OTHER, start=date(2026, 2, 20),
        end=end, child_view_heard=True,
    )  # fmt: skip


def _event(dice: Random, child: int) -> Any:
    """A step of one of a child's few cases, in whatever order."""
    pick, key = dice.choice, f"X-{child}-{dice.randrange(2)}"
    police = Department.POLICE
    return pick([
        lambda: r.ReportSubmitted(report_id=key, situation=r.Situation.VIOLENCE, to=police,
                                  reporter_kind=r.ReporterKind.SCHOOL),
        lambda: r.ReportReceived(report_id=key, desk=police),
        lambda: r.ReportTransferred(report_id=key, to=Department.EDUCATION),
        lambda: r.ReportAccepted(report_id=key, desk=police),
        lambda: r.ReportInvestigated(report_id=key, finding=r.Substantiation.UNCLEAR),
        lambda: r.ReportDisposed(report_id=key, outcome=r.Disposal.GUIDANCE),
        lambda: r.ReportFeedbackGiven(report_id=key, manner=r.FeedbackManner.PHONE),
        lambda: _signed(key, pick((None, date(2026, 6, 1), date(2027, 1, 1)))),
        lambda: g.DelegateAssessed(agreement_id=key,
                                   disqualifiers=pick(([], [g.Disqualifier.DRUGS]))),
        lambda: g.AgreementFiled(agreement_id=key),
        lambda: g.NoticeSent(agreement_id=key, to=g.NoticeTo.SCHOOL),
        lambda: g.AgreementRenewed(agreement_id=key, end=date(2027, 3, 1)),
        lambda: g.AgreementEnded(agreement_id=key, reason=g.AgreementEnding.EXPIRED),
        lambda: i.GuardianshipNeedAssessed(met=pick((True, False))),
        lambda: i.GuardianshipStarted(guardianship_id=key, placement=next(iter(i.Placement))),
        lambda: i.GuardianshipReviewed(guardianship_id=key, go_on=pick((True, False))),
        lambda: i.GuardianshipEnded(guardianship_id=key, ending=next(iter(i.GuardianshipEnding))),
        lambda: d.DropoutSuspected(dropout_id=key),
        lambda: d.DropoutConfirmed(dropout_id=key, cause=d.DropoutCause.WORK),
        lambda: d.PersuasionMade(dropout_id=key, by=d.Persuader.TEACHER),
        lambda: d.DropoutReturned(dropout_id=key),
        lambda: d.TeachingPlanMade(dropout_id=key),
        lambda: d.DropoutRelapsed(dropout_id=key),
        lambda: m.ScreeningCompleted(instrument="MHT", band=pick(list(m.Band))),
        lambda: m.CounsellingDelivered(by=m.Counsellor.TEACHER),
        lambda: m.ReferralUrged(referral_id=key),
        lambda: m.MedicalVisitConfirmed(referral_id=key),
        lambda: m.FollowupRecorded(referral_id=key),
        lambda: e.Applied(application_id=f"P{key}", benefit=s.Benefit.ORPHAN),
        lambda: e.Accepted(application_id=f"P{key}"),
        lambda: e.Checked(application_id=f"P{key}", in_order=True),
        lambda: e.Confirmed(application_id=f"P{key}"),
        lambda: e.Rejected(application_id=f"P{key}", reason=e.Refused.PAPERS),
        lambda: e.Notified(application_id=f"P{key}"),
        lambda: s.EligibilityAssessed(benefit_id=key, type=s.Benefit.ORPHAN,
                                      result=pick(list(s.Eligibility))),
        lambda: s.BenefitGranted(benefit_id=key, type=s.Benefit.ORPHAN, amount_fen=75_000,
                                 from_month="2026-03"),
        lambda: s.BenefitPaid(benefit_id=key, amount_fen=75_000, period="2026-03"),
        lambda: s.BenefitStopped(benefit_id=key, reason=s.Stopping.MOVED, last_month="2026-04"),
    ])()  # fmt: skip


def _said(log: Any, on: date) -> list[tuple[Any, ...]]:
    """What Python says of every case on a day, as known then."""
    events = [msgspec.json.decode(row[4], type=Recorded) for row in log.stored]
    known = [(n, each) for n, each in enumerate(events) if day(each.recorded_at) <= on]
    gone = {each.corrects for _, each in known} - {NO_CHILD}
    kept = sorted((x.occurred_at, n, x) for n, x in known
                  if day(x.occurred_at) <= on and x.event_id not in gone)  # fmt: skip
    kinds = {(each.type, each.kind) for each in MOVES}
    steps: defaultdict[tuple[str, str], list[Step]] = defaultdict(list)
    for _, _, one in kept:
        data = msgspec.json.decode(one.data)
        for kind in [kind for type_, kind in kinds if type_ == one.type]:
            named = next((data[key] for key in KEYS if key in data), "")
            key = str(one.child_id) if kind in BY_CHILD else named
            until = date.fromisoformat(data["end"]) if data.get("end") else None
            steps[kind, key].append(Step(type=one.type, day=day(one.occurred_at),
                                         mark=mark_of(one.type, data), until=until))  # fmt: skip
    values = values_on(ALL_SETTINGS, "520526100201", on)
    made = ((key, case_of(kind, each, on, values)) for (kind, key), each in steps.items())
    return sorted(
        (c.kind, key, c.state, c.state_since, c.next_step, c.actor, c.due_on, int(c.is_law),
         c.overdue_days)
        for key, c in made if c is not None
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_sql_and_python_agree_on_random_histories(
    house_maker: Any, helpers: Any, seed: int
) -> None:
    dice = helpers.dice(seed)
    with house_maker() as house:
        for number in range(6):
            helpers.register(house.log, number)
        for _ in range(800):
            number = dice.randrange(6)
            when = FIRST + timedelta(minutes=dice.randrange(200 * 24 * 60))
            late = timedelta(days=dice.choice((0, 0, 0, 30)))
            house.log.write(_event(dice, number), helpers.kid(number), when, when + late)
        house.catch_up()
        for on in (date(2026, 2, 10), date(2026, 4, 1), date(2026, 7, 20)):
            shown = house.ask(f"SELECT {COLUMNS} FROM cases_as_of(as_of = '{on}') ORDER BY ALL")
            assert shown == _said(house.log, on)
            assert len({row[2] for row in shown}) > 10
        later = "cases_as_known(as_of = '2026-04-01', known_by = '2026-07-20')"
        assert len(house.ask(f"SELECT 1 FROM {later}")) > 0
