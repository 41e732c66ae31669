"""Words and numbers as a report says them, the same in every kind of file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.divisions import address, names
from domain.rules.register import BY_ID, CHECKS
from infra.oversight import Indicator
from infra.reports.charts import Chart
from infra.reports.figures import MEASURES, total
from infra.reports.standing import Standing

KINDS = {"H": "硬性指标", "C": "联动事项", "E": "佐证事项", "D": "鼓励事项"}
KIND_MEANING = (
    ("硬性指标", "方案写明数字或日期的要求,逾期即为未落实"),
    ("联动事项", "前一事项发生后,后一事项应在时限内办理,逾期即为未落实"),
    ("佐证事项", "方案要求开展、未写明数字的工作,到期没有记录即为缺少佐证"),
    ("鼓励事项", "方案写明“可、鼓励、探索、有条件”的工作,只计次数,不计逾期"),
)
STATES = (
    ("应办", "到报告日为止,这一规则所涉及的对象或事项数"),
    ("按时", "在时限内办理的"),
    ("迟办", "办理了,但在时限之后"),
    ("未到期", "尚未办理,仍在时限之内"),
    ("逾期", "尚未办理,时限已过"),
    ("未逾期率", "(应办-逾期)÷应办"),
)
SUBJECTS = {
    "child": "儿童", "village": "村(社区)", "township": "乡镇(街道)", "county": "县(市、区)",
    "prefecture": "市(州)", "province": "省", "school": "学校", "water_site": "水域",
    "children_home": "儿童之家", "institution": "机构", "director": "儿童主任", "case": "事项",
}  # fmt: skip

_CHECKS = {check.key: check for check in CHECKS}


def named(code: str) -> str:
    """The name of a place; its code where it has none."""
    return names().get(code, code)


def what(indicator: Indicator) -> str:
    """A rule's name; with what the check asks, where the rule has several."""
    if "/" not in indicator.check:
        return indicator.label
    return f"{indicator.label}:{_CHECKS[indicator.check].what}"


def actor(check: str) -> str:
    """Who owes it."""
    return _CHECKS[check].actor if check in _CHECKS else BY_ID[check].checks[0].actor


def percent(rate: float | None) -> str:
    """`93.4%`, or a dash."""
    return "—" if rate is None else f"{rate:.1%}"


def chinese(day: date) -> str:
    """2025年11月30日"""
    return f"{day.year}年{day.month}月{day.day}日"


def where(code: str) -> str:
    """A place below the county in words, its county left out: 五里岗街道 大马城社区."""
    words = address(code).split(" ")
    return " ".join(words[1:] if len(words) > 1 else words)


def basis(standing: Standing, command: str) -> list[tuple[str, str]]:
    """What the report stands on, and how it is made again."""
    return [
        ("统计截止日", f"{chinese(standing.as_of)}(北京时间当日24时)"),
        ("数据知悉日", f"{chinese(standing.known_by)}(此日之后登记的事项不计入)"),
        ("数据位置", f"事件日志第 {standing.position} 条(此后登记的事项不计入)"),
        ("计算方法", "全部数字由守禾平台按同一套规则(docs/rules.md)从事件日志计算,未经人工填报"),
        ("重新生成", f"以下命令在同一平台上生成逐字节相同的文件:{command}"),
    ]


def trend(months: dict[date, list[Indicator]], title: str) -> Chart:
    """The measures that are followed, month by month."""
    series: dict[str, Sequence[float | None]] = {
        measure.name: [total(found, measure.rules).rate for found in months.values()]
        for measure in MEASURES
    }
    one_year = len({day.year for day in months}) == 1
    labels = [f"{day.month}月" if one_year else f"{day:%y}年{day.month}月" for day in months]
    return Chart(title=title, kind="line", labels=labels, series=series, top=1)
