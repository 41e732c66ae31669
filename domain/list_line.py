"""清单上的一行怎么说: what a line asks for and why, in few words; what its visit is for.

Lists before November 2026 do not say whether a line is a visit or a call; of them the duty is told.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import msgspec

from domain.foresight import Duty, ListedFor, Task
from domain.terms import Term
from domain.visiting import Selection


class Said(Term):
    """What a line says besides its task, its duty and what gave it its place."""

    FIRST = "first_to_see", "优先走访"
    VISIT_AHEAD = "visit_ahead_of_time", "提前走访"
    CALL_AHEAD = "contact_ahead_of_time", "提前联系"
    FOR_RISK = "visit_instead_because_of_risk", "因风险改上门"
    FOR_REQUEST = "visit_instead_as_asked", "应请求改上门"
    FOR_ADDED = "visit_instead_by_director", "儿童主任改上门"
    FOR_UNSEEN = "visit_instead_unseen_for_long", "久未见到,改上门"
    FOR_INFORMATION = "visit_instead_little_known", "信息不足,改上门"
    FOR_RANDOM = "visit_instead_by_lot", "随机抽中改上门"
    FOR_DUTY = "visit_instead_ahead_of_time", "提前走访代联系"


RAISED = {
    ListedFor.RISK: Said.FOR_RISK, ListedFor.REQUEST: Said.FOR_REQUEST,
    ListedFor.ADDED: Said.FOR_ADDED, ListedFor.UNSEEN: Said.FOR_UNSEEN,
    ListedFor.INFORMATION: Said.FOR_INFORMATION, ListedFor.RANDOM: Said.FOR_RANDOM,
    ListedFor.DUE_ORDER: Said.FOR_DUTY, ListedFor.DUTY: Said.FOR_DUTY,
}  # fmt: skip
"""What made a visit of a call → how a line says so."""

SELECTIONS = {
    ListedFor.DUTY: Selection.DUTY, ListedFor.DUE_ORDER: Selection.DUTY,
    ListedFor.RISK: Selection.RISK, ListedFor.RANDOM: Selection.RANDOM,
    ListedFor.REQUEST: Selection.REQUEST, ListedFor.ADDED: Selection.OTHER,
    ListedFor.UNSEEN: Selection.OTHER, ListedFor.INFORMATION: Selection.OTHER,
}  # fmt: skip

EXTRA = (Selection.RISK, Selection.RANDOM, Selection.OTHER)
"""Visits that neither duty nor a request asked for: a household's ceiling counts their days."""


class ListLine(NamedTuple):
    """What a line asks for, and for what. None: the list did not say."""

    duty: Duty
    listed_for: ListedFor | None
    task: Task | None
    raised_for: ListedFor | None

    @classmethod
    def stored(cls, duty: str, listed_for: str, task: str, raised_for: str) -> Self:
        """From a read model's columns; empty: the list did not say."""
        said = (duty, listed_for or None, task or None, raised_for or None)
        return msgspec.convert(said, cls)

    @property
    def ahead(self) -> bool:
        """Whether nothing falls due yet, and nothing but spare minutes put it there."""
        return self.listed_for is ListedFor.DUE_ORDER

    @property
    def why(self) -> list[Term]:
        """Why it stands there, and why as a visit where a call would do; without the task."""
        raised = [] if self.raised_for is None else [RAISED[self.raised_for]]
        return [*self._why(), *raised]

    def _why(self) -> list[Term]:
        if self.ahead:
            call = self.duty is Duty.DUE_CONTACT
            return [Said.CALL_AHEAD if call else Said.VISIT_AHEAD]
        if self.duty is Duty.NONE:
            return [self.listed_for or Said.FIRST]
        asked = self.listed_for is ListedFor.REQUEST
        return [ListedFor.REQUEST, self.duty] if asked else [self.duty]

    @property
    def selection(self) -> Selection:
        """What a visit of this line is made for. Where a call will do, the visitor chose it."""
        why = self.raised_for or self.listed_for
        return Selection.OTHER if why is None or self.task is Task.CONTACT else SELECTIONS[why]
