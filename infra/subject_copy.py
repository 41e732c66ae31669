"""本人副本 (PIPL 45): all that is held about a child, and who read it, for child or guardian.

Mandatory reports, and what was done about them in secret, are left out, and so is who reported: the
copy may be asked for by whoever the report is about (ADV 14). So are readings on the way to a
report or at its desk, which would say that there is one and by whom, and every break-glass, whose
reason may be that the child is being harmed. The copy says that it may be so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from domain.break_glass import PURPOSE as BREAK_GLASS
from domain.break_glass import BreakGlassClosed, BreakGlassOpened
from domain.event import SHANGHAI
from infra import attachments
from infra.access.reader import Reader
from infra.home import Home
from infra.looking import MOST, looks
from infra.web.child_file import read_file, stated
from infra.web.telling import Told

PURPOSE = "subject_copy"
BEGINNING = date(1990, 1, 1)
UNTOLD_READINGS = frozenset({"report_harm", "report_desk", "reporter", BREAK_GLASS})
"""Purposes of `access.logged` that speak of a report, or of harm that is feared."""

UNTOLD_EVENTS = frozenset({BreakGlassOpened.TYPE, BreakGlassClosed.TYPE})
HELD_BACK = "依法不向申请人提供的内容(如强制报告及报告人)不在副本中,是否有此类内容亦不说明。"


class Line(msgspec.Struct, frozen=True):
    """One thing that happened, as it was recorded."""

    type: str
    label: str
    occurred_at: datetime
    by: str
    source: str
    became: str
    said: list[tuple[str, str]]


class Reading(msgspec.Struct, frozen=True):
    """One reading of the data."""

    at: datetime
    reader: str
    role: str
    purpose: str


class Copy(msgspec.Struct, frozen=True):
    """The whole copy."""

    child_id: UUID
    made_at: datetime
    stated: list[tuple[str, str]]
    events: list[Line]
    attachments: list[str]
    readings: list[Reading]
    held_back: str = HELD_BACK


def subject_copy(home: Home, reader: Reader, child: UUID) -> Copy | None:
    """Record that the copy was made by `reader`, and make it; None: no such child in their place.

    Raises AccessNotRecordedError.
    """
    file = read_file(home, reader, child, purpose=PURPOSE, page="subject-copy")
    if file is None:
        return None
    told = [
        each
        for part in file.parts.values()
        for each in part
        if not each.secret and each.type not in UNTOLD_EVENTS
    ]
    today = home.clock().astimezone(SHANGHAI).date()
    seen = looks(home.warehouse, BEGINNING, today, child=child)[:MOST]
    own = attachments.told(home, child)
    return Copy(
        child_id=child,
        made_at=home.clock().astimezone(UTC),
        stated=stated(file),
        events=[_line(each) for each in sorted(told, key=lambda each: each.at)],
        attachments=[f"{each.media} {each.size} {each.at:%Y-%m-%d}" for each in own],
        readings=[
            Reading(each.at, each.reader, each.role, each.purpose)
            for each in seen
            if each.purpose not in UNTOLD_READINGS
        ],
    )


def _line(each: Told) -> Line:
    return Line(each.type, each.label, each.at, each.who, each.source, each.became, each.details)
