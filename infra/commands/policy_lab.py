"""`shouhe policy-lab`: list policies compared over a year of weeks, on the same simulated lives."""

from __future__ import annotations

from collections.abc import Sequence

from domain.duty_settings import SETTINGS
from domain.errors import WrongUsageError
from infra.console import DONE, emit_json, note, out, table
from simulation.lab.closed_loop import LAW, Lived, Setting, live
from simulation.lab.compare import groups, outcomes
from simulation.lab.policies import POLICIES

NAMES = {
    "none": "只应请求",
    "random": "随机",
    "duty": "只尽职责",
    "due_order": "按到期顺序",
    "points": "积分规则",
    "model": "模型",
    "truth": "隐藏真相(上限)",
}


def policy_lab(
    *,
    children: int = 1500,
    seeds: int = 2,
    first_seed: int = 1,
    hours: float = 1.0,
    law_only: bool = True,
    json: bool = False,
) -> int:
    """Compare list policies on simulated counties: harm prevented, detection, duties, fairness.

    Parameters
    ----------
    children
        Children of each county.
    seeds
        How many counties.
    first_seed
        Seed of the first one.
    hours
        A factor on the directors' hours.
    law_only
        Duty is what the law numbers (T8.5, T8.6): who is visited more often (T8.7) is then the
        list's to say. Otherwise this platform's own intervals by tier are duties too.
    json
        Print one JSON object: `outcomes`, `groups`.
    """
    if children < 1 or seeds < 1:
        raise WrongUsageError("--children, --seeds: at least 1")
    duties = LAW if law_only else SETTINGS
    setting = Setting(children=children, hours=hours, duties=duties)
    years: list[Lived] = []
    for seed in range(first_seed, first_seed + seeds):
        note(f"county {seed}")
        years += live(seed, setting, POLICIES)
    if json:
        said = {"outcomes": outcomes(years), "groups": groups(years, "model")}
        emit_json(said)
    else:
        show(years)
    return DONE


def show(years: Sequence[Lived]) -> None:
    """The tables."""
    rows = [
        (
            NAMES[each.policy],
            f"{each.prevented:,.0f}",
            _span(each.prevented_within, "{:,.0f}"),
            f"{each.ratio:.2f}",
            _span(each.ratio_within, "{:.2f}"),
            f"{each.detection:.0f}",
            f"{each.missed:.1%}",
            f"{each.visits:.1f}",
        )
        for each in outcomes(years)
    ]
    columns = (
        "清单",
        "减少伤害日/千人",
        "95%",
        "÷只尽职责",
        "95%",
        "发现天数",
        "逾期",
        "走访/人年",
    )
    table("一年 52 周,同一群孩子、同样工时", columns, rows)
    rows_of_groups = [
        (
            each.group,
            each.children,
            f"{each.fewer:+,.0f}",
            _span(each.within, "{:+,.0f}"),
            "✗" if each.worse_off else "✓",
        )
        for each in groups(years, "model")
    ]
    heads = ("群体", "儿童", "比只尽职责少的伤害日/千人", "95%", "")
    table("模型清单下各群体", heads, rows_of_groups)
    out("减少 = 与同一个县相比,但儿童主任只应请求走访 (visits at request alone)")


def _span(within: tuple[float, float], form: str) -> str:
    return f"{form.format(within[0])} … {form.format(within[1])}"
