"""走访清单, the visit list: duty first, then risk, within the hours one person has (design §8).

A pure planner. The order:

    0. a child for whom help was asked, until it is visited
    1. what is overdue for the child director (visit or contact), most days first
    2. what falls due within the week, earliest first
    3. children whose parents left without a filed care agreement (T5.1): to be urged at a visit,
       unless a visit within the last `agreement_pause_days` did so
    4. whom the director adds, and children whom no visitor has seen for `unseen_days`
    5. with the hours left: children of whom little is known, within a share of those hours; then
       visits by risk, worth gained per minute. A child on the list for a contact alone may be
       raised to a visit; it keeps its place. Where a duty did not fit, nobody is visited for risk.
       A household visited within `pause_days`, on the list of the village's other director, or on
       `most_extra` of the last 30 days beyond duty and requests, is left in peace: a day is one
       knock at the door, however many siblings were seen behind it
    6. a share of the visits is drawn by lot, out of the hours of step 5
    7. with no approved scores at all (kill switch): steps 0 to 3, whom the director adds, then
       visits in the order in which they fall due. No score, no lot
    8. with minutes that no visit fits in: contacts before they fall due, earliest first; nobody is
       called whom the director had contact with within `call_pause_days`

No score moves anyone in steps 0 to 4 and 8 but between equals: help that was asked for, and duty,
do not depend on a number. Ties go to the higher score, then to a hash keyed with the day: never to
the order of the rows. A visit is a contact too, so a child has one line. Parents' and supervisors'
duties do not make lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from math import expm1
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain.duties import DutyStatus
from domain.foresight import Duty, ListedFor, Task
from domain.visit_week import Candidate, Costs, Entry, Line, Rules, Spending, Want, tie_break

__all__ = ["Candidate", "Costs", "Line", "Plan", "Rules", "Task", "plan", "tie_break"]

T = TypeVar("T")

MOST_RISK_REASONS = 3
LONGEST_REASON = 120
"""Characters of one reason, as in visit_list.child_listed."""

DUTY_TASKS = {"director_visit": Task.VISIT, "director_contact": Task.CONTACT}
OVERDUE = {"director_visit": Duty.OVERDUE_VISIT, "director_contact": Duty.OVERDUE_CONTACT}
DUE = {"director_visit": Duty.DUE_VISIT, "director_contact": Duty.DUE_CONTACT}

ASKED = "已求助,应尽快上门"
LITTLE_KNOWN = "信息不足,需上门了解情况"
UNSEEN = "已{days}天未见到儿童本人"
BY_LOT = "随机走访(按比例抽取,用于检验清单)"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A week's lines. `left_out`: children with a duty (steps 0 to 3) for whom no time was left.

    lot   the chance with which this week had a visit drawn by lot
    """

    lines: list[Line]
    minutes: int
    left_out: int
    lot: float = 0.0


