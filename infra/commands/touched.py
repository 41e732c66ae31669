"""`shouhe touched`: the past lists and scores that a corrected event, or a child, stood behind."""

from __future__ import annotations

from uuid import UUID

from domain.errors import WrongUsageError
from infra.console import DONE, emit_json, out, table
from infra.home import Home
from infra.settings import from_environment
from infra.touched import Touched, by_child, by_event


def touched(*, event: str = "", child: str = "", json: bool = False) -> int:
    """Name the past lists and scores that knew an event, or all of a child.

    Parameters
    ----------
    event
        An event's id. Of a correction or a retraction: what the corrected event touched.
    child
        Our child id: every score and list line of the child, also after it was forgotten.
    json
        Print one JSON object: `child_id`, `event_id`, `type`, `until`, `scores` (`model_id`,
        `as_of`, `shadow`, `by_reason`, `why`), `lists` (`week`, `village_code`, `worker_id`,
        `rank`, `reasons`, `listed_at`, `by_reason`).
    """
    if bool(event) == bool(child):
        raise WrongUsageError("touched: give --event ID or --child CHILD")
    asked = _id(event or child)
    with Home(from_environment()) as home:
        found = by_event(home, asked) if event else by_child(home, asked)
    if json:
        emit_json(found)
    else:
        _show(found)
    return DONE


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise WrongUsageError(f"touched: {text!r} is no id; use the UUID of the log") from None


def _show(found: Touched) -> None:
    what = f"事件 {found.event_id} ({found.type})" if found.event_id else "全部记录"
    until = f",{found.until:%Y-%m-%d %H:%M} 起被更正" if found.until else ""
    out(f"儿童 {found.child_id}:{what}{until}")
    table(
        f"涉及的清单 {len(found.lists)} 行",
        ("周", "村", "儿童主任", "序", "依据此事件", "理由"),
        [
            (e.week, e.village_code, e.worker_id, e.rank, _yes(e.by_reason), ";".join(e.reasons))
            for e in found.lists
        ],
    )
    table(
        f"涉及的评分 {len(found.scores)} 次",
        ("截至", "模型", "试算", "依据此事件", "有关理由"),
        [
            (e.as_of, e.model_id, _yes(e.shadow), _yes(e.by_reason), ";".join(e.why))
            for e in found.scores
        ],
    )


def _yes(value: bool) -> str:
    return "是" if value else "–"
