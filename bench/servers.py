"""The road on servers: PostgreSQL → Kafka → ClickHouse, beside bare clients and the library."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from kafka import TopicPartition

from bench.measure import Line, peak_mib, seconds
from bench.stored import fill_store
from infra.event_store import EventLog
from infra.home import Home
from infra.lease import held
from infra.servers.kafka import Kafka
from infra.servers.postgres import Postgres
from infra.servers.process import free_port
from infra.settings import Settings
from infra.topics import EVENTS
from infra.warehouse import embedded

RELAYED, SUNK, TIMES = 15_000, 60_000, 50
"""Promised: events/s into Kafka, and from Kafka into ClickHouse; times the library's runner."""

LIBRARY = 3_000
"""Events that the library's runner gets: it takes one at a time."""

PAGE = 5_000


@contextmanager
def servers() -> Iterator[tuple[Path, Postgres, Kafka]]:
    """PostgreSQL and Kafka of our own, in a folder of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        postgres = Postgres(folder / "postgres", free_port())
        kafka = Kafka(folder / "kafka", free_port())
        try:
            postgres.start()
            kafka.start()
            yield folder, postgres, kafka
        finally:
            kafka.kill()
            postgres.kill()


def fill(folder: Path, log: EventLog, events: int) -> None:
    """The county's mix into the log, page by page."""
    client = embedded(folder / "source")
    fill_store(client, folder / "source.sqlite", events)
    client.close()
    source = EventLog(folder / "source.sqlite")
    at = 0
    while rows := source.rows(at, None, PAGE):
        with log.store.writing() as cursor:
            log.store.append(cursor, at, [row[1:] for row in rows])
        at = rows[-1][0]
    source.close()


def bare_count(home: Home) -> int:
    """A consumer that only counts what was committed, with the sink's own fetch settings."""
    broker = home.broker
    consumer: Any = broker.consumer(
        max_poll_records=65_536, check_crcs=False, fetch_max_bytes=32 * 1024 * 1024,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )  # fmt: skip
    where = [TopicPartition(broker.topic(EVENTS), each) for each in broker.partitions_of(EVENTS)]
    consumer.assign(where)
    consumer.seek_to_beginning(*where)
    ends, count = consumer.end_offsets(where), 0
    while any(consumer.position(each) < ends[each] for each in where):
        for records in consumer.poll(timeout_ms=200).values():
            count += len(records)
    consumer.close()
    return count


class Counts(PostgresTrackingRecorder):
    """The least that a read model of the library can do: note how far it is."""


class Counting(Projection[Counts]):
    """Takes each event, and tracks it."""

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ARG002 - the library's signature
        """Any event."""
        self.view.insert_tracking(tracking)


def library(log: EventLog, postgres: Postgres) -> float:
    """Events a second of the library's own ProjectionRunner on the same log."""

    class SameLog(EventLog):
        def __init__(self, env: Any = None) -> None:  # noqa: ARG002 - the library's signature
            super().__init__(log._where)  # noqa: SLF001 - the same place

    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_DBNAME": "shouhe",
        "POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(postgres.port),
        "POSTGRES_USER": "shouhe", "POSTGRES_PASSWORD": "none",
    }  # fmt: skip

    def take() -> None:
        with ProjectionRunner(
            application_class=SameLog, projection_class=Counting, view_class=Counts, env=env
        ) as runner:
            runner.wait(LIBRARY, timeout=600)

    return LIBRARY / seconds(take)


def measure(events: int) -> Iterator[Line]:
    """All of it, in one run on one machine."""
    with servers() as (folder, postgres, kafka):
        settings = Settings(folder / "home", postgres.url, kafka.url)
        with Home(settings) as home:
            fill(folder, home.log, events)
            relay, sink, read_models = home.relay, home.sink, home.projections
            with held(home.lease("relay")), held(home.lease("sink")), held(home.lease("project")):
                relayed = events / seconds(relay.advance)
                bare = events / seconds(lambda: _all(bare_count(home), events))
                sunk = events / seconds(sink.advance)
                projected = events / seconds(read_models.advance)
            count = home.warehouse.query("SELECT uniqExact(position) FROM events").result_rows[0][0]
            _all(int(count), events)
            road = 1 / (1 / relayed + 1 / sunk + 1 / projected)
        with Home(Settings(folder / "straight", postgres.url)) as home:
            with held(home.lease("sink")), held(home.lease("project")):
                home.projections.advance()
                straight = events / seconds(lambda: _walk(home))
            runner = library(home.log, postgres)
    yield Line(name="PostgreSQL → Kafka, in transactions ÷ promised", ours=relayed, other=RELAYED,
               floor=1, note=f"peak {peak_mib():.0f} MiB")  # fmt: skip
    yield Line(name="Kafka → ClickHouse ÷ promised", ours=sunk, other=SUNK, floor=1)
    yield Line(name="Kafka → ClickHouse ÷ a consumer that counts", ours=sunk, other=bare)
    yield Line(name="PostgreSQL → read models ÷ ProjectionRunner", ours=straight, other=runner,
               floor=TIMES, note="both straight from the log")  # fmt: skip
    yield Line(name="by way of Kafka, stage after stage ÷ ProjectionRunner", ours=road,
               other=runner, note=f"read models {projected:,.0f}/s")  # fmt: skip


def _walk(home: Home) -> None:
    home.sink.advance()
    home.projections.advance()


def _all(count: int, events: int) -> None:
    if count != events:
        raise RuntimeError(f"{count} of {events} events came through")
