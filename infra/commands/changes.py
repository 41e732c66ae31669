"""`shouhe changes`: why the places on a village's lists changed from one week to the next."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.foresight import Task
from infra.console import DONE, emit_json, table
from infra.home import Home
from infra.list_changes import list_changes
from infra.settings import from_environment


def changes(*, village: str, since: str, week: str, json: bool = False) -> int:
    """Name the cause of every change of a line: a model, the lot, an event, the calendar, a tie, or
    others.

    Parameters
    ----------
    village
        The village (12 digits).
    since
        The earlier ISO week, such as 2026-W11.
    week
        The later one.
    json
        Print one JSON array of `worker_id`, `child_id`, `before`, `after`, `task_before`,
        `task_after`, `cause`, `event_ids`.
    """
    with Home(from_environment()) as home:
        found = list_changes(home, village, since, week)
    if json:
        rows: list[dict[str, Any]] = [
            {"worker_id": worker, **msgspec.to_builtins(each)}
            for worker, own in found.items()
            for each in own
        ]
        emit_json(rows)
        return DONE
    for worker, own in found.items():
        table(
            f"{since} → {week} · 儿童主任 {worker}:{len(own)} 处变化",
            ("儿童", "原序", "现序", "原因", "事件"),
            [
                (str(e.child_id)[:8], _said(e.before, e.task_before),
                 _said(e.after, e.task_after), e.cause.label,
                 ",".join(str(event)[:8] for event in e.event_ids[:3]))
                for e in own
            ],
        )  # fmt: skip
    return DONE


def _said(rank: int | None, task: str) -> str:
    """A place, and whether for a visit or a call; – where there is none."""
    label = next((each.label for each in Task if each.value == task), "")
    return f"{rank} {label}".strip() if rank else "–"
