"""市(州)年度进展报告 (G3, plan L95): to 省民政厅 by 30 November, an official document in Word."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from datetime import date

import msgspec

from domain.child_file import Category
from domain.divisions import COUNTY_DIGITS, address
from domain.rules.register import BY_ID
from domain.rules.tasks import ACTIONS, Task
from infra.oversight import Indicator, Owed, in_words
from infra.reports import charts, figures
from infra.reports.figures import MEASURES, Children, of_task, total
from infra.reports.paper import Paper
from infra.reports.sealed import midnight, sealed
from infra.reports.standing import Snapshot, Standing
from infra.reports.words import (
    KIND_MEANING,
    STATES,
    actor,
    basis,
    chinese,
    named,
    percent,
    trend,
    what,
)  # fmt: skip

NUMERALS = "一二三四五六七八九十"
LONGEST = 30
"""Lines of the breach list in the report; all of them stand in the counties' sheets."""
WORST = 6
"""Rules named as problems, and as what comes next."""


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the report says."""

    standing: Standing
    year: int
    children: dict[str, Children]
    categories: dict[Category, int]
    workers: tuple[int, int]
    here: dict[str, list[Indicator]]
    months: dict[date, list[Indicator]]
    overdue: list[Owed]

    @property
    def own(self) -> list[Indicator]:
        """The prefecture's indicators."""
        return self.here[self.standing.place]

    @property
    def counties(self) -> list[str]:
        """Counties with children on the ledger."""
        return [code for code in self.children if code != self.standing.place]


def gather(snapshot: Snapshot, year: int, months: int) -> Year:
    """The figures of a year. `months`: how many month ends before the day are shown."""
    standing = snapshot.standing
    days = figures.months(standing.as_of, months)
    here = figures.indicators(snapshot)
    past = figures.by_month(snapshot, days[:-1])
    return Year(
        standing=standing,
        year=year,
        children=figures.children(snapshot),
        categories=figures.categories(snapshot),
        workers=figures.workers(snapshot),
        here=here,
        months=past | {days[-1]: here[standing.place]},
        overdue=figures.overdue(snapshot),
    )


def document(report: Year, command: str) -> bytes:
    """The .docx. `command`: how the same is made again."""
    name = named(report.standing.place)
    title = f"{name}{report.year}年农村留守儿童和困境儿童关爱服务质量提升三年行动工作进展报告"
    paper = Paper(title, report.standing)
    paper.title(
        f"{name}{report.year}年农村留守儿童和困境儿童\n关爱服务质量提升三年行动工作进展报告"
    )
    paper.addressed("省民政厅:")
    paper.text(
        f"按照《贵州省农村留守儿童和困境儿童关爱服务质量提升三年行动实施方案》要求,现将{name}"
        f"{report.year}年1月1日至{chinese(report.standing.as_of)}工作进展情况报告如下。"
    )
    for number, (heading, write) in enumerate(PARTS):
        paper.heading(f"{NUMERALS[number]}、{heading}")
        write(paper, report)
    paper.signed(f"{name}民政局", chinese(report.standing.as_of))
    _appendix(paper, report, command)
    made = io.BytesIO()
    paper.document.save(made)
    return sealed(made.getvalue())


def _basics(paper: Paper, report: Year) -> None:
    own, (directors, supervisors) = report.children[report.standing.place], report.workers
    girls = own.all - own.boys
    paper.text(
        f"截至{chinese(report.standing.as_of)},全{_level(report)}在册农村留守儿童和困境儿童{own.all:,}名,"
        f"分布在{own.villages:,}个村(社区),其中农村留守儿童{own.left_behind:,}名,困境儿童{own.in_difficulty:,}名"
        f"(同时属于两类的分别计入)。男童{own.boys:,}名、女童{girls:,}名;6周岁以下{own.under_6:,}名,"
        f"6至13周岁{own.from_6:,}名,14至15周岁{own.from_14:,}名,16周岁以上{own.from_16:,}名。"
        f"有安全风险因素、需重点关注的{own.key_attention:,}名。在任儿童主任{directors:,}名,"
        f"儿童督导员{supervisors:,}名。"
    )
    paper.caption("表1 在册儿童类别(一名儿童可属多类)")
    rows = [
        (each.label, f"{count:,}", percent(count / own.all if own.all else None))
        for each, count in report.categories.items()
        if count
    ]
    paper.table(("类别", "人数(名)", "占在册儿童"), (7, 4, 4), rows)


def _level(report: Year) -> str:
    return "州" if named(report.standing.place).endswith("州") else "市"


