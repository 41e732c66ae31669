"""`shouhe duties` and `shouhe indicators`: who is due or overdue, and how far the 18 tasks are."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from uuid import UUID

from domain.errors import WrongUsageError
from domain.event import SHANGHAI
from domain.rules.register import BY_ID
from infra.console import DONE, emit_json, note, table
from infra.home import Home
from infra.one_child import owed_about, told
from infra.oversight import Indicator, Owed, asked_of, explained, in_words, indicators, owed
from infra.settings import from_environment
from projections.differences import Difference

SHOWN = 40
"""Lines of a table; `--json` gives all."""

WHY = {"late": "迟报", "corrects": "更正", "retracts": "撤销"}


def _day(as_of: date | None) -> date:
    return as_of or datetime.now(SHANGHAI).date()


def duties(
    *,
    as_of: date | None = None,
    place: str = "",
    rule: str = "",
    child: UUID | None = None,
    known_by: date | None = None,
    json: bool = False,
) -> int:
    """What is due or overdue on a day: when, by whom, why. Most overdue first.

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD); today if left out.
    place
        Only this place, by the beginning of its code: 5205, 520526, 520526100201.
    rule
        Only this rule of the plan: T8.6.
    child
        All about this child alone, what is done as well: its id, as on its page.
    known_by
        As known at the end of this day (YYYY-MM-DD); if left out, of the day asked about.
    json
        Print one JSON array of `rule`, `check`, `subject`, `subject_id`, `place`, `actor`, `what`,
        `since`, `due_on`, `done_on`, `state`, `overdue_days`, `child`.
    """
    with Home(from_environment()) as home:
        if child is not None:
            asked_of(home, place, rule)
            found = owed_about(home.warehouse, child, _day(as_of), known_by)
            if not found and not told(home.warehouse, child, _day(as_of), known_by):
                raise WrongUsageError(f"--child: {child} was not registered by {_day(as_of)}")
            found = [e for e in found if rule in ("", e.rule) and e.place.startswith(place)]
        else:
            found = owed(home, _day(as_of), place, rule=rule, known_by=known_by)
    if json:
        emit_json(found)
    elif child is not None:
        _show_child(_day(as_of), child, found)
    else:
        _show_duties(_day(as_of), place, found)
    return DONE


STATES = {"met": "按时", "late": "迟办", "open": "未到期", "overdue": "逾期"}


def _show_child(as_of: date, child: UUID, found: list[Owed]) -> None:
    if not found:
        note(f"{child} 在 {as_of} 没有应办事项")
    table(
        f"{as_of} {child} 应办事项",
        ("规则", "责任方", "内容", "应办日", "办理日", "状态", "逾期天数"),
        [
            (
                e.check,
                e.actor,
                in_words(e.what),
                e.due_on,
                e.done_on or "–",
                STATES[e.state],
                e.overdue_days,
            )
            for e in found
        ],
    )


def _show_duties(as_of: date, place: str, found: list[Owed]) -> None:
    if not found:
        note(f"{place or '全部地区'} 在 {as_of} 没有应办事项:按当时所知,没有在册儿童,也没有事项")
    late = Counter(each.rule for each in found if each.state == "overdue")
    due = Counter(each.rule for each in found)
    table(
        f"{as_of} 应办事项 · {place or '全部地区'}",
        ("规则", "内容", "应办", "逾期"),
        [(id_, BY_ID[id_].label, due[id_], late[id_]) for id_ in BY_ID if due[id_]],
    )
    table(
        f"逾期最久的 {min(SHOWN, len(found))} 项,共 {len(found)} 项 (--json 给出全部)",
        ("规则", "地区", "对象", "责任方", "内容", "应办日", "逾期天数"),
        [
            (e.check, e.place, (e.child or e.subject_id)[:13], e.actor, in_words(e.what), e.due_on,
             e.overdue_days)
            for e in found[:SHOWN]
        ],
    )  # fmt: skip


def show_indicators(
    *,
    as_of: date | None = None,
    place: str = "52",
    rule: str = "",
    known_by: date | None = None,
    explain: bool = False,
    json: bool = False,
) -> int:
    """The 18 tasks in numbers, at a place and at the places in it.

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD); today if left out.
    place
        Code of a province, prefecture, county, township or village: 52, 5205, 520526, ...
    rule
        Only this rule of the plan: T8.6.
    known_by
        As known at the end of this day (YYYY-MM-DD); if left out, of the day asked about.
    explain
        Instead: what differs from what was known on the day itself, and the events that did it.
    json
        Print one JSON array of `rule`, `check`, `kind`, `label`, `place`, `subjects`, `met`,
        `late`, `open`, `overdue`, `rate`; with --explain of `rule`, `check`, `place`, `before`,
        `after`, `changed`.
    """
    if explain:
        return _explain(_day(as_of), known_by, place, rule, json=json)
    with Home(from_environment()) as home:
        found = indicators(home, _day(as_of), place, rule=rule, known_by=known_by)
    if json:
        emit_json(found)
        return DONE
    if not found:
        note(f"{place} 在 {_day(as_of)} 没有可统计的对象")
    shown = found if rule else [each for each in found if each.place == place]
    table(
        f"{_day(as_of)} 十八项任务指标 · {place}",
        ("规则", "类", "内容", "地区", "对象", "按时", "迟办", "未到期", "逾期", "未逾期率"),
        [_line(each) for each in shown],
    )
    return DONE


def _line(each: Indicator) -> tuple[object, ...]:
    rate = "–" if each.rate is None or each.kind == "D" else f"{each.rate:.1%}"
    return (
        each.check, each.kind, each.label, each.place, each.subjects, each.met, each.late,
        each.open, each.overdue, rate,
    )  # fmt: skip


def _explain(as_of: date, known_by: date | None, place: str, rule: str, *, json: bool) -> int:
    with Home(from_environment()) as home:
        found = explained(home, as_of, known_by, place, rule=rule)
    if json:
        emit_json(found)
        return DONE
    if not found:
        note(f"{place} 在 {as_of} 的指标:到 {known_by} 为止没有变化")
    if found:
        note("所列事件足以说明差异:没有它们,数字仍是当日的;不一定件件都起作用")
    for each in found:
        _show_difference(each, f"{as_of}(当日所知 → {known_by} 所知)")
    return DONE


def _show_difference(each: Difference, days: str) -> None:
    moved = [(name, each.before[name], each.after[name]) for name in STATES]
    numbers = ", ".join(f"{STATES[name]} {was}→{now}" for name, was, now in moved if was != now)
    lines = [
        (one.subject_id, one.place, STATES.get(one.before, "–"), STATES.get(one.after, "–"),
         WHY[cause.why], cause.type, cause.occurred_at.date(), cause.recorded_at.date(),
         cause.event_id)
        for one in each.changed for cause in one.events
    ]  # fmt: skip
    table(
        f"{each.check} · {each.place} · {days} {numbers}",
        ("对象", "地区", "原", "现", "原因", "事件", "发生", "记录", "事件号"),
        lines[:SHOWN],
    )