class _Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the week for one child, and how urgently (smaller comes first).

    call   the contact that is due besides, where there is no time for the visit
    """

    urgency: tuple[int, int]
    candidate: Candidate
    want: Want
    call: Want | None = None


def _claim(candidate: Candidate, day: date, costs: Costs) -> _Claim | None:
    """Steps 0 to 3 for one child; None where nothing is asked of this week."""
    week_end = day + timedelta(days=6)
    own = [each for each in candidate.duties if each.duty in DUTY_TASKS]
    pressing = sorted(
        (each for each in own if each.due_on <= week_end),
        key=lambda each: (each.due_on, each.duty != "director_visit"),
    )
    unsigned = _unsigned(candidate, day, costs)
    reasons = [each.reason for each in (*pressing, *([unsigned] if unsigned else []))]
    asked = candidate.asked_on is not None
    if asked:
        reasons = [ASKED, *reasons]
    if not pressing and unsigned is None and not asked:
        return None
    visit = asked or unsigned or any(DUTY_TASKS[each.duty] is Task.VISIT for each in pressing)
    if pressing:
        first = pressing[0]
        overdue = first.overdue_days > 0
        duty = (OVERDUE if overdue else DUE)[first.duty]
        urgency = (0 if overdue else 1, -first.overdue_days)
    elif unsigned is not None:
        duty, urgency = Duty.NO_AGREEMENT, (2, -unsigned.overdue_days)
    else:
        duty, urgency = Duty.NONE, (0, 0)
    if candidate.asked_on is not None:
        urgency = (-1, -(day - candidate.asked_on).days)
    want = Want(
        duty=duty,
        task=Task.VISIT if visit else Task.CONTACT,
        listed_for=ListedFor.REQUEST if asked else ListedFor.DUTY,
        reasons=reasons,
    )
    return _Claim(urgency=urgency, candidate=candidate, want=want, call=_call(pressing, want))


def _call(pressing: Sequence[DutyStatus], want: Want) -> Want | None:
    """The contact alone, where one is due beside the visit that is wanted."""
    due = [each for each in pressing if DUTY_TASKS[each.duty] is Task.CONTACT]
    if want.task is Task.CONTACT or not due:
        return None
    duty = (OVERDUE if due[0].overdue_days > 0 else DUE)[due[0].duty]
    return msgspec.structs.replace(want, duty=duty, task=Task.CONTACT)


def _spend_on_claims(week: Spending, claims: Sequence[_Claim]) -> int:
    """Lines for the claims that fit, in their order; how many did not, or by a call alone."""
    left_out = 0
    for each in claims:
        if not week.add(each.candidate, each.want):
            left_out += 1
            if each.call is not None:
                week.add(each.candidate, each.call)
    return left_out


def _unsigned(candidate: Candidate, day: date, costs: Costs) -> DutyStatus | None:
    """The overdue care agreement, unless the family was visited, and so urged, lately."""
    owed = {each.duty: each for each in candidate.duties}
    agreement, visit = owed.get("care_agreement"), owed.get("director_visit")
    if agreement is None or agreement.overdue_days <= 0:
        return None
    visited = visit.last_done if visit is not None else None
    pause = timedelta(days=costs.agreement_pause_days)
    return None if visited is not None and day - visited < pause else agreement


class _Planner:
    """One director's week: what is asked, who may be visited beyond it, and by what worth."""

    def __init__(self, candidates: Sequence[Candidate], day: date, rules: Rules, scored: bool):
        self.candidates, self.day, self.rules, self.scored = candidates, day, rules, scored
        self.paused = self._paused()

    def tie(self, candidate: Candidate) -> bytes:
        """A place among equals."""
        return tie_break(self.day, candidate.child_id)

    def house(self, candidate: Candidate) -> object:
        """What siblings have in common."""
        return candidate.household or candidate.child_id

    def _paused(self) -> set[object]:
        """Households that are left in peace this week."""
        since = self.day - timedelta(days=self.rules.pause_days)
        knocks: dict[object, set[date]] = {}
        found: set[object] = set()
        for each in self.candidates:
            house = self.house(each)
            knocks.setdefault(house, set()).update(each.extra_days)
            lately = each.last_visit is not None and each.last_visit >= since
            if lately or each.knocked:
                found.add(house)
        return found | {h for h, days in knocks.items() if len(days) >= self.rules.most_extra}

    def score(self, candidate: Candidate) -> float:
        """The score, where scores are looked at at all."""
        return (candidate.score or 0.0) if self.scored else 0.0

    def worth(self, candidate: Candidate) -> float:
        """What a visit now is worth: the score, and how long harm may have gone unseen.

        With t days since the last visit the worth of the next one is score ** `even` times
        1 − exp(−t / `regain_days`): what one visit more a year prevents, of harm that lasts for
        months, may be overlooked, and ends or is seen by others too. By the score alone a few
        families would be crowded, whose next trouble begins where the last was helped.
        """
        even: float = self.score(candidate) ** self.rules.even
        last = candidate.last_visit
        if last is None or self.rules.regain_days <= 0:
            return even
        return even * -expm1(-max(0, (self.day - last).days) / self.rules.regain_days)

    def claims(self, costs: Costs) -> list[_Claim]:
        """Steps 0 to 3, in their order; equals that a draw put in order are marked."""
        found = (_claim(each, self.day, costs) for each in self.candidates)
        standing = (
            ((*each.urgency, -self.score(each.candidate)), each.candidate, each)
            for each in found
            if each is not None
        )
        return [
            msgspec.structs.replace(
                each,
                want=_marked(each.want, tied),
                call=None if each.call is None else _marked(each.call, tied),
            )
            for _, each, tied in self.ordered(standing)
        ]

    def ordered(
        self, standing: Iterable[tuple[Any, Candidate, T]]
    ) -> Iterator[tuple[Candidate, T, bool]]:
        """By what they stand on, least first; among equals by draw, and then it is said so."""
        rows = sorted(standing, key=lambda row: (row[0], self.tie(row[1])))
        keys = [row[0] for row in rows]
        for i, (key, candidate, more) in enumerate(rows):
            yield candidate, more, key in (keys[i - 1 : i] + keys[i + 1 : i + 2])

    def spend_on_added(self, week: Spending) -> None:
        """Step 4: whom the director adds."""
        added = ((0, each, each.added) for each in week.unvisited(self.candidates) if each.added)
        for each, words, tied in self.ordered(added):
            week.add(each, _want(ListedFor.ADDED, [words], tied))

    def spend_on_unseen(self, week: Spending) -> None:
        """Step 4: whom nobody has seen for long."""
        limit = self.day - timedelta(days=self.rules.unseen_days)
        unseen = (
            (each.unseen_since, each, each.unseen_since)
            for each in week.unvisited(self.candidates)
            if each.unseen_since is not None and each.unseen_since < limit and not each.dropped
        )
        for each, since, tied in self.ordered(unseen):
            days = (self.day - since).days
            week.add(each, _want(ListedFor.UNSEEN, [UNSEEN.format(days=days)], tied))

    def free(self, week: Spending) -> list[Candidate]:
        """Who may be visited beyond what is asked."""
        return [
            each
            for each in week.unvisited(self.candidates)
            if self.house(each) not in self.paused and not each.dropped
        ]

    def spend_beyond(self, week: Spending, reserve: int) -> None:
        """Step 5, leaving so many minutes for the lot."""
        week.left -= reserve
        free = self.free(week)
        share = int(week.left * self.rules.information_share)
        saved, week.left = week.left - share, share
        little = ((-self.score(each), each, LITTLE_KNOWN) for each in free if each.little_known)
        for each, words, tied in self.ordered(little):
            week.add(each, _want(ListedFor.INFORMATION, [words], tied))
        week.left += saved
        known = [each for each in self.free(week) if each.score and not each.little_known]
        week.spend_best(
            known,
            self.worth,
            lambda each: _want(ListedFor.RISK, each.risk_reasons[:MOST_RISK_REASONS]),
            self.tie,
        )
        week.left += reserve

    def spend_on_calls(self, week: Spending) -> None:
        """Step 8, with what is left."""
        since = self.day - timedelta(days=self.rules.call_pause_days)
        waiting = (
            ((owed.due_on, -self.worth(each)), each, owed.reason)
            for each in self.candidates
            for owed in each.duties
            if owed.duty == "director_contact" and each.child_id not in week.entries
            if not each.dropped and (owed.last_done is None or owed.last_done < since)
        )
        for each, reason, tied in self.ordered(waiting):
            week.add(each, _ahead(Duty.DUE_CONTACT, reason, tied))

    def spend_in_due_order(self, week: Spending) -> None:
        """Step 7: visits in the order in which they fall due."""
        waiting = (
            (owed.due_on, each, owed.reason)
            for each in week.unvisited(self.candidates)
            for owed in each.duties
            if owed.duty == "director_visit" and not each.dropped
        )
        for each, reason, tied in self.ordered(waiting):
            week.add(each, _ahead(Duty.DUE_VISIT, reason, tied))


