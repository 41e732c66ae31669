"""What was known by a day, and never later: by both times, for every history a feature reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest

from domain import child_file as c
from domain import guardianship as g
from domain import safety
from domain import subsidy as s
from domain.event import Event
from domain.terms import Parent, Relation, Sex
from domain.vocabulary import EVENTS
from risk import statement
from risk.features import FEATURES
from risk.matrix import Matrix, fetch
from risk.questions import SERIOUS_PROBLEM

DAY = date(2026, 1, 31)
EARLY, BEFORE, AFTER = "2026-01-08", "2026-01-20", "2026-02-03"
WAYS = ("future", "late", "replaced")
SEASONS = {each.name for each in FEATURES if each.topic == "season"}
"""Moved by the calendar alone."""
LISTED = {each.name for each in FEATURES if each.topic == "listed"}
"""Lists of the last week and of later ones are looked past in any case."""
BORN_AND_REGISTERED = {"age", "small_child", "teenager", "days_on_ledger", "new_on_ledger"}
"""Moved by a corrected registration alone, which has a test of its own."""


Row = tuple[str, dict[str, Any]]

FATES = (("lost_contact", "imprisoned"), ("dead", "serious_illness"), ("divorced", "divorced"))
"""Mother and father, by lot."""


def made(row: Row) -> Event:
    """A row as an event."""
    kind, data = row
    return msgspec.convert(data, EVENTS[kind])


def first(n: str, own: str) -> list[Row]:
    """What is seen, heard and done about a child."""
    return [
        ("risk.tier_set.v1", {"tier": "red"}),
        ("visit_plan.set.v1", {"interval_days": 7}),
        *(("child.category_added.v1", {"category": each})
          for each in ("family_poverty", "guardianship_failure", "orphan", "serious_illness")),
        *(("risk.factor_recorded.v1", {"factor": each})
          for each in ("psychological_abnormality", "single_parent", "family_violence", "truancy",
                       "guardianship_improper", "parent_severe_disability", "disaster")),
        ("child.health_status_set.v1", {"status": "chronic"}),
        ("school.enrolled.v1", {"school_code": "S-2", "stage": "junior", "grade": 7,
                                "boarding": True}),
        ("guardian.assessed.v1", {"guardian_id": f"G-{n}", "grade": "poor", "capacity": "none"}),
        ("parent.departed.v1", {"parent": "mother", "place_division": "4403",
                                "expected_return": "2026-01-25"}),
        ("care.deficiency_found.v1", {"agreement_id": f"A-{own}", "kind": "negligent"}),
        ("care_agreement.delegate_assessed.v1", {"agreement_id": f"A-{own}",
                                                 "disqualifiers": ["alcohol"]}),
        *(("visit.completed.v1", {
            "by": "director", "child_seen": False, "child_spoken_alone": True,
            "carer_present": False, "selection": why,
            "concerns": ["living", "guardianship", "schooling", "health", "psychology", "safety",
                         "internet"],
            "checklist": dict.fromkeys(("living", "guardianship", "schooling", "health",
                                        "psychology", "safety", "internet"), "unsafe")})
          for why in ("random", "risk", "request")),
        ("visit.attempt_failed.v1", {"by": "director", "reason": "refused"}),
        *(("contact.logged.v1", {"by": "director", "channel": "in_person", "with_whom": whom})
          for whom in ("child", "parent")),
        *(("parent_contact.logged.v1", {"leg": leg, "parent": "mother", "channel": "video"})
          for leg in ("child", "delegate")),
        *(("problem.found.v1", {"problem_id": f"P-{own}-{kind}", "kind": kind,
                                "severity": "serious", "found_by": "school"})
          for kind in ("safety", "abuse", "guardianship", "psychology")),
        ("report.submitted.v1", {"report_id": f"R-{own}", "to": "police",
                                 "situation": "abandoned_or_unattended",
                                 "reporter_kind": "citizen"}),
        ("report.received.v1", {"report_id": f"R-{own}", "desk": "police"}),
        ("report.accepted.v1", {"report_id": f"R-{own}", "desk": "police"}),
        ("report.investigated.v1", {"report_id": f"R-{own}", "finding": "substantiated"}),
        ("report.measure_taken.v1", {"report_id": f"R-{own}", "measure": "protection_order"}),
        ("benefit.granted.v1", {"benefit_id": f"B-{own}", "type": "subsistence_allowance",
                                "amount_fen": 75_000, "from_month": "2026-01"}),
        ("benefit.stopped.v1", {"benefit_id": f"B-{own}", "reason": "moved",
                                "last_month": "2026-01"}),
        ("household.registered.v1", {"household_id": f"H-{n}", "members": 5, "relocated": True}),
        ("household.income_status_set.v1", {"status": "destitute"}),
        ("household.disaster_hit.v1", {"disaster": "flood", "severe": True}),
        ("eligibility.applied.v1", {"application_id": f"AP-{own}",
                                    "benefit": "subsistence_allowance"}),
        ("charity.aid_given.v1", {"org_id": "O-1"}),
        ("school.absence_flagged.v1", {"school_code": "S-2", "days": 5}),
        ("dropout.suspected.v1", {"dropout_id": f"D-{own}"}),
        ("activity.attended.v1", {"activity_id": "AC-1"}),
        ("pairing.created.v1", {"pairing_id": f"PA-{own}", "kind": "academic",
                                "paired_with": "teacher"}),
        ("mental.screening_completed.v1", {"instrument": "mhs-1", "band": "suspected_illness"}),
        ("mental.counselling_delivered.v1", {"by": "teacher"}),
        ("mental.referral_urged.v1", {"referral_id": f"RE-{own}"}),
        ("mental.crisis_recorded.v1", {"severity": "serious"}),
        ("hotline.advised.v1", {"hotline": "12355"}),
        ("disability.screened.v1", {"suspected": True}),
        ("guardian.guidance_given.v1", {"topics": ["duties"]}),
        ("guardian.admonished_by_committee.v1", {"shortcoming": "neglect"}),
        ("guardian.police_reprimanded.v1", {}),
        ("protection.measure_taken.v1", {"measure": "separated"}),
        ("case.filed.v1", {"kind": "criminal"}),
        ("temp_guardianship.started.v1", {"guardianship_id": f"T-{own}",
                                          "placement": "foster_family"}),
        ("alert.raised.v1", {"alert_id": f"AL-{own}", "kind": "risk"}),
        ("alert.closed.v1", {"alert_id": f"AL-{own}", "founded": True}),
        ("care_plan.adopted.v1", {"responsible_person": "D-1"}),
        ("visit_list.child_listed.v1", {"week": "2026-W03", "village_code": "520526100201",
                                        "worker_id": "D-1", "rank": 1, "duty": "none"}),
    ]  # fmt: skip


def second(n: str, own: str) -> list[Row]:
    """What contradicts it: an agreement that ends, a pupil who leaves, another carer."""
    return [
        ("child.left_ledger.v1", {"reason": "moved_away"}),
        ("child.returned_to_ledger.v1", {}),
        ("child.health_status_set.v1", {"status": "disabled", "disability_grade": 2}),
        ("child.moved.v1", {"residence_division": f"520526{n[:3]}201"}),
        ("school.left.v1", {"school_code": "S-1", "reason": "dropped_out"}),
        ("parent.departed.v1", {"parent": "mother"}),
        ("care_agreement.ended.v1", {"agreement_id": f"A-{own}", "reason": "expired"}),
        ("guardian.linked.v1", {"guardian_id": f"G-{n}-2", "name": "禾姨", "relation": "relative",
                                "is_legal": False}),
        ("eligibility.assessed.v1", {"benefit_id": f"B-{own}-2", "type": "temporary_relief",
                                     "result": "ineligible"}),
        ("problem.found.v1", {"problem_id": f"P-{own}-2", "kind": "living", "severity": "minor",
                              "found_by": "visit"}),
        ("problem.resolved.v1", {"problem_id": f"P-{own}-2", "outcome": "solved"}),
    ]  # fmt: skip


def third(n: str, own: str) -> list[Row]:
    """Parents who come home; an agreement the child had no say in; temporary relief."""
    return [
        ("parent.returned.v1", {"parent": "father"}),
        ("care_agreement.signed.v1", {"agreement_id": f"A-{own}-3", "name": "禾姨",
                                      "relation": "relative", "start": "2026-01-01",
                                      "child_view_heard": False}),
        ("eligibility.assessed.v1", {"benefit_id": f"B-{own}-3", "type": "temporary_relief",
                                     "result": "eligible"}),
        ("benefit.granted.v1", {"benefit_id": f"B-{own}-3", "type": "temporary_relief",
                                "amount_fen": 75_000, "from_month": "2026-01"}),
        ("child.category_removed.v1", {"category": "left_behind_child"}),
    ]  # fmt: skip


def fates(lot: int) -> list[Row]:
    """What became of the parents."""
    return [
        ("parent.status_changed.v1", {"parent": parent, "status": status})
        for parent, status in zip(("mother", "father"), FATES[lot], strict=True)
    ]


def places(n: str) -> list[Row]:
    """What is dangerous near the village, and who looks after it; about no child."""
    return [
        ("hazard.found.v1", {"hazard_id": f"HZ-{n}", "site": "school", "hazard": "fire",
                             "severity": "serious"}),
        ("accident.recorded.v1", {"kind": "drowning", "deaths": 0, "injured": 1}),
        ("water_site.equipped.v1", {"site_id": f"W-{n}", "warning_sign": False,
                                    "life_ring": True, "rope": True, "pole": True}),
        ("worker.appointed.v1", {"worker_id": f"D-{n}", "role": "director",
                                 "place": f"520526{n[:3]}201", "weekly_hours": 9.5}),
    ]  # fmt: skip


LOTS = (first, second, third)


REGISTRATION = c.ChildRegistered(
    name="禾苗",
    id_type=c.IDType.NONE,
    sex=Sex.GIRL,
    birth_date=date(2016, 5, 4),
    hukou_type=c.Hukou.NONE,
    hukou_division="520526",
    residence_division="520526199201",
)


def register(pen: Any, n: str, at: str, recorded: str | None = None) -> str:
    """A child in the village of a number. → its id."""
    fact = msgspec.structs.replace(REGISTRATION, residence_division=f"520526{n[:3]}201")
    return pen.child_of(pen.write(fact, at, recorded))


def linked(carer: str) -> g.GuardianLinked:
    """A grandmother who looks after a child."""
    relation = Relation.MATERNAL_GRANDPARENT
    return g.GuardianLinked(guardian_id=carer, name="禾婆", relation=relation, is_legal=False)


def begin(pen: Any, n: str, own: str) -> str:
    """A pupil with a carer, an agreement and a father away; known early. → its id.

    n     tells the village; own: the child's own references
    """
    child = register(pen, n, "2025-06-01")
    early: list[Any] = [
        linked(f"G-{n}"),
        g.ParentDeparted(parent=Parent.FATHER),
        g.AgreementSigned(
            agreement_id=f"A-{own}",
            name="禾婆",
            relation=Relation.MATERNAL_GRANDPARENT,
            start=date(2025, 6, 3),
            child_view_heard=True,
        ),
        s.EligibilityAssessed(
            benefit_id=f"B-{own}", type=s.Benefit.SUBSISTENCE, result=s.Eligibility.ELIGIBLE
        ),
        c.SchoolEnrolled(school_code="S-1", stage=c.SchoolStage.PRIMARY, grade=4),
        c.CategoryAdded(category=c.Category.LEFT_BEHIND),
    ]
    for fact in early:
        pen.write(fact, "2025-06-03", child=child)
    return child


def matrix(pen: Any, child: str, day: date = DAY) -> Any:
    """The features of one child on one day, shape (features,)."""
    pen.home.catch_up()
    return row(fetch(pen.home.warehouse, [day]), child)


def row(made: Matrix, child: str) -> Any:
    return made.values[list(made.text("child")).index(child)]


class Story:
    """A child and its sibling in a village of their own, and what is planted to both."""

    def __init__(self, pen: Any, way: str, n: str, lot: int) -> None:
        self.pen, self.n, self.village = pen, n, f"520526{n}201"
        self.times = {"future": (AFTER,), "late": (BEFORE, AFTER), "replaced": (EARLY,)}[way]
        site = safety.WaterSiteRegistered(site_id=f"W-{n}", kind=safety.WaterKind.POND)
        pen.write(site, "2025-06-01", place=self.village)
        houses = {own: begin(pen, n, own) for own in (n, f"{n}-s")}
        self.child = houses[n]
        self.rows = [
            (row, {"child": child})
            for own, child in houses.items()
            for row in (*LOTS[lot](n, own), *fates(lot))
        ] + [(row, {"place": self.village}) for row in places(n)]
        self.written: list[tuple[str, dict[str, str]]] = []

    def plant(self) -> None:
        """Write everything, and a third child under the same carer."""
        for row, about in self.rows:
            self._note(made(row), about)
        third = register(self.pen, self.n, *self.times)
        self.written.append((f"e{self.pen.count}", {}))
        self._note(linked(f"G-{self.n}"), {"child": third})

    def take_back(self) -> None:
        """Retract it all, the last first."""
        for id_, about in reversed(self.written):
            self.pen.write(c.RecordRetracted(), AFTER, corrects=id_, **about)

    def _note(self, fact: Event, about: dict[str, str]) -> None:
        self.written.append((self.pen.write(fact, *self.times, **about), about))


@dataclass
class Planted:
    """way → its stories; and everyone's features before anything was planted or taken back."""

    stories: dict[str, list[Story]]
    before: Matrix

    def moved(self, way: str, now: Matrix) -> set[str]:
        """The features that differ for a child of a way."""
        children = [story.child for story in self.stories[way]]
        pairs = ((row(self.before, each), row(now, each)) for each in children)
        names = np.array([each.name for each in FEATURES])
        return {str(name) for was, value in pairs for name in names[was != value]}


