"""`shouhe list`: the visit lists of a week, for every director; recorded as events."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

from domain.bands import Band
from domain.errors import WrongUsageError
from domain.list_line import ListLine
from domain.visit_list import Rules
from infra.console import DONE, emit_json, note, table
from infra.home import Home
from infra.settings import from_environment
from infra.visit_lists import Row, make_lists, monday_of

TOGETHER = 1_000
"""Children that are asked about in one question."""


def list_(
    *,
    week: str,
    village: str = "",
    random_share: float = 0.05,
    csv: bool = False,
    json: bool = False,
) -> int:
    """Make the visit lists of a week: duty first, then risk, within each director's hours.

    The lists are recorded as events, unless they say what the last ones of that week said.

    Parameters
    ----------
    week
        ISO week, such as 2026-W12.
    village
        Only this village (12 digits), or every village of a place by the beginning of its code.
    random_share
        Share of the visits that is drawn by lot and recorded as such; 0 for none.
    csv
        Print CSV on standard output.
    json
        Print one JSON array of `village_code`, `worker_id`, `child_id`, `rank`, `duty`, `score`,
        `reasons`, `listed_for`, `propensity`, `model_id`, `tied`, `task`
        (visit or contact), `raised_for` (what made a visit of a contact).
    """
    if csv and json:
        raise WrongUsageError("--csv and --json both want standard output; choose one")
    monday_of(week)
    if not 0 <= random_share <= 1:
        raise WrongUsageError(f"--random-share: {random_share} is no share; use 0 to 1")
    with Home(from_environment()) as home:
        lists = make_lists(home, week, village, rules=Rules(random_share=random_share))
        said = {} if csv or json else bands_of(home, week, lists.rows)
    if not lists.rows:
        note(f"没有可排的清单:{village or '任何地方'} 没有在任儿童主任,或其儿童无到期职责与评分")
    if not lists.model_id:
        note("尚无已批准模型的近期评分:清单只按法定职责排序 (no scores: statutory duty alone)")
    elif lists.rows:
        note(f"位次由抽签决定的占 {lists.tied:.1%} (share of lines decided by ties)")
    if json:
        emit_json(lists.rows)
    elif csv:
        _csv(lists.rows)
    else:
        show_lists(week, lists.rows, said)
    return DONE


def _csv(rows: Sequence[Row]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Row.__struct_fields__)
    for row in rows:
        score = "" if row.score is None else row.score
        values = (row.village_code, row.worker_id, row.child_id, row.rank, row.duty, score)
        chance = "" if row.propensity is None else row.propensity
        more = (row.listed_for, chance, row.model_id, int(row.tied), row.task, row.raised_for)
        writer.writerow((*values, ";".join(row.reasons), *more))


def bands_of(home: Home, week: str, rows: Sequence[Row]) -> dict[UUID, Band]:
    """How the children of some lines stand, as their pages say it."""
    from infra.web import standing  # noqa: PLC0415 - brings the web along: for people alone

    client, found = home.warehouse, dict[UUID, Band]()
    scored = [row.child_id for row in rows if row.score is not None]
    model = standing.in_use(client, monday_of(week)) if scored else None
    for first in range(0, len(scored) if model else 0, TOGETHER):
        some = scored[first : first + TOGETHER]
        found |= model.bands(client, some, standing.known_of(client, some)) if model else {}
    return found


def _asked(row: Row) -> str:
    """Visit or call, and why."""
    asked = ListLine.stored(row.duty, row.listed_for, row.task, row.raised_for)
    terms = [asked.task, *asked.why] if asked.task else asked.why
    return " ".join(each.label for each in terms)


def show_lists(week: str, rows: Sequence[Row], said: Mapping[UUID, Band]) -> None:
    """One table per director. A score is said in words; `--json` and `--csv` have the number."""
    columns = ("序", "儿童", "做什么", "评分说明", "理由")
    for (village, worker), lines in groupby(
        rows, key=lambda row: (row.village_code, row.worker_id)
    ):
        table(
            f"{week} 走访清单 · 村 {village} · 儿童主任 {worker}",
            columns,
            [
                (
                    row.rank,
                    str(row.child_id)[:8],
                    _asked(row),
                    said[row.child_id].label if row.child_id in said else "–",
                    ";".join(row.reasons),
                )
                for row in lines
            ],
        )
