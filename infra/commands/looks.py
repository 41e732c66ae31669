"""`shouhe looks`: who looked at which child, by pseudonym; anomalous days with their reasons."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from domain.errors import WrongUsageError
from domain.event import SHANGHAI
from domain.looking import Oddity
from infra.console import DONE, emit_json, out, table
from infra.home import Home
from infra.looking import MOST, Look
from infra.looking import anomalies as odd_days
from infra.looking import looks as found_looks
from infra.oversight import asked_of
from infra.settings import from_environment

WINDOW = timedelta(days=28)
SHOWN = 50


def looks(
    *,
    child: str = "",
    reader: str = "",
    anomalies: bool = False,
    since: date | None = None,
    until: date | None = None,
    place: str = "",
    json: bool = False,
) -> int:
    """Who read the personal data of which child, the latest first; or the days worth a question.

    Children stand here by our child id alone. At most 500 readings are listed.

    Parameters
    ----------
    child
        Only readings of this child: our child id.
    reader
        Only readings by this person.
    anomalies
        Not the readings, but days on which someone read more, later or elsewhere than usual.
    since
        The first day (YYYY-MM-DD); 27 days before the last if left out.
    until
        The last day; today if left out.
    place
        Only children of this place, by the beginning of its code.
    json
        Print one JSON array: of `child_id`, `at`, `reader`, `role`, `purpose`, `page`, `place`; or
        of `reader`, `role`, `day`, `why`, `said`.
    """
    last = until or datetime.now(SHANGHAI).date()
    first = since or last - WINDOW + timedelta(days=1)
    named = _child(child)
    with Home(from_environment()) as home:
        asked_of(home, place)
        if anomalies:
            odd = odd_days(home.warehouse, first, last, place)
            return _tell_odd(odd, json=json)
        found = found_looks(home.warehouse, first, last, child=named, reader=reader, place=place)
    if json:
        emit_json([each._asdict() for each in found])
        return DONE
    table(f"查看记录 {first} 至 {last}", ("时间", "谁", "角色", "孩子", "为什么", "哪里"),
          [_line(each) for each in found[:SHOWN]])  # fmt: skip
    if len(found) > SHOWN:
        out(f"共 {len(found)} 次(至多列 {MOST}),--json 给出全部")
    return DONE


def _line(each: Look) -> tuple[object, ...]:
    at = f"{each.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return at, each.reader, each.role, each.child_id, each.purpose, each.page


def _tell_odd(found: list[Oddity], *, json: bool) -> int:
    if json:
        emit_json([each._asdict() for each in found])
        return DONE
    rows = [(each.day, each.reader, each.role, each.why.label, each.said) for each in found]
    table("值得一问的查看(是问题,不是结论)", ("日期", "谁", "角色", "为什么", "多少"), rows)
    return DONE


def _child(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise WrongUsageError("--child: send our child id (a UUID)") from None
