"""The stages of the road as processes: relay, sink, project, intake."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

from domain.errors import SettingsError
from infra.home import Home
from infra.lease import held
from infra.running import logs, worker
from infra.running.telemetry import Progress, Telemetry, served
from infra.running.worker import Stage
from infra.settings import Settings
from infra.sink import SinkError
from infra.warehouse import connect, live_server
from projections.definition import DefinitionError

logger = logging.getLogger("shouhe.stages")

PORTS = {"relay": 9101, "sink": 9102, "project": 9103, "intake": 9104}
"""Where each stage answers /metrics, /healthz and /readyz, unless it is told otherwise."""

PAUSE = 0.1
"""Seconds between two looks at `events` when all of it is in the read models."""


LOOK = 2.0
"""Seconds between two exact looks, where a mere count of events says that nothing is new."""


class RelayStage:
    """Event store → Kafka."""

    def __init__(self, home: Home, _: Telemetry) -> None:
        self._relay = home.relay
        self.step = self._relay.step

    def progress(self) -> Progress:
        """Positions of the log."""
        return Progress(self._relay.position, self._relay.head(), len(self._relay.parked))


class SinkStage:
    """Kafka, or the log itself, → ClickHouse."""

    def __init__(self, home: Home, _: Telemetry) -> None:
        self._sink, self._warehouse = home.sink, home.warehouse

    def step(self) -> int:
        """One poll; from the log itself, a pause when there is nothing."""
        began, count = time.monotonic(), self._sink.step()
        if not count and time.monotonic() - began < PAUSE:
            time.sleep(PAUSE)
        return count

    def progress(self) -> Progress:
        """Events counted, and offsets beyond them (with the markers of transactions)."""
        # two queries, each answered by the index: one that counts both reads every event
        count = self._count("SELECT count() FROM events")
        unreadable = self._count("SELECT count() FROM events WHERE type = ''")
        return Progress(count, count + self._sink.behind(), unreadable)

    def _count(self, query: str) -> int:
        return int(self._warehouse.query(query).result_rows[0][0])


class ProjectStage:
    """`events` → read models."""

    def __init__(self, home: Home, _: Telemetry) -> None:
        self._engine, self._warehouse = home.projections, home.warehouse
        self._engine.advance()
        self._count, self._look = self._events(), 0.0

    def step(self) -> int:
        """All that `events` holds now."""
        count, now = self._events(), time.monotonic()
        if count == self._count and now < self._look:
            time.sleep(PAUSE)
            return 0
        self._look = now + LOOK
        if count == self._count and not any(self._engine.behind().values()):
            return 0
        self._engine.advance()
        moved, self._count = count - self._count, count
        return max(moved, 0)

    def progress(self) -> Progress:
        """Positions of the log: of the read model that is the farthest behind, and of `events`."""
        positions, parked = self._engine.positions(), self._engine.parked()
        at = min(positions.values(), default=0)
        return Progress(at, self._engine.head(), sum(map(len, parked.values())))

    def _events(self) -> int:
        return int(self._warehouse.query("SELECT count() FROM events").result_rows[0][0])


class IntakeStage:
    """What services send by Kafka → event store."""

    def __init__(self, home: Home, telemetry: Telemetry) -> None:
        self._intake, self._telemetry = home.kafka_intake, telemetry

    def step(self) -> int:
        """One poll."""
        outcomes = self._intake.take()
        for each in outcomes:
            if each.status == "rejected":
                self._telemetry.rejected(each.code)
        return len(outcomes)

    def progress(self) -> Progress:
        """Offsets of the topic."""
        reached = self._intake.reached()
        return Progress(reached, reached + self._intake.behind())


STAGES: dict[str, Callable[[Home, Telemetry], Stage]] = {
    "relay": RelayStage,
    "sink": SinkStage,
    "project": ProjectStage,
    "intake": IntakeStage,
}
NEEDS_KAFKA, NEEDS_ENGINE = ("relay", "intake"), ("sink", "project")


def follow(name: str, settings: Settings, *, host: str, port: int) -> int:
    """Run a stage until SIGTERM or Ctrl-C. → exit code.

    Raises SettingsError (nothing to move), WrongUsageError (a port in use).
    """
    if name in NEEDS_KAFKA and not settings.kafka:
        raise SettingsError(
            f"SHOUHE_KAFKA: it names no brokers, so there is nothing for `shouhe {name}` to do;"
            " write kafka://host:9092, or run `shouhe serve` alone"
        )
    logs.configure()
    telemetry, kept = Telemetry(name), ExitStack()
    embedded = _engine(kept, settings, name)

    @contextmanager
    def opened() -> Iterator[Stage]:
        with Home(settings) as home, held(home.lease(name), wait=False):
            stage = STAGES[name](home, telemetry)
            embedded()
            yield stage

    with kept, worker.stopping() as stop, served(telemetry, host, port) as address:
        told = {"stage": name, "address": address}
        logger.info("answers /metrics, /healthz, /readyz", extra=told)
        return worker.run(opened, telemetry, stop, fatal())


def _engine(kept: ExitStack, settings: Settings, name: str) -> Callable[[], None]:
    """Keeps one client of the embedded engine open, however often the stage is opened anew.

    chDB (26.9) leaves some five threads and nine files behind each time that its last client goes.
    """
    needed = name in NEEDS_ENGINE and not settings.clickhouse

    def keep() -> None:
        nonlocal needed
        if needed and live_server(settings.serve_path) is None:
            needed = False
            kept.enter_context(closing(connect(settings)))

    return keep


def fatal() -> tuple[type[SettingsError | SinkError | DefinitionError], ...]:
    """Errors that another try can't mend."""
    try:
        from infra.streaming.relay import RelayError  # noqa: PLC0415 - an extra
    except ImportError:
        return (SettingsError, SinkError, DefinitionError)
    return (SettingsError, SinkError, DefinitionError, RelayError)  # type: ignore[return-value]
