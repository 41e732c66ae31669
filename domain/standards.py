"""救助标准: the local standards that amounts are reckoned from, set by a county from a month on.

Guizhou's standards were not to be had (domain.md §6), so none is built in: where no county,
prefecture or province has set one, an amount is not judged. Source: plan L49 (T9.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.event import Event, Month, event
from domain.subsidy import Benefit, Positive, special_hardship_amount
from domain.terms import Term


class Standard(Term):
    RURAL_SUBSISTENCE = "rural_subsistence", "农村低保标准"
    ORPHAN_DISPERSED = "orphan_dispersed", "散居孤儿基本生活费标准"
    ORPHAN_INSTITUTIONAL = "orphan_institutional", "集中养育孤儿基本生活费标准"
    DE_FACTO = "de_facto_unsupported", "事实无人抚养儿童基本生活补贴标准"


@event(
    "subsidy.standard_set.v1",
    label="发布救助标准",
    stream="fact",
    emitters=("民政",),
    rules=("T9.1", "T9.2"),
    sensitivity="general",
    about_child=False,
    levels=("county", "prefecture", "province"),
)
class StandardSet(Event, frozen=True, kw_only=True):
    """发布标准, fen a month, at the event's place. Of several places, the nearest counts."""

    standard: Standard
    amount_fen: Positive
    from_month: Month


OF: dict[str, tuple[str, ...]] = {
    Benefit.SPECIAL_HARDSHIP.value: ("rural_subsistence",),
    Benefit.ORPHAN.value: ("orphan_dispersed", "orphan_institutional"),
    Benefit.DE_FACTO.value: ("de_facto_unsupported",),
}
"""Benefit → the standards of which one is its amount; of the hardship allowance: 30 % of it."""


class Set(NamedTuple):
    """One standard as it was set. In the order of time."""

    place: str
    standard: str
    from_month: str
    amount_fen: int


def standard(sets: Iterable[Set], name: str, place: str, month: str) -> int:
    """Fen of a standard at a place in a month; 0 where none is set.

    The nearest place around that has set one; of its settings the latest start, the last said.
    """
    around = [
        each
        for each in sets
        if each.standard == name and place.startswith(each.place) and each.from_month <= month
    ]
    if not around:
        return 0
    nearest = max(len(each.place) for each in around)
    own = [each for each in around if len(each.place) == nearest]
    start = max(each.from_month for each in own)
    return [each.amount_fen for each in own if each.from_month == start][-1]


def expected(sets: Iterable[Set], benefit: str, place: str, month: str) -> tuple[int, ...]:
    """The amounts that are right for a benefit, a place and a month; empty: not judged."""
    known = [*sets]
    fen = [standard(known, name, place, month) for name in OF.get(benefit, ())]
    if benefit == Benefit.SPECIAL_HARDSHIP.value:
        return tuple(special_hardship_amount(each) for each in fen if each)
    return tuple(each for each in fen if each)
