"""`shouhe settings`: the numbers of the rules at a place on a day, since when, and by whom."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from domain.duty_settings import Setting
from domain.event import SHANGHAI
from infra.console import DONE, emit_json, table
from infra.home import Home
from infra.one_child import settings as read
from infra.oversight import asked_of
from infra.settings import from_environment


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One number as it holds; the JSON keys of `shouhe settings`."""

    rule: str
    key: str
    value: int
    unit: str
    place: str
    valid_from: date
    is_law: bool
    source: str


def settings(*, place: str = "", as_of: date | None = None, json: bool = False) -> int:
    """The numbers of the rules that hold at a place on a day, since when and by whom.

    A place tightens one by the event setting.tightened; the tightest of those around it counts.

    Parameters
    ----------
    place
        Code of the place: 5205, 520526, 520526100201. Left out: what holds everywhere.
    as_of
        The day (YYYY-MM-DD), as known then; today if left out.
    json
        Print one JSON array of `rule`, `key`, `value`, `unit`, `place`, `valid_from`, `is_law`,
        `source`.
    """
    on = as_of or datetime.now(SHANGHAI).date()
    with Home(from_environment()) as home:
        asked_of(home, place)
        found = holding(read(home.warehouse, on), place, on)
    if json:
        emit_json(found)
    else:
        table(
            f"{on} 各项标准 · {place or '全部地区'}",
            ("规则", "标准", "最长", "单位", "由何地", "自", "法定", "来源"),
            [
                (e.rule, e.key, e.value, e.unit, e.place or "全部", e.valid_from,
                 "是" if e.is_law else "否", e.source)
                for e in found
            ],
        )  # fmt: skip
    return DONE


def holding(known: list[Setting], place: str, on: date) -> list[Holding]:
    """Of each number, the one that counts at a place on a day: the tightest around it."""
    latest: dict[tuple[str, str], Setting] = {}
    for each in sorted(known, key=lambda s: s.valid_from):
        if each.valid_from <= on and place.startswith(each.place):
            latest[each.key, each.place] = each
    counts: dict[str, Setting] = {}
    for (key, _), each in sorted(latest.items(), key=lambda pair: len(pair[0][1])):
        if key not in counts or each.value < counts[key].value:
            counts[key] = each
    fields = Holding.__struct_fields__
    rows = [Holding(**{name: getattr(each, name) for name in fields}) for each in counts.values()]
    return sorted(rows, key=lambda e: (e.rule, e.key))
