"""评分的说法: a score in words, among the children scored on the same day. Never a bare number.

A score says who might rather be seen first; it is no finding. A child of whom little is known is
not "low": it is to be got to know (issue of every ranking made of records).
"""

from __future__ import annotations

from datetime import date, timedelta

from domain.terms import Term

FIRST_SHARE, SOON_SHARE = 0.05, 0.20
"""Of the children scored on the day."""

NEW_DAYS = 90
"""So short on the ledger, there is little to know."""


class Band(Term):
    FIRST = "first", "最需要先去看看"
    SOON = "soon", "较需要先去看看"
    LIKE_MOST = "like_most", "与多数孩子相近"
    UNKNOWN = "unknown", "了解还不够,先去了解"


def band(higher_share: float, *, registered: date, last_visit: date | None, on: date) -> Band:
    """The band of a child.

    higher_share   share of the day's scored children whose score is higher
    last_visit     None: never visited
    """
    if higher_share < FIRST_SHARE:
        return Band.FIRST
    if last_visit is None or on - registered < timedelta(days=NEW_DAYS):
        return Band.UNKNOWN
    return Band.SOON if higher_share < SOON_SHARE else Band.LIKE_MOST
