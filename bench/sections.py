"""The benchmark's sections, each run in a process of its own: its peak memory is its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.intake import batches_of, bench_intake
from bench.load import cloud_events
from bench.measure import Line, peak_mib, seconds
from infra.event_store import EventLog
from infra.files import BATCH_LINES
from infra.home import Home
from infra.settings import Settings
from infra.warehouse import embedded

TOGETHER = 10
"""All read models are rebuilt together from so many times the events of the other lines."""


@contextmanager
def _clickhouse() -> Iterator[tuple[Any, Path]]:
    """An empty embedded ClickHouse in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        client = embedded(Path(folder) / "clickhouse")
        try:
            yield client, Path(folder)
        finally:
            client.close()


def intake(events: int) -> Iterator[Line]:
    """CloudEvents into the log, against the same stored events written by the bare library."""
    found = bench_intake(events)
    yield Line(
        name="intake ÷ insert_events",
        ours=found.intake,
        other=found.bare,
        floor=0.4,
        note=f"peak {peak_mib():.0f} MiB",
    )
    yield Line(name="intake ÷ app.save", ours=found.intake, other=found.save, floor=8)


def sink(events: int) -> Iterator[Line]:
    """The log into ClickHouse, against reading every notification and inserting its columns."""
    from bench.sink import measure
    from bench.stored import fill_store

    with _clickhouse() as (client, folder):
        fill_store(client, folder / "events.sqlite", events)
        log = EventLog(folder / "events.sqlite")
        found = measure(log, client, folder)
        log.close()
    yield Line(
        name="sink ÷ select + Arrow insert",
        ours=found["sink"],
        other=found["bare"],
        floor=0.5,
        note=f"peak {found['peak_mib']:.0f} MiB",
    )


def rebuild(events: int) -> Iterator[Line]:
    """Each read model's rebuild from events of its own types, against its bare INSERT … SELECT."""
    from bench.projections import measure
    from projections.definition import load

    for definition in load():
        if definition.stored:
            with _clickhouse() as (client, _):
                found = measure(client, definition, events)
            yield Line(
                name=f"rebuild {definition.name} ÷ bare",
                ours=events / found.rebuild,
                other=events / found.bare,
                floor=0.7,
                note=f"{found.rebuild:.2f} s; bare {found.bare:.2f} s",
            )


def together(events: int) -> Iterator[Line]:
    """All read models rebuilt in one run."""
    from bench.stored import fill_events
    from projections.engine import Engine

    events *= TOGETHER
    with _clickhouse() as (client, _):
        engine = Engine(client)
        fill_events(client, events)
        engine.advance()
        taken = seconds(engine.rebuild)
    yield Line(
        name=f"rebuild all of {events:,}",
        ours=events / taken,
        other=200_000,
        floor=1,
        note=f"{taken:.1f} s, peak {peak_mib():.0f} MiB",
    )


def features(_: int) -> Iterator[Line]:
    """The feature matrix of 50,000 children at 12 dates, in one run; a row is a child on a date."""
    from bench.risk import fill, measure

    with _clickhouse() as (client, _folder):
        fill(client)
        found = measure(client)
    yield Line(
        name=f"features {found['children']:,} × {found['dates']} days",
        ours=found["rows_per_second"],
        other=0,
        note=f"{found['features']} features, {found['seconds']:.1f} s, "
        f"peak {found['peak_mib']:.0f} MiB",
    )


def duties(_: int) -> Iterator[Line]:
    """Every duty, obligation and indicator of a province: 200,000 children, three years."""
    from bench.province import CHILDREN, fill, measure

    with _clickhouse() as (client, _folder):
        made = fill(client)
        found = measure(client)
    for each in found:
        yield Line(
            name=each.name,
            ours=each.rows / each.seconds,
            other=0,
            note=f"{each.rows:,} rows, {each.seconds:.1f} s, {each.cpu:.1f} s of a processor,"
            f" peak {each.peak_mib:.0f} MiB",
        )
    rows, taken = sum(each.rows for each in found), sum(each.seconds for each in found)
    yield Line(
        name=f"duties and indicators of {CHILDREN:,} children, {made:,} events",
        ours=rows / taken,
        other=rows / 60,
        floor=1,
        note=f"{taken:.1f} s, {sum(each.cpu for each in found):.1f} s of a processor,"
        f" peak {max(each.peak_mib for each in found):.0f} MiB",
    )


def child(_: int) -> Iterator[Line]:
    """One child's duties for a page, beside everyone's of the same simulated county."""
    from bench.one_child import LIMIT, measure

    found = measure()
    yield Line(
        name=f"duties of one child, of {found.children}",
        ours=1 / found.p50,
        other=1 / LIMIT,
        floor=1,
        note=f"p50 {found.p50 * 1000:.0f} ms, p95 {found.p95 * 1000:.0f} ms,"
        f" {found.cpu * 1000:.0f} ms of a processor; everyone's {found.everyone * 1000:.0f} ms",
    )


def road(events: int) -> Iterator[Line]:
    """CloudEvents → log → ClickHouse → read models, for the memory it takes."""
    with tempfile.TemporaryDirectory() as folder, Home(Settings(Path(folder))) as home:

        def walk() -> None:
            for bodies in batches_of(cloud_events(events), BATCH_LINES):
                home.intake.submit(bodies)
            home.catch_up()

        taken = seconds(walk)
    yield Line(name="road", ours=events / taken, other=0, note=str(peak_mib()))


def servers(events: int) -> Iterator[Line]:
    """PostgreSQL → Kafka → ClickHouse, beside bare clients and the library's own runner."""
    from bench.servers import measure

    yield from measure(events // 5)


def steady(_: int) -> Iterator[Line]:
    """500 events a second for a minute, over eight processes."""
    from bench.steady import measure

    yield from measure(1.0)


def pages(_: int) -> Iterator[Line]:
    """200 directors' lists while 500 events a second come in, beside a bare hello."""
    from bench.pages import measure

    yield from measure()


SECTIONS: dict[str, Callable[[int], Iterator[Line]]] = {
    "intake": intake,
    "sink": sink,
    "rebuild": rebuild,
    "together": together,
    "features": features,
    "duties": duties,
    "child": child,
    "road": road,
    "servers": servers,
    "steady": steady,
    "pages": pages,
}