@pytest.fixture(scope="module")
def planted(pen: Any) -> Planted:
    """Three lots for each way to be late, in villages of their own."""
    stories = {
        way: [Story(pen, way, f"{number}{lot}", lot) for lot in range(len(LOTS))]
        for number, way in enumerate(WAYS, start=10)
    }
    for story in stories["replaced"]:
        story.plant()
    pen.home.catch_up()
    found = Planted(stories, fetch(pen.home.warehouse, [DAY]))
    for way in ("future", "late"):
        for story in stories[way]:
            story.plant()
    for story in stories["replaced"]:
        story.take_back()
    pen.home.catch_up()
    return found


def test_what_was_not_known_by_the_day_moves_no_feature(pen: Any, planted: Planted) -> None:
    now = fetch(pen.home.warehouse, [DAY])
    assert {way: planted.moved(way, now) for way in WAYS} == {key: set() for key in WAYS}


@pytest.mark.parametrize(
    ("way", "loose"),
    [
        ("future", "1"),
        ("late", "occurred_at < m AND replaced_at >= m"),
        ("replaced", "occurred_at < m AND replaced_at = toDateTime64('2299-12-31', 6, 'UTC')"),
    ],
)
def test_without_its_guard_every_feature_leaks(
    pen: Any, planted: Planted, monkeypatch: pytest.MonkeyPatch, way: str, loose: str
) -> None:
    monkeypatch.setattr(statement, "GUARD", loose)
    still = {each.name for each in FEATURES} - planted.moved(way, fetch(pen.home.warehouse, [DAY]))
    assert still - SEASONS - BORN_AND_REGISTERED - (LISTED if way == "future" else set()) == set()


