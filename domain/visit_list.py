"""走访清单, the visit list: duty first, then risk, within the hours one person has (design §8).

A pure planner. The order:

    1. what is overdue for the child director (visit or contact), most days first
    2. what falls due within the week, earliest first
    3. children whose parents left without a filed care agreement (T5.1): to be urged at a visit,
       unless a visit within the last `agreement_pause_days` did so
    4. with the hours left, visits by risk: score gained per minute. A child on the list for a
       contact alone may be raised to a visit; it keeps its place. Where a duty did not fit, nobody
       is visited for risk
    5. with no approved scores at all (kill switch): visits in the order in which they fall due

Ties go to the higher score, then to a hash keyed with the day: never to the order of the rows. A
visit is a contact too, so a child has one line. Parents' and supervisors' duties do not make lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from domain.duties import DutyStatus
from domain.foresight import Duty

Task = Literal["visit", "contact"]
MOST_RISK_REASONS = 3
LONGEST_REASON = 120
"""Characters of one reason, as in visit_list.child_listed."""

DUTY_TASKS: dict[str, Task] = {"director_visit": "visit", "director_contact": "contact"}
OVERDUE = {"director_visit": Duty.OVERDUE_VISIT, "director_contact": Duty.OVERDUE_CONTACT}
DUE = {"director_visit": Duty.DUE_VISIT, "director_contact": Duty.DUE_CONTACT}


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes (settings of the platform, K). Siblings in one household share the travel."""

    visit: int = 45
    travel: int = 15
    contact: int = 10
    agreement_pause_days: int = 30


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A child that may be listed.

    duties         of the child on the first day of the week (domain.duties.duties_of)
    score          of an approved model, 0 to 1; None: not scored
    risk_reasons   in Chinese, weightiest first
    household      children of one household have the same text; empty: on its own
    """

    child_id: UUID
    duties: tuple[DutyStatus, ...] = ()
    score: float | None = None
    risk_reasons: tuple[str, ...] = ()
    household: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: who, why, what it takes. `duty` is `none` where risk alone put it there."""

    rank: int
    child_id: UUID
    duty: Duty
    task: Task
    score: float | None
    reasons: tuple[str, ...]
    minutes: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A week's lines. `left_out`: children with a duty (steps 1 to 3) for whom no time was left."""

    lines: list[Line]
    minutes: int
    left_out: int


class _Entry(msgspec.Struct, kw_only=True):
    """A line in the making."""

    candidate: Candidate
    duty: Duty
    task: Task
    minutes: int
    reasons: list[str]


class _Week:
    """The hours being spent."""

    def __init__(self, minutes_available: int, costs: Costs) -> None:
        self.left = minutes_available
        self.costs = costs
        self.entries: dict[UUID, _Entry] = {}
        self.households: set[str] = set()

    def cost(self, candidate: Candidate, task: Task) -> int:
        """Minutes on top of what is spent on this child already."""
        if task == "contact":
            return self.costs.contact
        shared = candidate.household and candidate.household in self.households
        known = self.entries.get(candidate.child_id)
        spent = known.minutes if known is not None else 0
        return self.costs.visit + (0 if shared else self.costs.travel) - spent

    def add(self, candidate: Candidate, duty: Duty, task: Task, reasons: Sequence[str]) -> bool:
        """Spend the minutes on a child; False where they are not there."""
        minutes = self.cost(candidate, task)
        if minutes > self.left:
            return False
        self.left -= minutes
        entry = self.entries.setdefault(
            candidate.child_id,
            _Entry(candidate=candidate, duty=duty, task=task, minutes=0, reasons=[]),
        )
        entry.task = task
        entry.minutes += minutes
        entry.reasons += [each for each in reasons if each not in entry.reasons]
        if task == "visit" and candidate.household:
            self.households.add(candidate.household)
        return True


def tie_break(day: date, child_id: UUID) -> bytes:
    """The order of equals: fixed for a day, another one the next, and nobody's choice."""
    return hashlib.blake2b(child_id.bytes, key=day.isoformat().encode(), digest_size=8).digest()