def _tasks(paper: Paper, report: Year) -> None:
    every = total(report.own)
    paper.text(
        f"十八项任务中可按记录核查的事项共{every.subjects:,}项,已办理{every.done:,}项,未到期{every.open:,}项,"
        f"逾期{every.overdue:,}项,未逾期率{percent(every.rate)}。"
    )
    for number, action in enumerate(ACTIONS):
        paper.second(f"({NUMERALS[number]}){action.title}")
        for task in action.tasks:
            _task(paper, report, task)
        rows = [_line(each) for task in action.tasks for each in of_task(report.own, task.number)]
        paper.caption(f"表{number + 2} {action.title}各项规则")
        paper.table(("规则", "内容", "责任方", "应办", "已办", "未到期", "逾期", "未逾期率"),
                    (1.3, 5.4, 2.6, 1.2, 1.2, 1.2, 1.2, 1.5), rows, left=3, late=6)  # fmt: skip


def _task(paper: Paper, report: Year, task: Task) -> None:
    found = of_task(report.own, task.number)
    due, shown = total(found), [each for each in found if each.kind == "D" and each.subjects]
    said = (
        f"应办{due.subjects:,}项,已办{due.done:,}项,逾期{due.overdue:,}项,未逾期率{percent(due.rate)}。"
        if due.subjects
        else "本期没有可核查的事项。"
    )
    worst = max(found, key=lambda each: each.overdue if each.kind != "D" else 0, default=None)
    if worst is not None and due.overdue:
        said += f"逾期最多的是“{what(worst)}”,{worst.overdue:,}项。"
    if shown:
        said += "另:" + "、".join(f"{what(each)}{each.subjects:,}次" for each in shown) + "。"
    paper.text(said, lead=f"{task.number}.{task.title}。")


def _line(each: Indicator) -> tuple[str, ...]:
    if each.kind == "D":
        return (
            each.rule,
            what(each),
            actor(each.check),
            f"{each.subjects:,}次",
            "—",
            "—",
            "—",
            "—",
        )
    return (each.rule, what(each), actor(each.check), f"{each.subjects:,}",
            f"{each.met + each.late:,}", f"{each.open:,}", f"{each.overdue:,}",
            percent(each.rate))  # fmt: skip


def _trends(paper: Paper, report: Year) -> None:
    first, last = (total(found) for found in (*list(report.months.values())[:1], report.own))
    days = list(report.months)
    said = "、".join(
        f"{each.name}{percent(total(report.months[days[0]], each.rules).rate)}"
        f"→{percent(total(report.own, each.rules).rate)}"
        for each in MEASURES
    )
    paper.text(
        f"自{days[0].month}月末至{chinese(days[-1])},主要职责未逾期率变化为:{said}。"
        f"全部逾期事项由{first.overdue:,}项变为{last.overdue:,}项。"
    )
    made = midnight(report.standing.as_of)
    charts.place(paper.document, trend(report.months, "图1 主要职责未逾期率(各月末)"), 1, made)
    labels = [f"{day.month}月" for day in days]
    series = {
        action.title: [
            float(sum(total(of_task(found, task.number)).overdue for task in action.tasks))
            for found in report.months.values()
        ]
        for action in ACTIONS
    }
    over = charts.Chart(title="图2 五大行动逾期事项(各月末,项)", kind="line", labels=labels,
                        series=series, number="#,##0")  # fmt: skip
    charts.place(paper.document, over, 2, made)


def _counties(paper: Paper, report: Year) -> None:
    rates = {code: total(report.here.get(code, [])) for code in report.counties}
    ranked = sorted(report.counties, key=lambda code: -(rates[code].rate or 0))
    if not ranked:
        paper.text("没有在册儿童的县(市、区)。")
        return
    paper.text(
        "、".join(f"{named(code)}{percent(rates[code].rate)}" for code in ranked)
        + "(全部可核查事项的未逾期率,由高到低)。"
    )
    paper.caption("表7 县(市、区)对比(未逾期率)")
    rows = [
        (named(code), f"{report.children[code].all:,}",
         *(percent(total(report.here.get(code, []), each.rules).rate) for each in MEASURES),
         f"{rates[code].overdue:,}")
        for code in ranked
    ]  # fmt: skip
    paper.table(("县(市、区)", "儿童", *(each.name for each in MEASURES), "逾期"),
                (3.4, 1.3, *[1.65] * len(MEASURES), 1.3), rows, late=len(MEASURES) + 2)  # fmt: skip
    series: dict[str, Sequence[float | None]] = {"未逾期率": [rates[code].rate for code in ranked]}
    chart = charts.Chart(title="图3 各县(市、区)未逾期率", kind="bar", series=series, top=1,
                         labels=[named(code) for code in ranked])  # fmt: skip
    charts.place(paper.document, chart, 3, midnight(report.standing.as_of))


