"""The hours of one week being spent: who, for what, how many minutes, and who waits next.

The words of the visit list stand here (candidate, line), the order in domain.visit_list.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from domain.duties import DutyStatus
from domain.foresight import Duty, ListedFor, Task


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes (settings of the platform, K). Siblings in one household share the travel."""

    visit: int = 45
    travel: int = 15
    contact: int = 10
    agreement_pause_days: int = 30


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How far duty's leftover hours are given out by score (settings of the platform, K).

    random_share       of a week's visits, drawn by lot, so that there is something to judge by
    pause_days         a household visited so lately is not visited for risk or at random
    most_extra         days on which a household may be visited in 30 days beyond duty and requests
    information_share  of the leftover minutes, at most, for children of whom little is known
    unseen_days        a child whom no visitor saw for so long comes before risk
    regain_days        days in which what a visit may find comes back by 1 − 1/e = 0.63
    call_pause_days    a child contacted so lately is not called before the contact falls due
    even               twice the score is worth 2 ** even = 1.6 times as much
    """

    random_share: float = 0.05
    pause_days: int = 3
    most_extra: int = 3
    information_share: float = 0.2
    unseen_days: int = 120
    regain_days: int = 60
    call_pause_days: int = 14
    even: float = 0.7


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A child that may be listed.

    duties         of the child on the first day of the week (domain.duties.duties_of)
    score          of an approved model, 0 to 1; None: not scored
    risk_reasons   in Chinese, weightiest first
    household      children of one household have the same text; empty: on its own
    extra_days     days of the last 30 on which anyone of the household was visited though neither
                   duty nor a request asked for a visit
    unseen_since   since when no visitor saw the child itself; None: not known
    little_known   there is too little history for a score to mean anything
    asked_on       the day on which help was asked for, not yet answered by a visit
    added, dropped the director's own say this week, with the reason in Chinese
    knocked        another director's list of this week visits the household
    """

    child_id: UUID
    duties: tuple[DutyStatus, ...] = ()
    score: float | None = None
    risk_reasons: tuple[str, ...] = ()
    household: str = ""
    extra_days: tuple[date, ...] = ()
    unseen_since: date | None = None
    little_known: bool = False
    asked_on: date | None = None
    added: str = ""
    dropped: str = ""
    knocked: bool = False

    @property
    def last_visit(self) -> date | None:
        """The director's last visit, as the duty knows it."""
        for each in self.duties:
            if each.duty == "director_visit":
                return each.last_done
        return None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: who, why, what it takes. `duty` is `none` where risk alone put it there.

    listed_for   what gave the child its place
    propensity   the chance that this child would be visited by this list, all else known; None for
                 a contact
    tied         a draw of equals decided its place
    raised_for   what made a visit of a contact that has its place for `listed_for`
    """

    rank: int
    child_id: UUID
    duty: Duty
    task: Task
    score: float | None
    reasons: tuple[str, ...]
    minutes: int
    listed_for: ListedFor = ListedFor.DUTY
    propensity: float | None = None
    tied: bool = False
    raised_for: ListedFor | None = None


class Entry(msgspec.Struct, kw_only=True):
    """A line in the making."""

    candidate: Candidate
    duty: Duty
    task: Task
    minutes: int
    reasons: list[str]
    listed_for: ListedFor
    tied: bool = False
    raised_for: ListedFor | None = None

    @property
    def visited_for(self) -> ListedFor:
        """What the minutes are spent for."""
        return self.raised_for or self.listed_for


def tie_break(day: date, child_id: UUID) -> bytes:
    """The order of equals: fixed for a day, another one the next, and nobody's choice."""
    return hashlib.blake2b(child_id.bytes, key=day.isoformat().encode(), digest_size=8).digest()


class Want(msgspec.Struct, frozen=True, kw_only=True):
    """What asks for a line: as what, for what, and why."""

    duty: Duty
    task: Task
    listed_for: ListedFor
    reasons: Sequence[str] = ()
    tied: bool = False


class Spending:
    """The hours being spent."""

    def __init__(self, minutes_available: int, costs: Costs) -> None:
        self.left = minutes_available
        self.costs = costs
        self.entries: dict[UUID, Entry] = {}
        self.households: set[str] = set()

    def copy(self) -> Spending:
        """The same so far, to be spent otherwise."""
        other = Spending(self.left, self.costs)
        other.entries = {
            child: msgspec.structs.replace(entry, reasons=[*entry.reasons])
            for child, entry in self.entries.items()
        }
        other.households = {*self.households}
        return other

    def cost(self, candidate: Candidate, task: Task) -> int:
        """Minutes on top of what is spent on this child already."""
        if task is Task.CONTACT:
            return self.costs.contact
        shared = candidate.household and candidate.household in self.households
        known = self.entries.get(candidate.child_id)
        spent = known.minutes if known is not None else 0
        return self.costs.visit + (0 if shared else self.costs.travel) - spent

    def add(self, candidate: Candidate, want: Want) -> bool:
        """Spend the minutes on a child; False where they are not there."""
        minutes = self.cost(candidate, want.task)
        if minutes > self.left:
            return False
        self.left -= minutes
        entry = self.entries.get(candidate.child_id)
        if entry is None:
            entry = self.entries[candidate.child_id] = Entry(
                candidate=candidate,
                duty=want.duty,
                task=want.task,
                minutes=0,
                reasons=[],
                listed_for=want.listed_for,
                tied=want.tied,
            )
        elif want.task is not entry.task:
            entry.raised_for = want.listed_for
        entry.task = want.task
        entry.minutes += minutes
        entry.reasons += [each for each in want.reasons if each not in entry.reasons]
        if want.task is Task.VISIT and candidate.household:
            self.households.add(candidate.household)
        return True

    def visited(self, candidate: Candidate) -> bool:
        """Whether the child is on the list for a visit."""
        entry = self.entries.get(candidate.child_id)
        return entry is not None and entry.task is Task.VISIT

    def unvisited(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Those not on the list, or on it for a contact alone."""
        return [each for each in candidates if not self.visited(each)]

    def spend_best(
        self,
        candidates: Sequence[Candidate],
        worth: Callable[[Candidate], float],
        want: Callable[[Candidate], Want],
        tie: Callable[[Candidate], bytes],
    ) -> None:
        """Visits by worth per minute. Siblings of a house that is visited share the way."""

        def standing(index: int) -> tuple[float, bytes, int]:
            each = candidates[index]
            return -worth(each) / max(1, self.cost(each, Task.VISIT)), tie(each), index

        waiting = [standing(index) for index in range(len(candidates))]
        heapq.heapify(waiting)
        done: set[int] = set()
        before = None
        while waiting and self.left >= self.costs.visit - self.costs.contact:
            gain, _, index = heapq.heappop(waiting)
            each = candidates[index]
            if index in done or gain != standing(index)[0]:
                continue
            done.add(index)
            tied = gain == before or (bool(waiting) and waiting[0][0] == gain)
            before = gain
            if not self.add(each, msgspec.structs.replace(want(each), tied=tied)):
                continue
            if each.household:
                for other, sibling in enumerate(candidates):
                    if other not in done and sibling.household == each.household:
                        heapq.heappush(waiting, standing(other))