class _Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What duty asks of the week for one child, and how urgently (smaller comes first)."""

    urgency: tuple[int, int]
    candidate: Candidate
    duty: Duty
    task: Task
    reasons: list[str]


def _claim(candidate: Candidate, day: date, costs: Costs) -> _Claim | None:
    """Steps 1 to 3 for one child; None where duty asks nothing of this week."""
    week_end = day + timedelta(days=6)
    own = [each for each in candidate.duties if each.duty in DUTY_TASKS]
    pressing = sorted(
        (each for each in own if each.due_on <= week_end),
        key=lambda each: (each.due_on, each.duty != "director_visit"),
    )
    unsigned = _unsigned(candidate, day, costs)
    reasons = [each.reason for each in (*pressing, *([unsigned] if unsigned else []))]
    if pressing:
        first = pressing[0]
        overdue = first.overdue_days > 0
        visit = unsigned or any(DUTY_TASKS[each.duty] == "visit" for each in pressing)
        return _Claim(
            urgency=(0, -first.overdue_days) if overdue else (1, -first.overdue_days),
            candidate=candidate,
            duty=(OVERDUE if overdue else DUE)[first.duty],
            task="visit" if visit else "contact",
            reasons=reasons,
        )
    if unsigned is not None:
        return _Claim(
            urgency=(2, -unsigned.overdue_days),
            candidate=candidate,
            duty=Duty.NO_AGREEMENT,
            task="visit",
            reasons=reasons,
        )
    return None


def _unsigned(candidate: Candidate, day: date, costs: Costs) -> DutyStatus | None:
    """The overdue care agreement, unless the family was visited, and so urged, lately."""
    owed = {each.duty: each for each in candidate.duties}
    agreement, visit = owed.get("care_agreement"), owed.get("director_visit")
    if agreement is None or agreement.overdue_days <= 0:
        return None
    visited = visit.last_done if visit is not None else None
    pause = timedelta(days=costs.agreement_pause_days)
    return None if visited is not None and day - visited < pause else agreement


def _spend_on_duty(week: _Week, claims: Sequence[_Claim]) -> int:
    """Lines for the claims that fit, in their order; how many did not."""
    return sum(not week.add(c.candidate, c.duty, c.task, c.reasons) for c in claims)


def _unvisited(week: _Week, candidates: Sequence[Candidate]) -> list[Candidate]:
    entries = week.entries
    return [
        each
        for each in candidates
        if each.child_id not in entries or entries[each.child_id].task == "contact"
    ]


def _spend_on_risk(week: _Week, candidates: Sequence[Candidate], day: date) -> None:
    """Step 4: the most score per minute."""

    def gain(each: Candidate) -> tuple[float, bytes]:
        return -(each.score or 0.0) / week.cost(each, "visit"), tie_break(day, each.child_id)

    for each in sorted((c for c in _unvisited(week, candidates) if c.score), key=gain):
        week.add(each, Duty.NONE, "visit", each.risk_reasons[:MOST_RISK_REASONS])


def _spend_in_due_order(week: _Week, candidates: Sequence[Candidate], day: date) -> None:
    """Step 5: no scores; visits in the order in which they fall due."""
    due = [
        (visit.due_on, tie_break(day, each.child_id), each, visit.reason)
        for each in _unvisited(week, candidates)
        for visit in each.duties
        if visit.duty == "director_visit"
    ]
    for _, _, each, reason in sorted(due, key=lambda row: row[:2]):
        week.add(each, Duty.DUE_VISIT, "visit", [reason])


def plan(
    candidates: Sequence[Candidate],
    minutes_available: int,
    *,
    day: date,
    costs: Costs = Costs(),  # noqa: B008 - frozen
    scores_approved: bool = True,
) -> Plan:
    """One director's list for the week that begins on `day`.

    minutes_available   the director's minutes this week; the lines never take more
    scores_approved     False: no score is looked at (kill switch)
    """

    def standing(claim: _Claim) -> tuple[tuple[int, int], float, bytes]:
        score = (claim.candidate.score or 0.0) if scores_approved else 0.0
        return claim.urgency, -score, tie_break(day, claim.candidate.child_id)

    found = (_claim(each, day, costs) for each in candidates)
    claims = sorted((each for each in found if each is not None), key=standing)
    week = _Week(minutes_available, costs)
    left_out = _spend_on_duty(week, claims)
    if not left_out and scores_approved and any(each.score is not None for each in candidates):
        _spend_on_risk(week, candidates, day)
    elif not left_out:
        _spend_in_due_order(week, candidates, day)
    lines = [
        _line(rank, entry, scores_approved)
        for rank, entry in enumerate(week.entries.values(), start=1)
    ]
    return Plan(lines=lines, minutes=minutes_available - week.left, left_out=left_out)


def _line(rank: int, entry: _Entry, scores_approved: bool) -> Line:
    """A finished line: duty's reasons, then at most three of risk's."""
    child = entry.candidate
    risk = child.risk_reasons[:MOST_RISK_REASONS] if scores_approved else ()
    reasons = [*entry.reasons, *(each for each in risk if each not in entry.reasons)]
    return Line(
        rank=rank,
        child_id=child.child_id,
        duty=entry.duty,
        task=entry.task,
        score=child.score if scores_approved else None,
        reasons=tuple(each[:LONGEST_REASON] for each in reasons),
        minutes=entry.minutes,
    )