def at_rest(
    candidates: Sequence[Candidate],
    day: date,
    rules: Rules = Rules(),  # noqa: B008 - frozen
) -> set[UUID]:
    """Whose household is left in peace in the week that begins on `day`."""
    planner = _Planner(candidates, day, rules, scored=False)
    return {each.child_id for each in candidates if planner.house(each) in planner.paused}


def _want(listed_for: ListedFor, reasons: Sequence[str], tied: bool = False) -> Want:
    return Want(duty=Duty.NONE, task=Task.VISIT, listed_for=listed_for, reasons=reasons, tied=tied)


def _ahead(duty: Duty, reason: str, tied: bool) -> Want:
    """What falls due later than this week."""
    task = Task.CONTACT if duty is Duty.DUE_CONTACT else Task.VISIT
    listed_for = ListedFor.DUE_ORDER
    return Want(duty=duty, task=task, listed_for=listed_for, reasons=[reason], tied=tied)


def _marked(want: Want, tied: bool) -> Want:
    return msgspec.structs.replace(want, tied=tied)


def drawn(day: date, *what: str) -> float:
    """A number from 0 to 1 that a day and some words give, and nobody chooses."""
    text = "\0".join(what).encode()
    made = hashlib.blake2b(text, key=day.isoformat().encode(), digest_size=8, person=b"lot")
    return int.from_bytes(made.digest(), "big") / 2**64


