"""县级月报: the county's monthly sheet, a workbook to print and to count on.

Numbers are numbers, days are days; the breach list names children by their pseudonym alone.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import msgspec
import xlsxwriter

from domain.rules.register import BY_ID
from domain.rules.tasks import ACTIONS, BESIDES
from infra.oversight import Indicator, Owed
from infra.reports import figures
from infra.reports.book import BAR, Column, Pages
from infra.reports.charts import draw
from infra.reports.figures import MEASURES, Children, of_task, total
from infra.reports.sealed import midnight, sealed
from infra.reports.standing import Snapshot, Standing
from infra.reports.words import (
    KIND_MEANING,
    KINDS,
    STATES,
    SUBJECTS,
    actor,
    basis,
    named,
    trend,
    what,
    where,
)  # fmt: skip


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the workbook shows."""

    standing: Standing
    children: dict[str, Children]
    here: dict[str, list[Indicator]]
    months: dict[date, list[Indicator]]
    overdue: list[Owed]

    @property
    def last(self) -> dict[str, Indicator]:
        """Check → its indicator at the end of the month before."""
        before = list(self.months.values())[:-1][-1:]
        return {each.check: each for found in before for each in found}


def gather(snapshot: Snapshot, months: int) -> Sheet:
    """The figures of a month. `months`: how many month ends before it are shown."""
    days = figures.months(snapshot.standing.as_of, months)
    here = figures.indicators(snapshot)
    past = figures.by_month(snapshot, days[:-1])
    return Sheet(
        standing=snapshot.standing,
        children=figures.children(snapshot),
        here=here,
        months=past | {days[-1]: here[snapshot.standing.place]},
        overdue=figures.overdue(snapshot),
    )