def test_once_it_is_known_it_counts(pen: Any, planted: Planted) -> None:
    now = fetch(pen.home.warehouse, [date(2026, 2, 3)])
    assert len(planted.moved("late", now)) > 150


def test_a_corrected_birth_and_registration_count_from_the_day_of_the_correction(pen: Any) -> None:
    child = register(pen, "199", "2025-06-01")
    original, before = f"e{pen.count}", matrix(pen, child)
    right = msgspec.structs.replace(REGISTRATION, birth_date=date(2021, 5, 4))
    pen.write(right, "2025-12-24", AFTER, child=child, corrects=original)
    np.testing.assert_array_equal(matrix(pen, child), before)
    now = matrix(pen, child, date(2026, 2, 3))
    moved = {f.name for f, old, new in zip(FEATURES, before, now, strict=True) if old != new}
    assert moved >= BORN_AND_REGISTERED - {"teenager"}


def test_many_days_in_one_pass_are_the_same_as_day_by_day(pen: Any, planted: Planted) -> None:
    days = [date(2025, 9, 30), date(2025, 12, 31), DAY, date(2026, 3, 31)]
    together = fetch(pen.home.warehouse, days)
    for day in days:
        alone = fetch(pen.home.warehouse, [day])
        np.testing.assert_array_equal(together.on([day]).values, alone.values)
        assert together.on([day]).keys == alone.keys


