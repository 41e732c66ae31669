"""十八项任务指标: every check at a place, one rule at the places below, and who is overdue.

Numbers for all who oversee; the breach list names subjects by their number alone (a child's id, a
school's code), never by name. Same sheets as `shouhe indicators` and `shouhe duties`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby
from threading import Lock
from typing import Annotated, Any, NamedTuple, TypeVar, cast

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import Parameter

from domain.divisions import address
from domain.rules.register import BY_ID
from domain.rules.tasks import BESIDES, TASKS, Task
from domain.vocabulary import EVENTS
from infra.home import Home
from infra.oversight import BELOW, DUTIES, INDICATORS, Indicator, Owed, counted, in_plan_order
from infra.recent import Recent
from infra.web.guard import Grant
from infra.web.places import PlaceCode, place_here
from infra.web.showing import page, today_of
from projections.around import around

PROVINCE = "52"
COUNTY = 6
SECRET_RULES = frozenset(
    rule for cls in EVENTS.values() if cls.SENSITIVITY == "secret" for rule in cls.RULES
)
"""Rules about mandatory reports."""

FRESH = 300.0
"""Seconds for which numbers are kept."""

KEPT = 100
LONGEST = 1000
"""Breaches of a rule at a place that can be paged through."""

T = TypeVar("T")
SHOWN = 100
"""Lines of a page of breaches."""

RuleId = Annotated[str, Parameter(pattern=r"^[A-Z][0-9]{1,2}(\.[0-9]{1,2})?$")]
Part = Annotated[int, Parameter(ge=1, le=10_000)]


class TaskRow(NamedTuple):
    """One of the 18 tasks at a place: its checks, and their sums."""

    task: Task
    checks: list[Indicator]

    @property
    def overdue(self) -> int:
        """Over the checks that oblige; discretionary ones are never overdue."""
        return sum(each.overdue for each in self.checks if each.kind != "D")

    @property
    def subjects(self) -> int:
        """What the checks are about."""
        return sum(each.subjects for each in self.checks if each.kind != "D")


@get("/indicators", sync_to_thread=True, right="indicators")
def own_indicators(state: State, grant: Grant) -> Response[Any]:
    """The reader's own place; the province for who is everywhere."""
    return _tasks(state, grant, grant.reader.place or PROVINCE)


@get("/indicators/{code:str}", sync_to_thread=True, right="indicators")
def place_indicators(state: State, grant: Grant, code: PlaceCode) -> Response[Any]:
    """A place within the reader's own."""
    place_here(state, grant, code)
    return _tasks(state, grant, code)


@get("/indicators/{code:str}/{rule:str}", sync_to_thread=True, right="indicators")
def rule_page(state: State, grant: Grant, code: PlaceCode, rule: RuleId) -> Response[Any]:
    """One rule, at a place and at the places one level below."""
    place_here(state, grant, code)
    if rule not in BY_ID:
        raise NotFoundException("no such rule")
    home: Home = state.home
    known = _numbers(state).measured(code, today_of(home))
    found = [each for each in known if each.rule == rule and _open(grant, each)]
    places = [(at, list(own)) for at, own in groupby(found, key=lambda each: each.place)]
    return page("rule.html", grant, rule=BY_ID[rule], code=code, place=address(code),
                today=today_of(home), places=places, breaches=grant.may("breaches")
                and (rule not in SECRET_RULES or grant.reader.may_read_secret),
                below=len(code) in BELOW)  # fmt: skip