def workbook(sheet: Sheet, command: str) -> bytes:
    """The .xlsx. `command`: how the same is made again."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        day = sheet.standing.as_of
        period = f"{named(sheet.standing.place)}{day.year}年{day.month}月"
        subject = f"{period}农村留守儿童和困境儿童关爱服务"
        book.set_properties(
            {"title": f"{subject}月报", "subject": f"数据位置 {sheet.standing.position}",
             "author": "守禾", "created": midnight(day)}
        )  # fmt: skip
        page = Pages(book, sheet.standing, f"{subject}:")
        _tasks(page, sheet)
        _indicators(page, sheet)
        _places(page, sheet)
        _trend(page, sheet)
        _overdue(page, sheet)
        _notes(page, sheet, command)
    return sealed(made.getvalue())


def _change(now: int, before: int | None) -> int | None:
    return None if before is None else now - before


TASKS = (
    Column("任务", 26), Column("责任部门", 44, "wrap"), Column("规则数", 7, "count"),
    Column("应办", 9, "count"), Column("已办", 9, "count"), Column("未到期", 9, "count"),
    Column("逾期", 9, "count"), Column("未逾期率", 10, "rate"), Column("上月逾期", 9, "count"),
    Column("比上月", 9, "change"),
)  # fmt: skip


def _tasks(page: Pages, sheet: Sheet) -> None:
    """The 18 tasks, action by action, and a bar each."""
    rows: list[list[Any]] = []
    strong = []
    here, before = sheet.here[sheet.standing.place], list(sheet.last.values())
    for action in (*ACTIONS, BESIDES):
        strong.append(len(rows))
        rows.append([action.title, *[None] * (len(TASKS) - 1)])
        for task in action.tasks:
            own = of_task(here, task.number)
            now, then = total(own), total(of_task(before, task.number))
            title = f"{task.number}.{task.title}" if task.number.isdigit() else task.title
            rules = len({each.rule for each in own})
            rows.append(
                [title, task.departments, rules, now.subjects, now.done, now.open, now.overdue,
                 now.rate, then.overdue, now.overdue - then.overdue]
            )  # fmt: skip
    made = page.sheet("十八项任务", "十八项任务", TASKS)
    end = page.rows(made, TASKS, rows, strong=strong)
    page.mark(made, end, 6)
    made.conditional_format(page.TOP + 1, 7, end - 1, 7, BAR)


INDICATORS = (
    Column("规则", 8), Column("类别", 10, "middle"), Column("内容", 46, "wrap"),
    Column("责任方", 26, "wrap"), Column("应办", 8, "count"), Column("按时", 8, "count"),
    Column("迟办", 8, "count"), Column("未到期", 8, "count"), Column("逾期", 8, "count"),
    Column("未逾期率", 10, "rate"), Column("上月逾期", 9, "count"),
    Column("上月未逾期率", 10, "rate"), Column("逾期比上月", 9, "change"),
)  # fmt: skip


def _indicators(page: Pages, sheet: Sheet) -> None:
    """Every rule: how many it is about, met, late, open, overdue, beside the month before."""
    last = sheet.last
    rows = [_line(each, last.get(each.check)) for each in sheet.here[sheet.standing.place]]
    made = page.sheet("指标", "各项规则指标", INDICATORS)
    end = page.rows(made, INDICATORS, rows)
    page.mark(made, end, 8)
    made.autofilter(page.TOP, 0, max(end - 1, page.TOP), len(INDICATORS) - 1)
    made.freeze_panes(page.TOP + 1, 3)


def _line(now: Indicator, before: Indicator | None) -> list[Any]:
    head = [now.rule, KINDS[now.kind], what(now), actor(now.check)]
    if now.kind == "D":  # counted: nothing is due
        return [*head, now.subjects, *[None] * 5, *[None] * 3]
    then = before.overdue if before else None
    return [*head, now.subjects, now.met, now.late, now.open, now.overdue, now.rate, then,
            before.rate if before else None, _change(now.overdue, then)]  # fmt: skip


def _places(page: Pages, sheet: Sheet) -> None:
    """The places in the county beside each other, the county's own line first."""
    columns = [
        Column("乡镇(街道)", 22), Column("在册儿童", 9, "count"), Column("留守儿童", 9, "count"),
        Column("困境儿童", 9, "count"),
        *(Column(f"{each.name}\n未逾期率", 11, "rate") for each in MEASURES),
        Column("逾期事项", 9, "count"), Column("每百名儿童\n逾期事项", 11, "count"),
    ]  # fmt: skip
    place = sheet.standing.place
    below = [code for code in sheet.children if code != place]
    rows = [_place(sheet, place, "合计"), *(_place(sheet, code, named(code)) for code in below)]
    made = page.sheet("乡镇对比", "乡镇(街道)对比", columns, one_page=True)
    end = page.rows(made, columns, rows, strong=[0])
    first, last, over = page.TOP + 2, end - 1, len(columns) - 2
    made.freeze_panes(page.TOP + 1, 1)
    if not below:
        return
    for column in range(4, 4 + len(MEASURES)):
        made.conditional_format(first, column, last, column, BAR)
    chart = page.book.add_chart({"type": "bar"})
    chart.add_series({"categories": ["乡镇对比", first, 0, last, 0], "gap": 50,
                      "values": ["乡镇对比", first, over, last, over],
                      "fill": {"color": "#b4413c"}})  # fmt: skip
    chart.set_title({"name": "各乡镇(街道)逾期事项", "name_font": {"name": "宋体", "size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": {"name": "宋体", "size": 9}})
    chart.set_size({"width": 900, "height": 120 + 24 * len(below)})
    made.insert_chart(end + 1, 0, chart)


def _place(sheet: Sheet, code: str, name: str) -> list[Any]:
    found, own = sheet.here.get(code, []), sheet.children[code]
    over = total(found).overdue
    return [
        name, own.all, own.left_behind, own.in_difficulty,
        *(total(found, each.rules).rate for each in MEASURES),
        over, over / own.all * 100 if own.all else None,
    ]  # fmt: skip


def _trend(page: Pages, sheet: Sheet) -> None:
    """Month by month: the measures that are followed, as a table and as lines."""
    chart = trend(sheet.months, "主要职责未逾期率")
    columns = [Column("月份", 14), *(Column(name, 13, "rate") for name in chart.series),
               Column("逾期事项", 11, "count")]  # fmt: skip
    over = [total(found).overdue for found in sheet.months.values()]
    rows = [
        [label, *(values[number] for values in chart.series.values()), over[number]]
        for number, label in enumerate(chart.labels)
    ]
    made = page.sheet("月度趋势", "月度趋势", columns, one_page=True)
    end = page.rows(made, columns, rows)
    lines = draw(page.book, chart, "月度趋势", page.TOP, 0)
    lines.set_size({"width": 820, "height": 380})
    made.insert_chart(end + 1, 0, lines)


OVERDUE = (
    Column("序号", 6, "count"), Column("规则", 8), Column("类别", 10, "middle"),
    Column("内容", 36, "wrap"), Column("责任方", 14, "wrap"), Column("对象", 11, "middle"),
    Column("儿童编号", 37), Column("对象或事项编号", 20),
    Column("乡镇(街道)、村(社区)", 30, "wrap"), Column("起算日", 11, "day"),
    Column("应办日", 11, "day"), Column("逾期天数", 9, "count"),
)  # fmt: skip


def _overdue(page: Pages, sheet: Sheet) -> None:
    """Who owes what since when, the longest overdue first."""
    rows = [
        [number, each.rule, KINDS[BY_ID[each.rule].kind], BY_ID[each.rule].label, each.actor,
         SUBJECTS[each.subject], each.child, "" if each.subject == "child" else each.subject_id,
         where(each.place), each.since, each.due_on, each.overdue_days]
        for number, each in enumerate(sheet.overdue, 1)
    ]  # fmt: skip
    made = page.sheet("逾期清单", f"逾期清单(共 {len(rows):,} 项)", OVERDUE)
    end = page.rows(made, OVERDUE, rows)
    made.autofilter(page.TOP, 0, max(end - 1, page.TOP), len(OVERDUE) - 1)


NOTES = (Column("项目", 16), Column("说明", 92, "wrap"))


def _notes(page: Pages, sheet: Sheet, command: str) -> None:
    """What the sheet stands on, and what its words mean."""
    rows = [
        *basis(sheet.standing, command),
        *STATES,
        *KIND_MEANING,
        ("儿童编号", "儿童以平台假名编号,没有姓名、证件号码和住址;责任人凭编号在平台上查阅并留痕"),
        ("服务时限", "法律法规和方案没有写明时限的,采用平台或本地设定的服务标准,不作为法定期限"),
    ]  # fmt: skip
    made = page.sheet("说明", "数据说明", NOTES)
    page.rows(made, NOTES, rows)