def test_a_province_in_lots_of_villages_is_the_same_as_at_once(
    pen: Any, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fetch(pen.home.warehouse, [DAY])
    monkeypatch.setattr("risk.matrix.ROWS_A_PASS", 12)
    lots = fetch(pen.home.warehouse, [DAY])
    assert lots.keys == whole.keys
    np.testing.assert_array_equal(lots.values, whole.values)


def test_a_label_counts_what_happens_in_the_window_and_is_known_when_it_is_read(
    pen: Any, planted: Planted
) -> None:
    children = {way: stories[0].child for way, stories in planted.stories.items()}

    def labels(day: date, known_by: date) -> dict[str, int]:
        made = fetch(pen.home.warehouse, [day], SERIOUS_PROBLEM, known_by)
        found = dict(zip(made.text("child"), made.label, strict=True))
        return {way: int(found[child]) for way, child in children.items()}

    assert labels(DAY, date(2026, 6, 1)) == {"future": 1, "late": 0, "replaced": 0}
    assert labels(DAY, date(2026, 2, 2)) == {"future": 0, "late": 0, "replaced": 0}
    assert labels(date(2025, 12, 1), date(2026, 6, 1)) == {"future": 1, "late": 1, "replaced": 0}
    assert labels(date(2025, 12, 1), date(2026, 1, 31)) == {"future": 0, "late": 0, "replaced": 1}
    assert labels(date(2025, 12, 1), date(2026, 2, 28)) == {"future": 1, "late": 1, "replaced": 0}
