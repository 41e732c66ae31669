"""Corrections and retractions: what counts, where it stands, and what may be corrected."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.care_plan import AgedOut
from domain.child_file import (
    Category,
    CategoryAdded,
    ChildForgotten,
    ChildRegistered,
    IDType,
    RecordRetracted,
    TierSet,
)
from domain.event import NO_CHILD, Event, event_id
from domain.examples import example
from domain.guardianship import AgreementSigned, DeficiencyFound, ParentDeparted, ParentReturned
from domain.mandatory_report import ReportReceived, ReportSubmitted
from domain.streams import Fact, check_correction, effective, fold, retract
from domain.subsidy import BenefitAdjusted, BenefitGranted, BenefitPaid, BenefitStopped
from domain.subsidy import EligibilityAssessed as Assessed
from domain.terms import Department, Parent, Tier, WorkerRole
from domain.visiting import ProblemFound, VisitCompleted
from domain.vocabulary import EVENTS

VISIT = VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True)
UNSEEN = VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=False)


def tiers(history: list[Fact]) -> list[Tier]:
    return [fact.event.tier for fact in effective(history) if isinstance(fact.event, TierSet)]


def test_a_correction_stands_where_the_corrected_event_stood(story: Any, registration: Any) -> None:
    story.given((0, registration()), (1, TierSet(tier=Tier.RED)), (2, TierSet(tier=Tier.BLUE)))
    story.when_corrected(1, TierSet(tier=Tier.GREEN), happened=1, recorded=9).then_recorded()
    assert tiers(story.history) == [Tier.GREEN, Tier.BLUE]


def test_of_a_chain_of_corrections_only_the_last_counts(story: Any, registration: Any) -> None:
    story.given((0, registration()), (1, TierSet(tier=Tier.RED)))
    story.when_corrected(1, TierSet(tier=Tier.BLUE), happened=1).then_recorded()
    story.when_corrected(2, TierSet(tier=Tier.GREEN), happened=1).then_recorded()
    assert tiers(story.history) == [Tier.GREEN]


def test_an_event_is_corrected_once_and_the_refusal_names_its_correction(story: Any) -> None:
    story.given((0, VISIT)).when_corrected(0, UNSEEN).then_recorded()
    refusal = story.when_corrected(0, VISIT).then_refused("already_corrected", "corrects")
    assert UUID(refusal.value) == story.history[1].event_id


def test_a_retraction_takes_the_fact_away(story: Any, registration: Any) -> None:
    added = CategoryAdded(category=Category.ORPHAN)
    story.given((0, registration()), (1, added)).when_retracted(1).then_recorded()
    story.when(2, added).then_recorded()


def test_retracting_a_correction_takes_the_whole_fact_away(story: Any) -> None:
    story.given((0, VISIT)).when_corrected(0, UNSEEN).when_retracted(1).then_recorded()
    assert effective(story.history) == []


def test_what_was_taken_back_is_not_corrected_but_recorded_again(story: Any) -> None:
    story.given((0, VISIT)).when_retracted(0)
    story.when_corrected(0, UNSEEN).then_refused("already_retracted", "corrects")
    story.when_retracted(0).then_refused("already_retracted", "corrects")


def test_a_retraction_is_final(story: Any) -> None:
    story.given((0, VISIT)).when_retracted(0)
    story.when_retracted(1).then_refused("retraction_is_final", "corrects")


def test_a_correction_has_the_type_of_what_it_corrects(story: Any) -> None:
    story.given((0, VISIT))
    story.when_corrected(0, TierSet(tier=Tier.RED)).then_refused("correction_type", "type")


def test_a_correction_keeps_the_reference_of_its_stream(story: Any) -> None:
    found = example(ProblemFound)
    assert isinstance(found, ProblemFound)
    other = ProblemFound(
        problem_id="p2", kind=found.kind, severity=found.severity, found_by=found.found_by
    )
    story.given((0, found)).when_corrected(0, other).then_refused("correction_key", "problem_id")


def test_a_correction_is_about_the_same_child(story: Any) -> None:
    story.given((0, VISIT))
    story.child = uuid4()
    story.when_corrected(0, UNSEEN).then_refused("correction_child", "subject")


def test_what_is_not_recorded_cannot_be_corrected(story: Any) -> None:
    refusal = retract([], uuid4(), story.at(0))
    assert getattr(refusal, "code", "") == "correction_target_unknown"


def test_a_correction_is_guarded_as_if_it_came_at_the_first_place(
    story: Any, registration: Any
) -> None:
    story.given((0, registration()))
    story.when_corrected(0, registration(id_number=None)).then_refused(
        "id_number_missing", "id_number"
    )
    story.when_corrected(0, registration(ethnicity="miao")).then_recorded()


def test_a_date_may_be_corrected_though_later_events_stand_on_it(story: Any) -> None:
    gone = ParentDeparted(parent=Parent.FATHER)
    story.given((10, gone), (20, ParentReturned(parent=Parent.FATHER)))
    story.when_corrected(0, gone, happened=5, recorded=30).then_recorded()


def test_a_correction_too_may_not_come_from_the_future(story: Any) -> None:
    story.given((0, VISIT))
    story.when_corrected(0, VISIT, happened=5, recorded=4).then_refused("in_future", "time")


def test_a_child_that_was_forgotten_stays_forgotten(story: Any, registration: Any) -> None:
    story.given((0, registration()), (1, ChildForgotten()))
    story.when_retracted(1).then_refused("forgotten_is_final", "corrects")
    story.when_corrected(0, registration()).then_refused("child_forgotten", "subject")
    story.when_corrected(1, ChildForgotten(basis="request")).then_recorded()


def test_a_registration_made_by_mistake_is_taken_back(story: Any, registration: Any) -> None:
    story.given((0, registration())).when_retracted(0).then_recorded()
    story.when(1, TierSet(tier=Tier.RED)).then_refused("child_unknown", "subject")


# --- every type ------------------------------------------------------------------------------

CORRECTABLE = [cls for cls in EVENTS.values() if cls is not RecordRetracted]
FIRST: dict[str, tuple[type[Event], ...]] = {
    "care_agreement": (AgreementSigned,),
    "report": (ReportSubmitted,),
    "benefit": (Assessed,),
}
"""The events that open a stream."""
ORDER_APPLIED = "court.protection_order_applied.v1"
REVOCATION_APPLIED = "court.guardianship_revocation_applied.v1"
DROPOUT = "dropout.confirmed.v1"
NEEDS: dict[str, tuple[str, ...]] = {
    "child.category_removed.v1": ("child.category_added.v1",),
    "child.returned_to_ledger.v1": ("child.left_ledger.v1",),
    "guardian.assessed.v1": ("guardian.linked.v1",),
    "care.parent_notified.v1": (DeficiencyFound.TYPE,),
    "care.delegate_supported.v1": (DeficiencyFound.TYPE,),
    "care.delegate_replaced.v1": (DeficiencyFound.TYPE,),
    "problem.resolved.v1": (ProblemFound.TYPE,),
    "report.transferred.v1": (ReportReceived.TYPE,),
    "report.accepted.v1": (ReportReceived.TYPE,),
    "report.investigated.v1": (ReportReceived.TYPE, "report.accepted.v1"),
    "report.measure_taken.v1": (ReportReceived.TYPE,),
    "report.disposed.v1": (ReportReceived.TYPE, "report.accepted.v1", "report.investigated.v1"),
    "report.feedback_given.v1": (
        ReportReceived.TYPE,
        "report.accepted.v1",
        "report.investigated.v1",
        "report.disposed.v1",
    ),
    **{cls.TYPE: (BenefitGranted.TYPE,) for cls in (BenefitAdjusted, BenefitPaid, BenefitStopped)},
    "worker.ended.v1": ("worker.appointed.v1",),
    "model.retired.v1": ("model.approved.v1",),
    "alert.acknowledged.v1": ("alert.raised.v1",),
    "alert.closed.v1": ("alert.raised.v1",),
    "temp_guardianship.reviewed.v1": ("temp_guardianship.started.v1",),
    "temp_guardianship.ended.v1": ("temp_guardianship.started.v1",),
    "court.protection_order_issued.v1": (ORDER_APPLIED,),
    "court.protection_order_denied.v1": (ORDER_APPLIED,),
    "court.protection_order_extended.v1": (ORDER_APPLIED, "court.protection_order_issued.v1"),
    "court.protection_order_expired.v1": (ORDER_APPLIED, "court.protection_order_issued.v1"),
    "court.guardianship_revocation_decided.v1": (REVOCATION_APPLIED,),
    "court.guardianship_restored.v1": (
        REVOCATION_APPLIED,
        "court.guardianship_revocation_decided.v1",
    ),
    "advice.replied.v1": ("advice.issued.v1",),
    "pairing.ended.v1": ("pairing.created.v1",),
    "dropout.persuasion_made.v1": (DROPOUT,),
    "dropout.returned.v1": (DROPOUT,),
    "dropout.plan_made.v1": (DROPOUT, "dropout.returned.v1"),
    "dropout.relapsed.v1": (DROPOUT, "dropout.returned.v1"),
    "mental.medical_visit_confirmed.v1": ("mental.referral_urged.v1",),
    "mental.followup_recorded.v1": (
        "mental.referral_urged.v1",
        "mental.medical_visit_confirmed.v1",
    ),
    "eligibility.accepted.v1": ("eligibility.applied.v1",),
    "eligibility.notified.v1": ("eligibility.applied.v1", "eligibility.confirmed.v1"),
    "eligibility.checked.v1": ("eligibility.applied.v1",),
    "eligibility.confirmed.v1": ("eligibility.applied.v1",),
    "eligibility.rejected.v1": ("eligibility.applied.v1",),
    "hazard.resolved.v1": ("hazard.found.v1",),
    "network.disposed.v1": ("network.incident_reported.v1",),
    "volunteer.background_checked.v1": ("volunteer.registered.v1",),
    "volunteer.ended.v1": ("volunteer.registered.v1",),
    "volunteer.paired.v1": ("volunteer.registered.v1", "volunteer.background_checked.v1"),
    "children_home.service_delivered.v1": ("children_home.registered.v1",),
    "children_home.demo_designated.v1": ("children_home.registered.v1",),
    **{
        f"institution.{step}.v1": ("institution.registered.v1",)
        for step in (
            "status_changed",
            "upgrade_completed",
            "resource_allocated",
            "inspection_recorded",
            "rehab_designated",
        )
    },
    **{f"org.{step}.v1": ("org.registered.v1",) for step in ("engaged", "commended")},
    **{
        f"water_site.{step}.v1": ("water_site.registered.v1",) for step in ("equipped", "patrolled")
    },
}


def sample(cls: type[Event]) -> Event:
    made = example(cls)
    if made.TYPE == "report.transferred.v1":
        return msgspec.structs.replace(made, to=Department.CIVIL_AFFAIRS)
    if "valid_until" in cls.__struct_fields__:
        return msgspec.structs.replace(made, valid_until=date(2026, 8, 24))
    return made


def road_to(cls: type[Event]) -> list[Event]:
    """What must be recorded before an event of this type."""
    opening = FIRST.get(cls.STREAM, ())
    if cls.STREAM == "child" and cls is not ChildRegistered:
        opening = (ChildRegistered,)
    before = [*opening, *(EVENTS[name] for name in NEEDS.get(cls.TYPE, ()))]
    road = [sample(each) for each in before if each is not cls]
    if cls is AgedOut:
        older = {"birth_date": date(2010, 1, 1), "id_type": IDType.NONE, "id_number": None}
        road = [msgspec.structs.replace(each, **older) for each in road]
    return road


@pytest.mark.parametrize("cls", CORRECTABLE, ids=lambda cls: cls.TYPE)
def test_every_type_can_be_recorded_years_late(story: Any, cls: type[Event]) -> None:
    story.given(*((day, event) for day, event in enumerate(road_to(cls), start=500)))
    story.when(520, sample(cls), recorded=520 + 3 * 365).then_recorded()


@pytest.mark.parametrize("cls", CORRECTABLE, ids=lambda cls: cls.TYPE)
def test_every_type_can_be_corrected_and_its_correction_corrected_and_taken_back(
    story: Any, cls: type[Event]
) -> None:
    story.given(*((day, event) for day, event in enumerate(road_to(cls), start=500)))
    story.given((520, sample(cls)))
    last = len(story.history) - 1
    story.when_corrected(last, sample(cls), happened=521, recorded=900).then_recorded()
    story.when_corrected(last + 1, sample(cls), happened=522, recorded=901).then_recorded()
    assert [fact.occurred_at for fact in effective(story.history)][-1] == story.at(522).occurred_at
    if cls is not ChildForgotten:
        story.when_retracted(last + 2).then_recorded()
        assert len(effective(story.history)) == last


# --- folding ---------------------------------------------------------------------------------


def a_fact(number: int, tier: Tier, moment: Any, corrects: UUID = NO_CHILD) -> Fact:
    return Fact(
        event_id=event_id("fold", str(number)),
        event=TierSet(tier=tier),
        occurred_at=moment,
        recorded_at=moment,
        corrects=corrects,
    )


@given(data=st.data())
def test_folding_with_corrections_is_folding_the_corrected_history(data: Any) -> None:
    """Against a plain model: a list in which corrections overwrite and retractions delete."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    days = st.integers(0, 400)
    history: list[Fact] = []
    model: list[list[Any]] = []  # [tier, day, id of the standing version]
    for number in range(data.draw(st.integers(1, 25))):
        tier, day = data.draw(st.sampled_from(list(Tier))), data.draw(days)
        standing = [row for row in model if row[2] is not None]
        step = (
            data.draw(st.sampled_from(["record", "correct", "retract"])) if standing else "record"
        )
        if step == "record":
            history.append(a_fact(number, tier, start + timedelta(day)))
            model.append([tier, day, history[-1].event_id])
            continue
        row = data.draw(st.sampled_from(standing))
        fact = a_fact(number, tier, start + timedelta(day), corrects=row[2])
        if step == "correct":
            history.append(fact)
            row[:] = [tier, day, fact.event_id]
        else:
            taken = Fact(
                event_id=fact.event_id,
                event=RecordRetracted(),
                occurred_at=fact.occurred_at,
                recorded_at=fact.recorded_at,
                corrects=row[2],
            )
            history.append(taken)
            row[2] = None
    plain = [
        a_fact(100 + i, tier, start + timedelta(day))
        for i, (tier, day, standing) in enumerate(model)
        if standing is not None
    ]
    assert fold("child", history) == fold("child", plain)
    assert tiers(history) == tiers(plain)


def test_a_correction_whose_target_is_elsewhere_counts_where_it_is(story: Any) -> None:
    stray = a_fact(1, Tier.RED, story.at(0).occurred_at, corrects=uuid4())
    assert effective([stray]) == [stray]


def test_checking_a_correction_changes_no_history(story: Any) -> None:
    story.given((0, VISIT))
    before = list(story.history)
    assert check_correction(story.history, UNSEEN, story.at(1), before[0].event_id) is None
    assert story.history == before
