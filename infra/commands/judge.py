"""`shouhe judge`: what the model's lists would have found, beside what a county does today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from domain.errors import WrongUsageError
from infra.commands.train import NAMES
from infra.console import DONE, emit_json, note, out, table
from infra.home import Home
from infra.settings import from_environment
from infra.truth_file import truth_order
from risk.figures import Figures
from risk.judging import Rank
from risk.panels import LITTLE_HISTORY
from risk.questions import SERIOUS_PROBLEM, question_named
from risk.walking import Walk, figures, walk


def judge(
    *,
    from_: Annotated[date, Parameter(name="--from")],
    until: date,
    truth: Path | None = None,
    question: str = SERIOUS_PROBLEM.name,
    paper_hours: bool = False,
    json: bool = False,
) -> int:
    """Judge a model on a home's own log, walking forward: for each as-of date in a span it is
    fitted on what was known then and judged on what came to light after.

    Parameters
    ----------
    from_
        The first day (YYYY-MM-DD) of the as-of dates.
    until
        The last day; a date is judged once its label has matured in the log.
    truth
        The hidden truth of a simulated county: its own order is judged beside, nothing learns it.
    question
        What is asked; `shouhe train --help` names the questions.
    paper_hours
        Count as many visits as the weekly hours hold on paper, not as many as are made.
    json
        Print one JSON object: `found_per_100_visits` by order, `precision_at_capacity`,
        `recall_at_capacity`, `average_precision`, `ece`, `subgroups`, `intervals` and the rest.
    """
    if until < from_:
        raise WrongUsageError(f"--until: {until} lies before --from {from_}")
    asked = question_named(question)
    capacity = replace(asked.capacity, paper=paper_hours)
    order = truth_order(truth) if truth is not None else None
    with Home(from_environment()) as home:
        home.catch_up()
        walked = walk(home.warehouse, from_, until, question=asked, tell=note)
        made = figures(home.warehouse, walked, capacity, _truth(order, walked))
    if json:
        emit_json(as_json(walked, made))
    else:
        show(walked, made)
    return DONE


def _truth(order: Callable[[tuple[date, ...]], Rank] | None, walked: Walk) -> Rank | None:
    return order(tuple(walked.dates)) if order is not None else None


def as_json(walked: Walk, made: Figures) -> dict[str, Any]:
    """The contract's keys, and the whole of the figures."""
    model = made.ranking("model")
    built: dict[str, Any] = msgspec.to_builtins(made)
    found = {each.name: each.found_per_100 for each in made.rankings}
    return {
        "question": walked.question.name,
        "title": walked.question.title,
        "as_of": [str(day) for day in walked.dates],
        "embargo_days": walked.question.window.days,
        "fits": {
            str(day): {"as_of_dates": count, "chosen": str(walked.choices[day])}
            for day, count in walked.fits.items()
        },
        "model": {
            "kind": walked.choice.kind,
            "settings": walked.choice.settings,
            "tried": walked.choice.tried,
        },
        "capacity": made.capacity,
        "found_per_100_visits": found,
        "precision_at_capacity": model.precision,
        "recall_at_capacity": model.recall,
        "average_precision": model.average_precision,
        "ece": made.calibration.ece,
        "subgroups": _subgroups(built),
        "intervals": {
            **built["intervals"],
            "found_per_100_visits": {each["name"]: each["interval"] for each in built["rankings"]},
            "above_statutory": {
                each["name"]: each["above_statutory"] for each in built["rankings"]
            },
        },
        "rankings": built["rankings"],
        "calibration": built["calibration"] | {"tenths": built["tenths"]},
        "alternatives": built["alternatives"],
        "little_history": built["little_history"],
        "stability": made.stability,
        "lead_days": {each.name: each.lead_days for each in made.rankings},
        "by_ties": {each.name: each.by_ties for each in made.rankings},
        "observed": made.observed,
        "churn": built["churn"],
        "proxies": built["proxies"],
        "villages": built["villages"],
    }


