"""类别建议: where the rules and the file differ, a human decides. Nothing happens by itself.

A proposal is computed (domain/categories.py; view `category_decisions`), never stored. Confirmed,
it is `child.category_added` or `child.category_removed` with the proposal's name as its basis;
refused, it is the event below, and does not come back until a fact that it rests on has changed.

Source: domain.md §2.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import msgspec

from domain.categories import Decision
from domain.child_file import Category
from domain.circumstances import Circumstances
from domain.event import Code, Event, event
from domain.terms import Term


class Change(Term):
    ADDED = "added", "纳入"
    REMOVED = "removed", "退出"


@event(
    "category.proposal_refused.v1",
    label="不采纳类别建议",
    stream="fact",
    emitters=("民政",),
    rules=("T8.1", "T11.1"),
)
class ProposalRefused(Event, frozen=True, kw_only=True):
    """不采纳 a proposal of the rules, by the county that looked at the child."""

    category: Category
    change: Change
    basis: Code = "not_stated"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """To add a child to a category or to take it out, and the decision that says why."""

    change: Change
    decision: Decision

    @property
    def basis(self) -> str:
        """What the event that confirms or refuses it names: `proposal:added:orphan:2026-03-01`."""
        return basis_of(self.change, self.decision.category, self.decision.since)


def basis_of(change: Change, category: str, since: date | None) -> str:
    """The name of a proposal, by what it would change and since when the facts say so."""
    return f"proposal:{change.value}:{category}:{since or date.min}"


RECORDED = frozenset(each.value for each in Category)


def proposals(
    decisions: Sequence[Decision], held: Collection[Category], known: Circumstances
) -> list[Proposal]:
    """Where a decision and the categories held differ, and nobody refused it on the same facts."""
    found = []
    names = {each.value for each in held}
    for decision in decisions:
        wrong = {"yes": decision.category not in names, "no": decision.category in names}
        if decision.category in RECORDED and wrong.get(decision.answer, False):
            change = Change.ADDED if decision.answer == "yes" else Change.REMOVED
            refused = known.get(f"refused.{change.value}.{decision.category}")
            if refused is None or (decision.since and refused.last < decision.since):
                found.append(Proposal(change=change, decision=decision))
    return found
