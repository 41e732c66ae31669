"""`python -m bench.sizes`: what an event weighs at each stage of the road, and what a stage needs.

A simulated county goes the whole road over PostgreSQL, Kafka and ClickHouse (the embedded engine
behind HTTP), every stage and server a process of its own; then the disk is looked at. The figures
of docs/sizing.md are its.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from bench.measure import peak_mib, seconds
from infra.console import note, table
from infra.home import Home
from infra.lease import held
from infra.settings import Settings
from projections.storages import read_storage

FROM = date(2024, 1, 1)
STAGES = ("intake", "relay", "sink", "project", "rebuild", "merge")
KAFKA_FILES = ".log"
"""Of a segment's files the one that holds the messages; indexes are counted apart."""


class Done(msgspec.Struct, frozen=True):
    """One stage, in a process of its own: wall and processor seconds, peak resident MiB."""

    seconds: float
    cpu: float
    peak_mib: float


Sizes = list[tuple[str, int, int]]
"""What, rows, bytes on the disk."""


def stage_of(name: str, home: Home, events: Path) -> Callable[[], Any]:
    """What moves a stage of the road to its end. Only its own parts of the home are built."""
    found: dict[str, Callable[[], Callable[[], Any]]] = {
        "intake": lambda: partial(home.intake.import_file, events),
        "relay": lambda: home.relay.advance,
        "sink": lambda: home.sink.advance,
        "project": lambda: home.projections.advance,
        "rebuild": lambda: home.projections.rebuild,
        "merge": lambda: partial(_merge, home),
    }
    return found[name]()


def run_stage(name: str, settings: Settings, events: Path) -> Done:
    """Move one stage to its end, here."""
    with Home(settings) as home, held(home.lease(name)):
        taken = seconds(stage_of(name, home, events))
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Done(taken, used.ru_utime + used.ru_stime, peak_mib())


def _merge(home: Home) -> None:
    """To the parts that weeks of quiet would leave; what the rebuild replaced goes."""
    home.projections.advance()
    for name, *_ in _tables(home):
        home.warehouse.command(f"OPTIMIZE TABLE {name} FINAL")


def _tables(home: Home) -> Sizes:
    rows = home.warehouse.query(
        "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts"
        " WHERE active AND database = currentDatabase() GROUP BY table ORDER BY 3 DESC"
    ).result_rows
    return [(str(name), int(count), int(size)) for name, count, size in rows]


def _postgres(home: Home) -> Iterator[tuple[str, int, int]]:
    with home.log.store.reading() as cursor:
        for name in ("stored_events", "seen", "children", "rejections"):
            cursor.execute(f"SELECT count(*), pg_relation_size('{name}') FROM {name}")
            count, heap = cursor.fetchone()
            cursor.execute(f"SELECT pg_total_relation_size('{name}')")
            (whole,) = cursor.fetchone()
            yield f"PostgreSQL {name}, rows", int(count), int(heap)
            yield f"PostgreSQL {name}, indexes", int(count), int(whole) - int(heap)


def _kafka(data: Path, count: int) -> Iterator[tuple[str, int, int]]:
    files = [each for each in data.glob("shouhe.events-*/*") if each.is_file()]
    messages = sum(each.stat().st_size for each in files if each.suffix == KAFKA_FILES)
    yield "Kafka shouhe.events", count, messages
    # index files are made 10 MiB large and are mostly holes: count what is written
    yield "Kafka indexes", count, sum(512 * each.stat().st_blocks for each in files) - messages


def _wire(home: Home) -> Iterator[tuple[str, int, int]]:
    from infra.wire import messages

    rows = home.log.rows(0, None, 100_000)
    yield "CloudEvent on the wire (JSON)", len(rows), sum(map(len, messages(rows)))


def _quietly(*_: int | None) -> None:
    """Tell nobody."""