def _milestones(paper: Paper, report: Year) -> None:
    paper.caption("表8 方案规定的时间节点和年度要求")
    rows = []
    for each in of_task(report.own, "M") + of_task(report.own, "G"):
        state = (
            "已完成" if not each.open + each.overdue else "未到期" if not each.overdue else "逾期"
        )
        if each.late and state == "已完成":
            state = "已完成(迟办)" if not each.met else "已完成(部分迟办)"
        rows.append(
            (each.rule, what(each), _by(each), f"{each.met + each.late:,}/{each.subjects:,}", state)
        )
    paper.table(
        ("编号", "内容", "时限", "完成/应完成", "状态"), (1.4, 6.4, 3.2, 2.4, 2.6), rows, left=3
    )


def _state(each: Indicator) -> str:
    if each.overdue:
        return f"逾期{each.overdue:,}"
    if each.open:
        return "未到期"
    return f"已完成(迟办{each.late:,})" if each.late else "已完成"


def _by(each: Indicator) -> str:
    limit = getattr(BY_ID[each.rule].checks[0], "by", None)
    return chinese(limit) if isinstance(limit, date) else "每年"


def _problems(paper: Paper, report: Year) -> None:
    breaches = figures.breaches(report.overdue)
    lacking = len(report.overdue) - len(breaches)
    paper.text(
        f"未按方案要求落实(硬性指标和联动事项逾期)的共{len(breaches):,}项,缺少工作佐证的{lacking:,}项。"
    )
    for number, (check, count) in enumerate(_worst(breaches), 1):
        rule, own = BY_ID[check], [each for each in breaches if each.rule == check]
        longest = max(each.overdue_days for each in own)
        paper.text(
            f"{rule.label}逾期{count:,}项,责任方为{own[0].actor},最长逾期{longest:,}天。",
            lead=f"{number}.",
        )
    paper.caption(f"表9 逾期最久的{min(LONGEST, len(breaches))}项(全部清单见各县月报)")
    rows = [
        (each.rule, in_words(each.what) if each.subject != "child" else BY_ID[each.rule].label,
         each.actor, address(each.place), each.due_on.isoformat(), f"{each.overdue_days:,}")
        for each in breaches[:LONGEST]
    ]  # fmt: skip
    paper.table(("规则", "内容", "责任方", "地区", "应办日", "逾期天数"),
                (1.2, 4.0, 2.1, 4.7, 2.2, 1.4), rows, left=5)  # fmt: skip


def _worst(breaches: Sequence[Owed]) -> list[tuple[str, int]]:
    counts = Counter(each.rule for each in breaches)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:WORST]


def _next(paper: Paper, report: Year) -> None:
    breaches = figures.breaches(report.overdue)
    for number, (check, count) in enumerate(_worst(breaches), 1):
        own = [each for each in breaches if each.rule == check]
        places = Counter(
            each.place[:COUNTY_DIGITS] for each in own if each.place[COUNTY_DIGITS - 1 :]
        )
        first = "、".join(named(code) for code, _ in places.most_common(3))
        doing = f"督促{own[0].actor}落实“{BY_ID[check].label}”,逐项销号逾期的{count:,}项"
        paper.text(f"{doing},重点是{first}。" if first else f"{doing}。", lead=f"{number}.")
    coming = [
        f"{BY_ID[each.rule].label}({_by(each)}前)"
        for each in of_task(report.own, "M")
        if each.open and not each.overdue
    ]
    if coming:
        paper.text(f"按期完成方案规定的{'、'.join(coming)}。", lead=f"{len(_worst(breaches)) + 1}.")


def _appendix(paper: Paper, report: Year, command: str) -> None:
    paper.new_page()
    paper.heading("附:数据说明")
    rows = [*basis(report.standing, command), *STATES, *KIND_MEANING,
            ("存在问题、下一步", "按逾期事项自动列出,由报送单位核实补充"),
            ("个人信息", "本报告不含儿童姓名、证件号码和住址")]  # fmt: skip
    paper.table(("项目", "说明"), (3.2, 12.4), rows, left=2)


PARTS = (
    ("基本情况", _basics),
    ("十八项任务推进情况", _tasks),
    ("全年变化趋势", _trends),
    ("县(市、区)对比", _counties),
    ("时间节点完成情况", _milestones),
    ("存在问题", _problems),
    ("下一步工作", _next),
)
