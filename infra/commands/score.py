"""`shouhe score`: everyone on the ledger, by an approved model, with reasons."""

from __future__ import annotations

from datetime import date

from infra.console import DONE, emit_json, note, out
from infra.foresight import score_children
from infra.home import Home
from infra.settings import from_environment


def score(*, as_of: date, model: str = "", json: bool = False) -> int:
    """Score every child on the ledger as of a day, and record the scores with their reasons.

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD): only what was known by its end counts.
    model
        An approved model's id; without it, the latest approved.
    json
        Print one JSON object: `scored`, `new`, `model_id`, `as_of`, `log_position`,
        `learned_until`.
    """
    with Home(from_environment()) as home:
        counts = score_children(home, as_of, model or None)
    if counts.learned_until > as_of:
        note(
            f"模型 {counts.model_id} 学到 {counts.learned_until},晚于 {as_of}:它已知道那天以后的事,"
            "这些评分不能用来判断模型好坏"
        )
    if json:
        emit_json(counts._asdict())
    else:
        out(
            f"{counts.scored} 名儿童已评分(新增 {counts.new}),截至 {counts.as_of},"
            f"模型 {counts.model_id}"
        )
    return DONE
