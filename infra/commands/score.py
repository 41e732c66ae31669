"""`shouhe score`: everyone on the ledger, by an approved model, with reasons."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import IO

import msgspec

from infra.console import DONE, emit_json, note, out
from infra.foresight import ScoredCounts, score_children
from infra.home import Home
from infra.settings import from_environment
from risk.approvals import shadow_models
from risk.scoring import Scored


def score(
    *,
    as_of: date,
    model: str = "",
    out_: Path | None = None,
    keep: bool = True,
    shadow: bool = False,
    json: bool = False,
) -> int:
    """Score every child on the ledger as of a day, and record the scores with their reasons.

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD): only what was known by its end counts.
    model
        A model's id, approved or in shadow; without it, the latest approved.
    out_
        Write the scores to this file too, one JSON object a line, in the order of child ids. The
        same log, model and code give the same bytes on every machine.
    keep
        With --no-keep nothing is recorded: to see again what a model said, even one expired or
        retired since.
    shadow
        Score with every challenger in shadow instead.
    json
        Print one JSON object: `scored`, `new`, `model_id`, `as_of`, `log_position`,
        `learned_until`, `shadow`; with --shadow, an array of them.
    """
    with Home(from_environment()) as home, ExitStack() as files:
        file = files.enter_context(out_.open("wb")) if out_ is not None else None
        if shadow:
            home.catch_up()
            models: list[str | None] = [each.model_id for each in shadow_models(home.warehouse)]
        else:
            models = [model or None]
        done = [
            score_children(home, as_of, each, keep=keep, tell=lambda s: write(file, s))
            for each in models
        ]
    if json:
        emit_json([each._asdict() for each in done] if shadow else done[0]._asdict())
        return DONE
    for each in done:
        _show(each, as_of)
    if not done:
        out("没有试算中的模型 (none in shadow): shouhe approve MODEL --by WHO --shadow")
    return DONE


def write(file: IO[bytes] | None, scored: Scored) -> None:
    """One line of the file."""
    if file is not None:
        line = {"child_id": scored.child_id, "village_code": scored.village_code}
        line |= msgspec.to_builtins(scored.fact)
        file.write(msgspec.json.encode(line, order="sorted") + b"\n")


def _show(counts: ScoredCounts, as_of: date) -> None:
    if counts.learned_until > as_of:
        note(
            f"模型 {counts.model_id} 学到 {counts.learned_until},晚于 {as_of}:它已知道那天以后的事,"
            "这些评分不能用来判断模型好坏"
        )
    out(
        f"{counts.scored} 名儿童已评分(新增 {counts.new}),截至 {counts.as_of},"
        f"模型 {counts.model_id}{'(试算)' if counts.shadow else ''}"
    )
