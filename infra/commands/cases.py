"""`shouhe cases`: where each case stands and what is next: by when, by whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from domain.event import SHANGHAI
from domain.workflows import KINDS, STAGE_OF
from infra.console import DONE, emit_json, table
from infra.home import Home
from infra.oversight import asked_of
from infra.settings import from_environment

SHOWN = 40
"""Lines of a table; `--json` gives all."""

CASES = """
SELECT kind, reference, toString(child_id) AS child, place, state, state_since, next_step, actor, due_on, is_law,
    overdue_days
FROM cases_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
WHERE startsWith(place, {place:String}) AND ({kind:String} = '' OR kind = {kind:String})
    AND (NOT {open:UInt8} OR next_step != '')
ORDER BY overdue_days DESC, due_on IS NULL, due_on, kind, reference
"""  # noqa: E501 - a column list a line

Kind = Literal["report", "agreement", "guardianship", "dropout", "mental", "subsidy"]


def cases(
    *,
    as_of: date | None = None,
    place: str = "",
    kind: Kind | None = None,
    open: bool = False,  # noqa: A002 - its name is the option's
    known_by: date | None = None,
    json: bool = False,
) -> int:
    """Where each case stands on a day and what is next. Most overdue first.

    Who reported a child is in none of it (ADV 14).

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD); today if left out.
    place
        Only children of this place, by the beginning of its code: 5205, 520526, 520526100201.
    kind
        Only mandatory reports, care agreements, temporary guardianships, dropouts, mental health
        or benefits and applications for them.
    open
        Only cases of which a step is still to be taken.
    known_by
        As known at the end of this day (YYYY-MM-DD); if left out, of the day asked about.
    json
        Print one JSON array of `kind`, `reference`, `child`, `place`, `state`, `state_since`,
        `next_step`, `actor`, `due_on`, `is_law`, `overdue_days`.
    """
    day = as_of or datetime.now(SHANGHAI).date()
    asked = {
        "as_of": day, "known_by": known_by or day, "place": place, "kind": kind or "",
        "open": int(open),
    }  # fmt: skip
    with Home(from_environment()) as home:
        asked_of(home, place)
        found = list(home.warehouse.query(CASES, asked).named_results())
    if json:
        emit_json(found)
        return DONE
    table(
        f"{day} 办理事项 · {place or '全部地区'} · 共 {len(found)} 件 (--json 给出全部)",
        ("事项", "编号", "地区", "现状", "自", "下一步", "责任方", "应办日", "依据", "逾期天数"),
        [_line(each) for each in found[:SHOWN]],
    )
    return DONE


def _line(each: dict[str, Any]) -> tuple[Any, ...]:
    set_by = "–" if each["due_on"] is None else "法定" if each["is_law"] else "服务时限"
    return (
        KINDS[each["kind"]], each["reference"][:13], each["place"],
        STAGE_OF[each["kind"], each["state"]].label, each["state_since"],
        each["next_step"] or "办结", each["actor"] or "–", each["due_on"] or "–", set_by,
        max(each["overdue_days"], 0),
    )  # fmt: skip