@get("/breaches/{code:str}/{rule:str}", sync_to_thread=True, right="breaches")
def breaches_page(
    state: State, grant: Grant, code: PlaceCode, rule: RuleId, part: Part = 1
) -> Response[Any]:
    """Who is overdue under one rule, the longest first: by number, no names."""
    place_here(state, grant, code)
    secret = rule in SECRET_RULES and not grant.reader.may_read_secret
    if rule not in BY_ID or secret or len(code) < COUNTY:
        raise NotFoundException("no such rule")
    home: Home = state.home
    count, found = _numbers(state).overdue(code, rule, today_of(home))
    return page("breaches.html", grant, rule=BY_ID[rule], code=code, place=address(code),
                today=today_of(home), rows=found[(part - 1) * SHOWN : part * SHOWN],
                count=count, part=part, parts=-(-len(found) // SHOWN),
                files=grant.may("child_file"))  # fmt: skip


def _tasks(state: State, grant: Grant, code: str) -> Response[Any]:
    home: Home = state.home
    found = _numbers(state).measured(code, today_of(home))
    own = [each for each in found if each.place == code and _open(grant, each)]
    rows = by_task(own)
    return page("indicators.html", grant, code=code, place=address(code), today=today_of(home),
                rows=rows, overdue=sum(row.overdue for row in rows),
                behind=sum(row.overdue > 0 for row in rows))  # fmt: skip


def _open(grant: Grant, each: Indicator) -> bool:
    """Among the few children of a village a number of reports would say whose: for the desk."""
    near = len(each.place) > COUNTY
    return grant.reader.may_read_secret or not (near and each.rule in SECRET_RULES)


def by_task(found: Sequence[Indicator]) -> list[TaskRow]:
    """The tasks in the plan's order, each with its checks; those besides the 18 last."""
    tasks = (*TASKS, *BESIDES.tasks)
    own: dict[str, list[Indicator]] = {each.number: [] for each in tasks}
    for each in found:
        own[BY_ID[each.rule].task].append(each)
    return [TaskRow(task, own[task.number]) for task in tasks]


class Numbers:
    """The day's numbers, kept for some minutes: ClickHouse thinks for seconds about such a view.

    No name is in them, and they are asked for after the place is. One instance a home.
    """

    def __init__(self, home: Home, clock: Callable[[], float] = time.monotonic) -> None:
        self._home, self._clock, self._lock = home, clock, Lock()
        self._kept: Recent[tuple[str, str, date], tuple[float, Any]] = Recent(KEPT)

    def measured(self, code: str, today: date) -> list[Indicator]:
        """The checks at a place and at those one level below, in the plan's order."""
        asked = {"digits": BELOW.get(len(code), 0), "rule": ""}
        return self._keep(("", code, today), lambda: in_plan_order(
            counted(row) for row in self._ask(INDICATORS, code, today, asked)
        ))  # fmt: skip

    def overdue(self, code: str, rule: str, today: date) -> tuple[int, list[Owed]]:
        """How much is overdue under a rule, and the LONGEST of it, the longest first."""

        def ask() -> tuple[int, list[Owed]]:
            rows = self._ask(DUTIES, code, today, {"rule": rule, "all": 0})
            names = Owed.__struct_fields__
            found = (Owed(**dict(zip(names, row, strict=True))) for row in rows)
            late = [each for each in found if each.state == "overdue"]
            return len(late), late[:LONGEST]

        return self._keep((rule, code, today), ask)

    def _keep(self, key: tuple[str, str, date], ask: Callable[[], T]) -> T:
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and self._clock() - kept[0] < FRESH:
            return cast("T", kept[1])
        found = ask()
        with self._lock:
            self._kept.put(key, (self._clock(), found))
        return found

    def _ask(
        self, sql: str, code: str, today: date, more: dict[str, object]
    ) -> Sequence[Sequence[Any]]:
        client = self._home.warehouse
        asked = {"place": code, "as_of": today, "known_by": today} | more
        only = around(client, [code], happened=True)
        rows: Sequence[Sequence[Any]] = client.query(sql, asked, settings=only).result_rows
        return rows


def _numbers(state: State) -> Numbers:
    numbers: Numbers = state.numbers
    return numbers


ROUTES = (own_indicators, place_indicators, rule_page, breaches_page)
