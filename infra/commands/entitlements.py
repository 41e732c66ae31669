"""`shouhe entitlements`: the county's subsidy desk, and one child's categories with reasons."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.categories import WORDS
from domain.child_file import Category
from domain.entitlement import FOUND
from domain.errors import WrongUsageError
from domain.event import SHANGHAI
from domain.subsidy import Benefit
from infra.console import DONE, emit_json, table
from infra.entitling import Judgement, Sheet, judge_child, sheet
from infra.home import Home
from infra.settings import from_environment

SHOWN = 40
"""Lines of a table; `--json` gives all."""

TITLES: dict[str, str] = {
    "uncovered": "符合条件未纳入保障", "needs": "待补充情况", "to-pay": "本月待发",
    "findings": "发放问题", "proposals": "类别建议(待人工确认)",
}  # fmt: skip
HEADS = {
    "child": "儿童", "place": "地区", "rule": "规则", "benefit": "保障", "since": "自",
    "due_on": "应办日", "state": "状态", "overdue_days": "逾期天数", "needs": "需补充",
    "benefit_id": "编号", "benefit_ids": "编号", "period": "月份", "fen": "金额(元)",
    "kind": "问题", "expected_fen": "应发(元)", "found_fen": "实发(元)", "day": "日期",
    "proposal": "建议", "category": "类别",
}  # fmt: skip
LABELS = (
    {each.value: each.label for each in (*Benefit, *Category)}
    | WORDS
    | FOUND
    | {
        "added": "纳入", "removed": "退出", "open": "未到期", "overdue": "逾期",
        "yes": "符合", "no": "不符合", "confirmation": "类别认定", "school": "就学情况",
        "grade": "残疾等级", "destitute": "特困",
        "census_parent_away": "父母一方外出六个月(统计口径)",
    }
)  # fmt: skip


def entitlements(
    *,
    as_of: date | None = None,
    place: str = "",
    show: Sheet = "uncovered",
    child: str = "",
    known_by: date | None = None,
    json: bool = False,
) -> int:
    """Who has a claim to a benefit and isn't covered; what to pay, what is wrong, what to confirm.

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD); today if left out.
    place
        Only this place, by the beginning of its code: 5205, 520526, 520526100201.
    show
        `uncovered`, `needs` (facts that are lacking), `to-pay` (this month), `findings` (double,
        wrong, late or missing payments) or `proposals` (categories for a human to confirm).
    child
        Instead: what the rules say of one child's categories, and by which facts.
    known_by
        What was known by this day; as known on the day asked about if left out.
    json
        Print one JSON array, a line of the sheet an object.
    """
    day = as_of or datetime.now(SHANGHAI).date()
    with Home(from_environment()) as home:
        if child:
            _show_child(judge_child(home, _uuid(child), day, known_by=known_by), json=json)
            return DONE
        found = sheet(home, show, day, place, known_by=known_by)
    if json:
        emit_json(found)
    else:
        _show(f"{day} {TITLES[show]} · {place or '全部地区'} · 共 {len(found)} 条", found[:SHOWN])
    return DONE


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise WrongUsageError(f"--child: {text!r} is no child's id; send its UUID") from None


def _show(title: str, found: list[dict[str, Any]]) -> None:
    columns = tuple(found[0]) if found else ()
    rows = [tuple(_cell(name, row[name]) for name in columns) for row in found]
    table(title, tuple(HEADS[name] for name in columns), rows)


def _cell(name: str, value: Any) -> Any:
    if name.endswith("fen"):
        return f"{value // 100}.{value % 100:02d}"
    if name == "child":
        return value[:13]
    if isinstance(value, list | tuple):
        return "、".join(str(LABELS.get(each, each)) for each in value)
    return LABELS.get(value, value) if isinstance(value, str) else value


def _show_child(judged: Judgement, *, json: bool) -> None:
    if json:
        emit_json([judged])
        return
    held = {each.value for each in judged.held}
    proposed = {each.decision.category: each.change.label for each in judged.proposals}
    table(
        "类别认定(供人工确认)",
        ("类别", "规则", "在册", "建议", "依据"),
        [
            (LABELS[d.category], LABELS.get(d.answer, "待补充"), "是" if d.category in held else "",
             proposed.get(d.category, ""), d.words)
            for d in judged.decisions
        ],
    )  # fmt: skip