def _subgroups(built: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in built["parity"]:
        by = found.setdefault(each["by"], {"groups": [], "equal_opportunity": None})
        by["groups"].append(each)
    for each in built["differences"]:
        found[each["by"]]["equal_opportunity"] = each
    return found


def show(walked: Walk, made: Figures) -> None:
    """The figures as tables for people."""
    dates = walked.dates
    out(f"{walked.question.title}  向前滚动评估 {dates[0]} … {dates[-1]},{len(dates)} 个日期")
    out(f"间隔 {walked.question.window.days} 天;{len(walked.fits)} 次拟合,{walked.choice.kind}")
    out(made.capacity)
    rows = [
        (
            NAMES.get(each.name, each.name),
            f"{each.found_per_100:.2f}",
            "–" if each.interval is None else f"{each.interval[0]:.2f}–{each.interval[1]:.2f}",
            _text(each.lift, 2),
            f"{each.recall:.3f}",
            _text(each.average_precision),
            _text(each.lead_days, 1),
            "–" if each.by_ties is None else f"{each.by_ties:.1%}",
        )
        for each in sorted(made.rankings, key=lambda each: -each.found_per_100)
    ]
    columns = (
        "排序",
        "每百次走访发现",
        "95%",
        "相对法定顺序",
        "召回",
        "AP",
        "提前天数",
        "由抽签定",
    )
    table("在儿童主任名额内", columns, rows)
    _alternatives(made)
    _calibration(made)
    _groups(made)


def _alternatives(made: Figures) -> None:
    other = made.alternatives
    if other is None:
        return
    rows = [
        ("模型清单", other.model),
        ("同一清单,每村每月多一次走访", other.one_more_visit),
        ("同样次数,全部用于问题率最高的村", other.village_level),
    ]
    if other.truth is not None:
        rows.append(("完美的模型(隐藏真相)", other.truth))
    table("与其换更好的模型,不如?(全县每周发现)", ("做法", "发现"),
          [(name, f"{found:.2f}") for name, found in rows])  # fmt: skip


def _calibration(made: Figures) -> None:
    said = made.calibration
    out(f"校准: ECE {said.ece:.4f},平均评分 {said.mean_score:.4f},实际 {said.mean_label:.4f};"
        f"每周清单相同 {_text(made.stability)};有人看过的 {made.observed:.1%}")  # fmt: skip
    if made.churn is not None:
        churn = made.churn
        out(f"换随机种子: 清单相同 {churn.overlap:.3f},发现 {churn.found:.0f} → "
            f"{churn.found_again:.0f}")  # fmt: skip
    table(
        "预测与实际(按评分十等分)",
        ("儿童次", "预测", "实际", "实际÷预测"),
        [(t.children, f"{t.said:.4f}", f"{t.seen:.4f}", _text(t.over_expected, 2))
         for t in made.tenths],
    )  # fmt: skip
    few = made.little_history
    if few is not None and few.children:
        out(f"{LITTLE_HISTORY}: {few.children} 儿童次,预测 {few.said:.4f},实际 {few.seen:.4f}")


def _groups(made: Figures) -> None:
    rows = [
        (
            each.group,
            each.children,
            each.positives,
            _text(each.recall),
            "–" if each.interval is None else f"{each.interval[0]:.2f}–{each.interval[1]:.2f}",
            _text(each.over_expected, 2),
        )
        for each in made.parity
    ]
    table("各群体", ("群体", "儿童次", "阳性", "召回", "95%", "实际÷预测"), rows)
    table(
        "机会平等(召回最高与最低之差)",
        ("按", "差", "95%", "最高", "最低"),
        [(d.by, f"{d.difference:.3f}", f"{d.interval[0]:.2f}–{d.interval[1]:.2f}", d.best, d.worst)
         for d in made.differences],
    )  # fmt: skip
    out("特征能否猜出(0.5 为不能): "
        + ",".join(f"{each.attribute} {each.auc:.2f}" for each in made.proxies))  # fmt: skip


def _text(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
