"""`shouhe monitor`: drift, calibration, random visits of the models at work; alerts as events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from domain.event import SHANGHAI
from domain.foresight import Override, OverrideReason
from infra.console import DONE, emit_json, note, out, table
from infra.home import Home
from infra.monitoring import Watch, watch
from infra.settings import from_environment
from risk.overrides import EVERY_REASON, Overridden

SHOWN = 12


def monitor(*, as_of: date | None = None, keep: bool = True, json: bool = False) -> int:
    """Measure the models at work as of a day; raise an alert where a limit is crossed.

    An alert is recorded once a crossing, and its end once it is back. Limits: `monitor.toml` in the
    data directory (feature_psi, score_psi, ece, random_z, least).

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD); today if left out.
    keep
        With --no-keep no alert is recorded.
    json
        Print one JSON object: `as_of`, `readings` (`model_id`, `measure`, `of`, `label`, `value`,
        `limit`, `children`, `crossed`), `at_work`, `raised`, `cleared`, `overrides` (what came of
        the children whom directors put on a list or took off it).
    """
    day = as_of or datetime.now(SHANGHAI).date()
    with Home(from_environment()) as home:
        found = watch(home, day, keep=keep)
    if json:
        made = msgspec.to_builtins(found)
        for each, reading in zip(made["readings"], found.readings, strict=True):
            each["crossed"] = reading.crossed
        emit_json(made)
        return DONE
    if not found.readings:
        note("没有在用的模型,或还没有可以测量的评分 (nothing to measure yet)")
    show(found)
    return DONE


def show(found: Watch) -> None:
    """The readings nearest to or beyond their limits, and the models side by side."""
    worst = sorted(found.readings, key=lambda each: -each.value / each.limit)[:SHOWN]
    table(
        f"{found.as_of} 模型监测:{len(found.readings)} 项,越限 "
        f"{sum(each.crossed for each in found.readings)} 项",
        ("模型", "指标", "对象", "值", "限", "儿童次", "越限"),
        [
            (e.model_id, e.measure.label, e.label, f"{e.value:.3f}", f"{e.limit:g}", e.children,
             "是" if e.crossed else "–")
            for e in worst
        ],
    )  # fmt: skip
    table(
        "标签到期后的评分",
        ("模型", "试算", "天数", "儿童次", "发现", "说", "见", "ECE", "AUC", "AP", "前一成所含"),
        [
            (e.model_id, "是" if e.shadow else "–", len(e.days), e.children, e.outcomes,
             f"{e.said:.2%}", f"{e.seen:.2%}", _text(e.ece), _text(e.auc),
             _text(e.average_precision), _text(e.top_tenth))
            for e in found.at_work
        ],
    )  # fmt: skip
    if found.overrides:
        show_overrides(found.overrides)
    for word, turned in (("预警", found.raised), ("解除", found.cleared)):
        for e in turned:
            out(f"{word}:{e.model_id} {e.measure.label} {e.label} {e.value:g},限 {e.limit:g}")


def show_overrides(found: Sequence[Overridden]) -> None:
    """What came of the children whom directors put on a list or took off it."""
    words = {each.value: each.label for each in (*Override, *OverrideReason)}
    words |= {"listed": "清单因风险列入(同周)", EVERY_REASON: "全部"}
    table(
        "儿童主任调整清单之后",
        ("调整", "理由", "儿童周", "有人看过", "发现", "占看过的", "95%"),
        [
            (words[e.action], words[e.reason], e.children, e.looked_at, e.found,
             "–" if e.share is None else f"{e.share:.1%}",
             "–" if e.interval is None else f"{e.interval[0]:.1%}–{e.interval[1]:.1%}")
            for e in found
        ],
    )  # fmt: skip


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
