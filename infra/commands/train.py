"""`shouhe train`: learn from the log as of a day, be judged forward in time, keep the model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from infra.approving import approve as approve_model
from infra.approving import impact_of
from infra.console import DONE, emit_json, note, out, table
from infra.foresight import train_model
from infra.home import Home
from infra.settings import from_environment
from infra.truth_file import truth_order
from risk import model_file
from risk.card import Card
from risk.questions import SERIOUS_PROBLEM, question_named

NAMES = {
    "model": "模型 model",
    "statutory": "法定顺序 statutory order",
    "points": "评估表积分 county's sheet",
    "points_on_paper": "评估表(3、9月填) on paper",
    "points_history": "历史积分规则 rule with history",
    "last_week": "上周清单 last week's list",
    "random": "随机 at random",
    "truth": "隐藏真相 hidden truth",
}


def train(
    *,
    as_of: date,
    approve: str = "",
    question: str = SERIOUS_PROBLEM.name,
    visit_minutes: int = 0,
    truth: Path | None = None,
    json: bool = False,
) -> int:
    """Train a risk model on what was known by a day, and judge it on dates it never saw.

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD): labels are read, and features computed, from what was known by then.
    approve
        Who approves the model at once, by their own number. Only an approved model scores.
    question
        serious_problem_90, found_at_next_visit, substantiated_harm_90, guardianship_failure_90,
        dropout_120, mental_crisis_60 or no_contact_30. Lists are ordered by the first.
    visit_minutes
        Minutes of a visit with the way, to tell how many children the hours can reach; 0: the
        question's own.
    truth
        The hidden truth of a simulated county, to be judged beside the model.
    json
        Print one JSON object: `model_id`, `kind`, `figures` and the rest of the card.
    """
    asked = question_named(question)
    order = truth_order(truth) if truth is not None else None
    with Home(from_environment()) as home:
        card = train_model(
            home,
            as_of,
            question=asked,
            capacity=replace(
                asked.capacity, visit_minutes=visit_minutes or asked.capacity.visit_minutes
            ),
            truth=order,
            tell=note,
        )
        folder = home.settings.models_path
        model_file.write_impact(folder, card.model_id, impact_of(home, card))
        if approve:
            card = approve_model(home, card.model_id, approve)
    if json:
        emit_json(as_json(card))
    else:
        show(card)
        out(f"\n模型卡 {folder / card.model_id}.md,影响评估 {folder / card.model_id}.pia.md")
        if card.approval is None:
            out(f"未批准,不能评分。看过两份文件后批准: shouhe approve {card.model_id} --by WHO")
    return DONE


def as_json(card: Card) -> dict[str, Any]:
    """The card as JSON values."""
    made: dict[str, Any] = msgspec.to_builtins(card)
    made["approved"] = card.approval is not None
    return made


def show(card: Card) -> None:
    """The figures as tables for people."""
    figures = card.figures
    out(f"{card.title}  {card.model_id}  ({card.kind})")
    out(f"{figures.capacity}")
    days = f"{card.judged_on[0]} … {card.judged_on[-1]}"
    rows = [
        (
            NAMES.get(each.name, each.name),
            f"{each.found_per_100:.2f}",
            f"{each.recall:.3f}",
            _text(each.auc),
            _text(each.average_precision),
            _text(each.lift),
            f"{each.found:.0f} / {each.positives}",
        )
        for each in sorted(figures.rankings, key=lambda each: -each.found)
    ]
    columns = ("排序", "每百次走访发现", "召回", "AUC", "AP", "相对法定顺序", "发现 / 全部")
    table(f"留出日期 {days},{len(card.judged_on)} 个", columns, rows)
    calibration = figures.calibration
    out(f"校准: ECE {calibration.ece:.4f},Brier {calibration.brier:.4f},"
        f"平均评分 {calibration.mean_score:.4f},实际 {calibration.mean_label:.4f}")  # fmt: skip
    table(
        "各群体(在名额内的召回)",
        ("群体", "儿童次", "阳性", "入选", "召回"),
        [(g.group, g.children, g.positives, g.selected, _text(g.recall)) for g in figures.parity],
    )


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
