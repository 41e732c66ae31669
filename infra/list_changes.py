"""Why the places on a village's lists changed from one week to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from domain.list_changes import UNLISTED, Change, Known, Place, Waits, changes
from domain.visit_list import Candidate, Rules, at_rest
from domain.visiting import VisitCompleted
from infra.home import Home
from infra.list_candidates import candidates
from infra.visit_lists import monday_of

LINES = """
SELECT l.worker_id, l.child_id, l.rank, l.duty, l.score, l.listed_for, l.task, l.raised_for, l.tied,
    l.listed_at
FROM visit_list AS l
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
SELECT child_id, groupArray(event_id), groupArrayIf(event_id, type = {visited:String}) FROM (
    SELECT child_id, event_id, type FROM timeline
    WHERE child_id IN {children:Array(UUID)} AND recorded_at > {since:DateTime64(6, 'UTC')}
        AND recorded_at <= {made:DateTime64(6, 'UTC')}
        AND type NOT IN ('access.logged.v1', 'visit_list.child_listed.v1', 'risk.scored.v1')
    ORDER BY position
)
GROUP BY child_id
"""
HOURS = """
SELECT worker_id, groupArray(event_id) FROM workers_history
WHERE worker_id IN {workers:Array(String)} AND recorded_at <= {made:DateTime64(6, 'UTC')}
    AND (recorded_at > {since:DateTime64(6, 'UTC')} OR
        toDate(occurred_at, 'Asia/Shanghai') > {early:Date}
        AND toDate(occurred_at, 'Asia/Shanghai') <= {late:Date})
GROUP BY worker_id
"""
NUMBERS = """
SELECT groupArray(event_id) FROM tightened_settings_history
WHERE startsWith({village:String}, area) AND recorded_at <= {made:DateTime64(6, 'UTC')}
    AND (recorded_at > {since:DateTime64(6, 'UTC')} OR valid_from > {early:Date}
        AND valid_from <= {late:Date})
"""


class _List:
    """The lists of a village and week: worker → child → place; when the first was made."""

    def __init__(self, client: Any, week: str, village: str) -> None:
        self.monday = monday_of(week)
        self._client, self._given = client, {"week": week, "village": village}
        self.lines = client.query(LINES, self._given).result_rows
        self.made = max((_utc(row[-1]) for row in self.lines), default=None)
        waiting = candidates(client, week, self.monday, [village], ("", self.monday))
        self.waiting = waiting.get(village, [])
        self._waits = self._asked()

    def children(self) -> set[UUID]:
        return {row[1] for row in self.lines}

    def places(self, worker: str, among: set[UUID]) -> dict[UUID, Place]:
        """How each of some children stood for a director."""
        scored = self._scored(among)
        found = {
            child: Place(rank=None, score=score, model_id=model)
            for child, (score, model) in scored.items()
        }
        for who, child, rank, duty, score, listed_for, task, raised_for, tied, _ in self.lines:
            if who == worker:
                model = scored[child][1] if score is not None and child in scored else ""
                found[child] = Place(
                    rank=rank, duty=duty, score=score, model_id=model, listed_for=listed_for,
                    task=task, raised_for=raised_for, tied=bool(tied),
                )  # fmt: skip
        return {
            child: msgspec.structs.replace(
                found.get(child, UNLISTED), waits=self._waits.get(child, Waits())
            )
            for child in among
        }

    def _asked(self) -> dict[UUID, Waits]:
        """What the planner asked besides duty and score."""
        rules, resting = Rules(), at_rest(self.waiting, self.monday)
        called = self.monday - timedelta(days=rules.call_pause_days)
        unseen = self.monday - timedelta(days=rules.unseen_days)
        return {
            each.child_id: Waits(
                rests=each.child_id in resting,
                called=any(
                    owed.duty == "director_contact"
                    and owed.last_done is not None
                    and owed.last_done >= called
                    for owed in each.duties
                ),
                unseen=each.unseen_since is not None and each.unseen_since < unseen,
                little=each.little_known,
            )
            for each in self.waiting
        }

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
    workers = sorted({row[0] for row in (*before.lines, *after.lines)})
    known = _known(client, village, workers, before, after)
    return {
        worker: changes(before.places(worker, among), after.places(worker, among), known[worker])
        for worker in workers
    }


def _known(
    client: Any, village: str, workers: Sequence[str], before: _List, after: _List
) -> dict[str, Known]:
    """What was recorded between the lists, for each director."""
    if before.made is None or after.made is None:
        return dict.fromkeys(workers, Known())
    houses = _houses((*before.waiting, *after.waiting))
    children = {*before.children(), *after.children(), *houses}
    given = {
        "children": sorted(children), "since": before.made, "made": after.made,
        "visited": VisitCompleted.TYPE, "workers": workers, "village": village,
        "early": before.monday, "late": after.monday,
    }  # fmt: skip
    own, visits = dict[UUID, list[UUID]](), dict[UUID, list[UUID]]()
    for child, events, visited in client.query(RECORDED, given).result_rows:
        own[child], visits[child] = events, visited
    siblings = {
        child: [event for other in house - {child} for event in visits.get(other, ())]
        for child, house in houses.items()
    }
    (numbers,) = client.query(NUMBERS, given).result_rows[0]
    hours = dict(client.query(HOURS, given).result_rows)
    return {
        worker: Known(own=own, siblings=siblings, numbers=numbers, hours=hours.get(worker, ()))
        for worker in workers
    }


def _houses(waiting: Sequence[Candidate]) -> Mapping[UUID, set[UUID]]:
    """Child → the children of its household."""
    houses: dict[str, set[UUID]] = {}
    for each in waiting:
        houses.setdefault(each.household or str(each.child_id), set()).add(each.child_id)
    return {child: house for house in houses.values() for child in house}


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