def plan(
    candidates: Sequence[Candidate],
    minutes_available: int,
    *,
    day: date,
    costs: Costs = Costs(),  # noqa: B008 - frozen
    rules: Rules = Rules(),  # noqa: B008 - frozen
    scores_approved: bool = True,
    worker: str = "",
) -> Plan:
    """One director's list for the week that begins on `day`.

    minutes_available   the director's minutes this week; the lines never take more
    scores_approved     False: no score is looked at (kill switch)
    worker              whose list it is: each director's lot is drawn apart
    """
    planner = _Planner(candidates, day, rules, scores_approved)
    week = Spending(minutes_available, costs)
    left_out = _spend_on_claims(week, planner.claims(costs))
    lot = 0.0
    chances: dict[UUID, float] = {}
    if not left_out:
        planner.spend_on_added(week)
    if not left_out and scores_approved and any(each.score is not None for each in candidates):
        planner.spend_on_unseen(week)
        week, lot, chances = _with_lot(planner, week, minutes_available, worker)
    elif not left_out:
        planner.spend_in_due_order(week)
    planner.spend_on_calls(week)
    lines = [
        _line(rank, entry, scores_approved, chances)
        for rank, entry in enumerate(week.entries.values(), start=1)
    ]
    return Plan(lines=lines, minutes=minutes_available - week.left, left_out=left_out, lot=lot)


def _with_lot(
    planner: _Planner, week: Spending, minutes: int, worker: str
) -> tuple[Spending, float, dict[UUID, float]]:
    """Steps 5 and 6. → the week, the chance of a lot, each child's chance of being visited.

    Two lists are made: without a lot, and with the hours of one visit kept back. The lot falls on
    one of those that the second leaves out, each with the same chance. So a child's propensity is
    (1 − lot)·[on the first] + lot·([on the second] or 1 / how many were left out).
    """
    visit = week.costs.visit + week.costs.travel
    with_one = week.copy()
    planner.spend_beyond(without := week.copy(), 0)
    lot = min(1.0, planner.rules.random_share * minutes / visit) if week.left >= visit else 0.0
    if lot <= 0:
        return without, 0.0, {}
    planner.spend_beyond(with_one, visit)
    pool = sorted(planner.free(with_one), key=lambda each: each.child_id)
    if not pool:
        return without, 0.0, {}
    chosen = without
    if drawn(planner.day, worker, "whether") < lot:
        each = pool[int(drawn(planner.day, worker, "whom") * len(pool))]
        with_one.add(each, _want(ListedFor.RANDOM, [BY_LOT]))
        chosen = with_one
    out_of_pool = {each.child_id for each in pool}
    chances = {
        each.child_id: (1 - lot) * without.visited(each)
        + lot * (1 / len(pool) if each.child_id in out_of_pool else with_one.visited(each))
        for each in planner.candidates
    }
    return chosen, lot, chances


def _line(rank: int, entry: Entry, scores_approved: bool, chances: dict[UUID, float]) -> Line:
    """A finished line: duty's reasons, then at most three of risk's."""
    child = entry.candidate
    risk = child.risk_reasons[:MOST_RISK_REASONS] if scores_approved else ()
    if entry.visited_for is ListedFor.RANDOM:
        risk = ()
    reasons = [*entry.reasons, *(each for each in risk if each not in entry.reasons)]
    return Line(
        rank=rank,
        child_id=child.child_id,
        duty=entry.duty,
        task=entry.task,
        score=child.score if scores_approved else None,
        reasons=tuple(each[:LONGEST_REASON] for each in reasons),
        minutes=entry.minutes,
        listed_for=entry.listed_for,
        propensity=chances.get(child.child_id, 1.0) if entry.task is Task.VISIT else None,
        tied=entry.tied,
        raised_for=entry.raised_for,
    )
