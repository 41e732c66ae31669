"""Why the places on a village's lists changed from one week to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.list_changes import Change, Place, changes
from infra.home import Home
from infra.visit_lists import monday_of

LINES = """
SELECT l.worker_id, l.child_id, l.rank, l.duty, l.score, l.listed_at FROM visit_list AS l
WHERE l.week = {week:String} AND l.village_code = {village:String} ORDER BY l.worker_id, l.rank
"""
SCORED = """
SELECT child_id, argMax(score, (as_of, recorded_at)), argMax(model_id, (as_of, recorded_at))
FROM scores_history
WHERE NOT shadow AND recorded_at <= {made:DateTime64(6, 'UTC')}
    AND model_id IN {models:Array(String)} AND child_id IN {children:Array(UUID)}
GROUP BY child_id
"""
MODELS = """
SELECT DISTINCT s.model_id FROM scores_history AS s
JOIN visit_list AS l ON l.child_id = s.child_id AND l.score = s.score
WHERE NOT s.shadow AND l.week = {week:String} AND l.village_code = {village:String}
    AND s.recorded_at <= {made:DateTime64(6, 'UTC')}
"""
RECORDED = """
SELECT child_id, groupArray(event_id) FROM (
    SELECT child_id, event_id FROM timeline
    WHERE child_id IN {children:Array(UUID)} AND recorded_at > {since:DateTime64(6, 'UTC')}
        AND recorded_at <= {made:DateTime64(6, 'UTC')}
        AND type NOT IN ('access.logged.v1', 'visit_list.child_listed.v1', 'risk.scored.v1')
    ORDER BY position
)
GROUP BY child_id
"""


class _List:
    """The lists of a village and week: worker → child → place; when the first was made."""

    def __init__(self, client: Any, week: str, village: str) -> None:
        monday_of(week)
        self._client, self._given = client, {"week": week, "village": village}
        self.lines = client.query(LINES, self._given).result_rows
        self.made = max((_utc(row[5]) for row in self.lines), default=None)

    def children(self) -> set[UUID]:
        return {row[1] for row in self.lines}

    def places(self, worker: str, among: set[UUID]) -> dict[UUID, Place]:
        """How each of some children stood for a director."""
        scored = self._scored(among)
        found = {
            child: Place(rank=None, score=score, model_id=model)
            for child, (score, model) in scored.items()
        }
        for who, child, rank, duty, score, _ in self.lines:
            if who == worker:
                model = scored[child][1] if score is not None and child in scored else ""
                found[child] = Place(rank=rank, duty=duty, score=score, model_id=model)
        return found

    def _scored(self, among: set[UUID]) -> dict[UUID, tuple[float, str]]:
        """The scores that the list could know, by the model that it went by."""
        if self.made is None:
            return {}
        given = {**self._given, "made": self.made}
        models = [row[0] for row in self._client.query(MODELS, given).result_rows]
        if not models or not among:
            return {}
        given |= {"models": models, "children": sorted(among)}
        rows = self._client.query(SCORED, given).result_rows
        return {child: (score, model) for child, score, model in rows}


def list_changes(home: Home, village: str, since: str, week: str) -> dict[str, list[Change]]:
    """Director → every change of a place between the lists of two weeks. Raises WrongUsageError."""
    home.catch_up()
    client = home.warehouse
    before, after = _List(client, since, village), _List(client, week, village)
    among = before.children() | after.children()
    recorded: dict[UUID, list[UUID]] = {}
    if before.made and after.made and among:
        given = {"children": sorted(among), "since": before.made, "made": after.made}
        recorded = dict(client.query(RECORDED, given).result_rows)
    workers = sorted({row[0] for row in (*before.lines, *after.lines)})
    return {
        worker: changes(before.places(worker, among), after.places(worker, among), recorded)
        for worker in workers
    }


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