def weigh(settings: Settings, kafka: Path) -> Sizes:
    """Rows and bytes of every store. `kafka`: where its broker keeps its topics."""
    from infra.copying import copy
    from infra.event_store import EventLog

    with Home(settings) as home:
        count = home.log.head()
        found: Sizes = [*_wire(home), *_postgres(home), *_kafka(kafka, count)]
        tables = _tables(home)
        found += [(f"ClickHouse {name}", rows, size) for name, rows, size in tables]
        models = [each for each in tables if read_storage(each[0])]
        found += [("ClickHouse, all read models", sum(each[1] for each in models),
                   sum(each[2] for each in models))]  # fmt: skip
        with ExitStack() as stack:
            small = EventLog(settings.home / "small.sqlite")
            stack.callback(small.close)
            copy(home.log, small, _quietly, _quietly)
        found += [("SQLite, everything", count, (settings.home / "small.sqlite").stat().st_size)]
        found += [("keys.sqlite", 0, (settings.home / "keys.sqlite").stat().st_size)]
    return found


def simulated(path: Path, children: int, days: int) -> None:
    """A county's events of `days` days into a file."""
    from simulation import county

    until = FROM + timedelta(days=days)
    with path.open("wb") as file:
        for line in county.simulate(
            county="520526", children=children, start=FROM, until=until, seed=1, truth=None
        ):
            file.write(line + b"\n")


def main() -> int:
    """Servers up, the road walked, the stores weighed, servers down."""
    parser = argparse.ArgumentParser(prog="bench.sizes", description=__doc__)
    parser.add_argument("--children", type=int, default=5000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--stage", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        name, folder, *addresses = options.stage
        settings = Settings(Path(folder), *addresses)
        done = run_stage(name, settings, Path(folder) / "events.jsonl")
        sys.stdout.write(msgspec.json.encode(done).decode())
        return 0
    _walk(options.children, options.days)
    return 0


def _walk(children: int, days: int) -> None:
    from infra.servers.clickhouse import ClickHouse
    from infra.servers.kafka import Kafka
    from infra.servers.postgres import Postgres
    from infra.servers.process import free_port

    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        simulated(folder / "events.jsonl", children, days)
        servers = (
            Postgres(folder / "postgres", free_port()),
            Kafka(folder / "kafka", free_port()),
            ClickHouse(folder / "clickhouse", free_port()),
        )
        for server in servers:
            server.start()
            stack.callback(server.stop)
        addresses = [server.url for server in servers]
        found: dict[str, Done] = {}
        for each in STAGES:
            note(f"sizes: {each}")
            command = [sys.executable, "-m", "bench.sizes", "--stage", each, name, *addresses]
            out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603
            found[each] = msgspec.json.decode(out, type=Done)
        peaks = [(server.process.name, _peak_mib(server.process.pid)) for server in servers[1:]]
        show(found, peaks, weigh(Settings(folder, *addresses), folder / "kafka" / "data"))


def _peak_mib(pid: int | None) -> float:
    """The most memory that a process ever had resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def show(found: dict[str, Done], peaks: list[tuple[str, float]], sizes: Sizes) -> None:
    """What a stage needs, what a server needs (PostgreSQL is many processes), what is stored."""
    events = next(rows for name, rows, _ in sizes if name.startswith("PostgreSQL stored"))
    table(
        f"{events:,} events",
        ("stage", "s", "processor s", "events/s", "peak MiB"),
        [
            (name, f"{done.seconds:.1f}", f"{done.cpu:.1f}",
             f"{events / done.seconds:,.0f}", f"{done.peak_mib:.0f}")
            for name, done in found.items()
        ],
    )  # fmt: skip
    table("servers", ("server", "peak MiB"), [(name, f"{peak:.0f}") for name, peak in peaks])
    table(
        "on the disk",
        ("what", "rows", "bytes", "bytes a row", "bytes an event"),
        [
            (name, f"{rows:,}", f"{size:,}", f"{size / rows:.1f}" if rows else "–",
             "–" if name.startswith("CloudEvent") else f"{size / events:.1f}")
            for name, rows, size in sizes
        ],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
