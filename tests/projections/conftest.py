"""A log to write facts into, and read models to read them from."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pyarrow as pa
import pytest

from domain import child_file as c
from domain import foresight as f
from domain import guardianship as g
from domain import mandatory_report as r
from domain import subsidy as s
from domain import visiting as v
from domain import workforce as w
from domain.event import NO_CHILD, SHANGHAI, Event, Recorded, child_id, event_id
from domain.terms import Channel, Department, Parent, Relation, Severity, Sex, Tier, WorkerRole
from infra.sink import direct_sink
from infra.warehouse import embedded
from infra.wire import Row, messages
from projections.definition import load
from projections.engine import Engine
from projections.reference import references
from projections.rendering import view_texts
from projections.storages import Shelf, Storage

VILLAGE = "520526100201"
PARTITIONS = 4
START = datetime(2026, 1, 1, 4, tzinfo=UTC)

STRICT = """-- One row per visit, strictly read.
-- from: visit.completed.v1
-- table
CREATE TABLE {table} (minutes UInt8 COMMENT 'how long', {envelope})
ENGINE = MergeTree ORDER BY position
-- select
SELECT %s AS minutes, {envelope} FROM {events}
-- view strict
SELECT child_id, minutes, position FROM {facts}
"""


def at(day: str | date, hour: int = 12) -> datetime:
    """Noon (or another hour) of a Shanghai day."""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).astimezone(UTC)


class MemoryLog:
    """A log in memory: what the sink and verify need of the event store, and a pen."""

    def __init__(self) -> None:
        self.stored: list[Row] = []

    def head(self) -> int:
        return len(self.stored)

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        return self.stored[after : min(after + limit, len(self.stored) if upto is None else upto)]

    def write(
        self,
        event: Event,
        child: UUID = NO_CHILD,
        occurred: datetime = START,
        recorded: datetime | None = None,
        corrects: UUID = NO_CHILD,
        *,
        actor: str = "D-1",
        place: str = VILLAGE,
    ) -> UUID:
        """Append an event as it is stored; returns its id."""
        number = str(len(self.stored) + 1)
        own = event_id("urn:test", number)
        state = Recorded(
            event_id=own,
            source="urn:test",
            id=number,
            type=event.TYPE,
            child_id=child,
            occurred_at=occurred,
            recorded_at=recorded or occurred,
            actor=actor,
            role="director",
            place=place,
            corrects=corrects,
            data=msgspec.Raw(msgspec.json.encode(event)),
        )
        row = (len(self.stored) + 1, own.hex, 1, event.TYPE, msgspec.json.encode(state))
        self.stored.append(row)
        return own


class House:
    """A log, its sink and its read models, with short ways to ask."""

    def __init__(self, client: Any, ledger: Path, **options: Any) -> None:
        self.client, self.log = client, MemoryLog()
        self.sink = direct_sink(self.log, client, ledger)
        self.engine = Engine(client, **options)

    def catch_up(self) -> dict[str, int]:
        self.sink.advance()
        return self.engine.advance()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(query).result_rows]

    def contents(self) -> dict[str, Any]:
        """All that the stored read models say, facts and states."""
        names = [each.name for each in load() if each.stored]
        views = [view for name in names for view in (name, f"{name}_history")]
        return {view: self.ask(f"SELECT * FROM {view} ORDER BY ALL") for view in views}

    def as_new(self) -> bool:
        """Whether what is made is what a first `catch_up` makes: these files, generation 1."""
        made = self.ask("SELECT name FROM system.tables WHERE database = currentDatabase()")
        tables = {Storage(each.name, each.hash, 1).table for each in load() if each.stored}
        views = [name for each in load() for name in view_texts(each, "s" if each.stored else "")]
        fixed = {each.name for each in references()} | {"events", "checkpoints", "parked"}
        marks = Shelf(self.client).marks()
        return (
            {name for (name,) in made} == {*tables, *views, *fixed}
            and marks.keys() == set(views)
            and {table for table, _ in marks.values()} == {*tables, ""}
        )

    def clear(self) -> None:
        """Take out all that was written, and the tokens of the inserts with it."""
        for (name,) in self.ask(
            "SELECT name FROM system.tables WHERE database = currentDatabase()"
            " AND engine LIKE '%MergeTree'"
        ):
            self.client.command(f"TRUNCATE TABLE {name}")

    def one(self, query: str) -> dict[str, Any]:
        rows = list(self.client.query(query).named_results())
        assert len(rows) == 1, rows
        return rows[0]


def kid(number: int = 1) -> UUID:
    return child_id("urn:test", f"kid-{number}")


def random_event(random: Random, number: int) -> Event:
    """An event of a random type, with references from a small set so that they meet."""
    pick, some = random.choice, random.randint(1, 3)
    month = f"2026-{random.randint(1, 12):02d}"
    agreement, report = f"A-{number}-{some}", f"R-{number}-{some}"
    benefit, problem = f"B-{number}-{some}", f"P-{number}-{some}"
    pool = [
        c.CategoryAdded(category=pick(list(c.Category))),
        c.CategoryRemoved(category=pick(list(c.Category))),
        c.RiskFactorRecorded(factor=pick(list(c.RiskFactor)), present=random.random() < 0.7),
        c.TierSet(tier=pick(list(Tier))),
        c.VisitPlanSet(interval_days=random.randint(1, 90)),
        c.ChildMoved(residence_division=pick([VILLAGE, "520526100202"])),
        c.SchoolEnrolled(school_code="S-1", stage=c.SchoolStage.PRIMARY, grade=3, boarding=True),
        c.SchoolLeft(school_code="S-1", reason=c.SchoolLeaving.TRANSFERRED),
        c.HealthStatusSet(status=c.Health.DISABLED, disability_grade=random.randint(1, 4)),
        c.HealthStatusSet(status=c.Health.HEALTHY),
        c.LeftLedger(reason=c.Leaving.PARENT_BACK),
        c.ReturnedToLedger(),
        g.GuardianLinked(
            guardian_id=f"G-{some}", name="enc1:x", relation=pick(list(Relation)), is_legal=True
        ),
        g.GuardianAssessed(guardian_id=f"G-{some}", grade=pick(list(g.GuardianGrade))),
        *[g.ParentDeparted(parent=pick(list(Parent)), expected_return=date(2027, 1, 20))] * 4,
        *[g.ParentReturned(parent=pick(list(Parent)))] * 2,
        g.ParentStatusChanged(parent=pick(list(Parent)), status=pick(list(g.ParentStatus))),
        g.AgreementSigned(
            agreement_id=agreement,
            name="enc1:y",
            relation=pick(list(Relation)),
            start=date(2026, 2, 1),
            end=pick([None, date(2026, 6, 1), date(2027, 2, 1)]),
            child_view_heard=True,
        ),
        g.AgreementFiled(agreement_id=agreement),
        g.AgreementRenewed(agreement_id=agreement, end=pick([date(2026, 9, 1), date(2027, 5, 1)])),
        g.DelegateAssessed(
            agreement_id=agreement, disqualifiers=[g.Disqualifier.DRUGS][: some - 1]
        ),
        g.AgreementEnded(agreement_id=agreement, reason=g.AgreementEnding.EXPIRED),
        g.DelegateReplaced(agreement_id=agreement, new_agreement_id="A-next"),
        g.DeficiencyFound(agreement_id=agreement, kind=pick(list(g.Deficiency))),
        *[
            g.ParentContactLogged(
                leg=pick(list(g.ContactLeg)), parent=pick(list(Parent)), channel=Channel.VIDEO
            )
        ]
        * 4,
        *[
            v.VisitCompleted(
                by=pick(list(WorkerRole)),
                child_seen=random.random() < 0.9,
                minutes=pick([None, 20]),
                concerns=[v.Concern.HEALTH, v.Concern.SAFETY][: some - 1],
            )
        ]
        * 4,
        *[
            v.VisitAttemptFailed(
                by=pick([WorkerRole.DIRECTOR, WorkerRole.SUPERVISOR]),
                reason=pick(list(v.NotVisited)),
            )
        ]
        * 3,
        *[v.ContactLogged(by=pick(list(WorkerRole)), channel=Channel.PHONE, minutes=some)] * 4,
        v.ProblemFound(
            problem_id=problem,
            kind=pick(list(v.ProblemKind)),
            severity=pick(list(Severity)),
            found_by=v.FoundBy.VISIT,
        ),
        v.ProblemResolved(problem_id=problem, outcome=v.ProblemOutcome.SOLVED),
        r.ReportSubmitted(
            report_id=report,
            situation=pick(list(r.Situation)),
            to=Department.POLICE,
            reporter_kind=r.ReporterKind.SCHOOL,
        ),
        r.ReportReceived(report_id=report, desk=Department.POLICE),
        r.ReportTransferred(report_id=report, to=Department.EDUCATION),
        r.ReportAccepted(report_id=report, desk=Department.EDUCATION),
        r.ReportInvestigated(report_id=report, finding=r.Substantiation.SUBSTANTIATED),
        r.ReportMeasureTaken(report_id=report, measure=pick(list(r.Measure))),
        r.ReportDisposed(report_id=report, outcome=r.Disposal.GUIDANCE),
        r.ReportFeedbackGiven(report_id=report, manner=r.FeedbackManner.PHONE),
        s.EligibilityAssessed(
            benefit_id=benefit, type=pick(list(s.Benefit)), result=s.Eligibility.ELIGIBLE
        ),
        s.BenefitGranted(
            benefit_id=benefit, type=s.Benefit.ORPHAN, amount_fen=75_000, from_month=month
        ),
        s.BenefitAdjusted(benefit_id=benefit, amount_fen=80_000 + some, from_month=month),
        *[s.BenefitPaid(benefit_id=benefit, amount_fen=75_000 + some, period=month)] * 3,
        s.BenefitStopped(benefit_id=benefit, reason=s.Stopping.AGED_OUT, last_month=month),
        f.RiskScored(model_id="m-1", as_of=date(2026, 3, some), score=0.25, log_position=number),
    ]
    return pick(pool)


def dice(seed: int) -> Random:
    """The same histories for the same seed."""
    return Random(seed)  # noqa: S311 - not for secrets


def register(log: MemoryLog, number: int, when: datetime = START) -> UUID:
    """A child on the ledger; returns its id."""
    child = kid(number)
    born = c.ChildRegistered(
        name="enc1:n",
        id_type=c.IDType.NONE,
        sex=Sex.GIRL,
        birth_date=date(2015, 3, 7),
        hukou_type=c.Hukou.RURAL,
        hukou_division="520526",
        residence_division=VILLAGE,
    )
    log.write(born, child, when)
    return child


def live_on(log: MemoryLog, random: Random, count: int, children: int = 4) -> None:
    """Append random events: late ones, corrections of corrections, retractions among them."""
    if not log.stored:
        for number in range(children):
            register(log, number)
        w_place = w.WorkerAppointed(
            worker_id="D-1", role=WorkerRole.DIRECTOR, place=VILLAGE, weekly_hours=6.5
        )
        log.write(w_place)
    written: list[tuple[UUID, int, Event]] = []
    for _ in range(count):
        number = random.randrange(children)
        event = random_event(random, number)
        when = START + timedelta(minutes=random.randrange(200 * 24 * 60))
        recorded = when + timedelta(minutes=random.choice([0, 5, 60 * 24 * 40]))
        child, corrects = kid(number), NO_CHILD
        if written and random.random() < 0.15:
            corrects, number, old = written.pop(random.randrange(len(written)))
            child = kid(number)
            again = (random_event(random, number) for _ in range(120))
            event = next((each for each in again if _same(each, old)), c.RecordRetracted())
        own = log.write(event, child, when, recorded, corrects)
        if event.TYPE != c.RecordRetracted.TYPE:
            written.append((own, number, event))


def _same(event: Event, old: Event) -> bool:
    """Whether it may correct the old one: the same type about the same thing, as intake asks."""
    if event.TYPE != old.TYPE:
        return False
    return event.KEY is None or getattr(event, event.KEY) == getattr(old, event.KEY)


class Topic:
    """The log on a topic: each event in one partition, in order, at offsets with gaps."""

    def __init__(
        self, house: House, partitions: int, choose: Callable[[Row], int], random: Random
    ) -> None:
        self.house, self._choose, self._random = house, choose, random
        self._published = 0
        self._next = [0] * partitions
        self.waiting: list[list[tuple[int, bytes]]] = [[] for _ in range(partitions)]

    def publish(self) -> None:
        """Put what is new in the log on the topic; ClickHouse hasn't got it yet."""
        new = self.house.log.stored[self._published :]
        self._published += len(new)
        for row, message in zip(new, messages(new), strict=True):
            partition = self._choose(row)
            self.waiting[partition].append((self._next[partition], message))
            self._next[partition] += self._random.choice([1, 1, 1, 2, 3])

    def deliver(self, partition: int, count: int | None = None) -> None:
        """Bring the next events of a partition to ClickHouse; all of them if no number is said."""
        some = self.waiting[partition][:count]
        self.waiting[partition] = self.waiting[partition][len(some) :]
        if some:
            table = pa.table(
                {
                    "topic": ["shouhe.events"] * len(some),
                    "partition": pa.array([partition] * len(some), pa.uint32()),
                    "offset": pa.array([offset for offset, _ in some], pa.uint64()),
                    "state": pa.array([message for _, message in some], pa.binary()),
                }
            )
            self.house.client.insert_arrow("events", table)

    def deliver_all(self) -> None:
        for partition in range(len(self.waiting)):
            self.deliver(partition)


