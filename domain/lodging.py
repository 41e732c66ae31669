"""住宿五必须: a hotel that takes in a minor.

A fact about no child of ours: no personal data, only whether the five musts were kept. Sources:
plan L41 (T6.3); UPL 57; 公安部 “五必须”.
"""

from __future__ import annotations

from domain.event import Event, event


@event(
    "lodging.minor_checkin_recorded.v1",
    label="接待未成年人入住",
    stream="fact",
    emitters=("住宿经营者", "公安"),
    rules=("T6.3",),
    sensitivity="general",
    about_child=False,
    levels=("county", "township", "village"),
)
class MinorCheckin(Event, frozen=True, kw_only=True):
    """接待未成年人入住的“五必须”. `suspicion_handled`: none arose, or the police were told."""

    checked_id: bool
    guardian_contacted: bool
    relation_asked: bool
    patrolled: bool
    suspicion_handled: bool