def by_child(row: Row) -> int:
    """A child's events stay together and in order, as the relay's key does it."""
    return UUID(json.loads(row[4])["subject"]).int % PARTITIONS


def anywhere(random: Random, partitions: int = PARTITIONS) -> Callable[[Row], int]:
    """Worse than the relay: a correction can come before what it corrects."""
    return lambda _: random.randrange(partitions)


def new_topic(house: House, seed: int = 5) -> Topic:
    """A topic of some hundred events by child, published and not yet delivered."""
    random = dice(seed)
    live_on(house.log, random, 300, children=8)
    topic = Topic(house, PARTITIONS, by_child, random)
    topic.publish()
    return topic


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One engine for the tests of a module (chDB opens one directory at a time)."""
    client = embedded(tmp_path_factory.mktemp("clickhouse"))
    yield client
    _empty.clear()
    client.close()


_empty: list[str] = []
"""Databases of the engine in which all is made as in a new house, and nothing is written."""


_numbers = itertools.count(1)


@contextmanager
def new_house(
    clickhouse: Any, folder: Path, *, fresh: bool = False, **options: Any
) -> Iterator[House]:
    """A house in a database of its own. `fresh`: not even its tables are made."""
    reused = bool(_empty) and not fresh
    name = _empty.pop() if reused else f"house_{next(_numbers)}"
    if not reused:
        clickhouse.command(f"CREATE DATABASE {name}")
    clickhouse.database = name
    made = House(clickhouse, folder / f"{name}-{next(_numbers)}.sqlite", **options)
    try:
        yield made
    finally:
        clickhouse.database = name
        if reusable := not fresh and made.as_new():
            made.clear()
            _empty.append(name)
        clickhouse.database = "shouhe"
        if not reusable:
            clickhouse.command(f"DROP DATABASE {name} SYNC")


@pytest.fixture
def house(clickhouse: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """An empty house. In a module that sets FRESH = True not even its tables are made yet."""
    fresh = getattr(request.module, "FRESH", False)
    with new_house(clickhouse, tmp_path, fresh=fresh) as made:
        yield made


@pytest.fixture
def topic(house: House) -> Topic:
    """Some hundred events of the house's log, on a topic and not yet in ClickHouse."""
    return new_topic(house)


@pytest.fixture
def statements(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement from here on that changes something; clear it to begin later."""
    seen: list[str] = []
    command = house.client.command

    def listen(text: str, *args: Any, **options: Any) -> Any:
        seen.append(text)
        return command(text, *args, **options)

    monkeypatch.setattr(house.client, "command", listen)
    return seen


@pytest.fixture
def house_maker(clickhouse: Any, tmp_path: Path) -> Any:
    """As many empty houses as a test needs, one at a time."""
    return partial(new_house, clickhouse, tmp_path)


@pytest.fixture(scope="session")
def helpers() -> Any:
    """This module: `kid`, `at`, `House`, `MemoryLog`."""
    return sys.modules[__name__]
