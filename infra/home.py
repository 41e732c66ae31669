"""The composition root: one data directory, opened; its parts built when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from infra.event_store import EventLog
from infra.intake import Intake
from infra.keys import KeyRing
from infra.lease import lease
from infra.settings import Settings
from infra.sink import Sink
from infra.warehouse import Warehouse, connect
from projections.engine import Engine


def utcnow() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Home:
    """Everything that works on one data directory. Use it as a context manager."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = utcnow) -> None:
        self.settings, self.clock = settings, clock
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened, last first."""
        self._open.close()

    @cached_property
    def log(self) -> EventLog:
        """The event store."""
        log = EventLog(self.settings.events_path)
        self._open.callback(log.close)
        return log

    @cached_property
    def keys(self) -> KeyRing:
        """The data keys."""
        keys = KeyRing(self.settings.keys_path, self.settings.master_key_path)
        self._open.callback(keys.close)
        return keys

    @cached_property
    def intake(self) -> Intake:
        """The door for events."""
        return Intake(self.log, self.keys, self.clock)

    @cached_property
    def warehouse(self) -> Warehouse:
        """ClickHouse, with write access."""
        client = connect(self.settings)
        self._open.callback(client.close)
        return client

    @cached_property
    def sink(self) -> Sink:
        """From the log into ClickHouse."""
        sink = Sink(self.log, self.warehouse, self.settings.events_path)
        self._open.callback(sink.close)
        return sink

    @cached_property
    def projections(self) -> Engine:
        """The read models."""
        return Engine(self.warehouse)

    def lease(self) -> AbstractContextManager[None]:
        """Held by whoever moves events into ClickHouse; another process waits. Not re-entrant."""
        return lease(self.settings.home / "projecting.lock")

    def catch_up(self) -> dict[str, int]:
        """Bring ClickHouse and every read model to the head of the log. → positions."""
        with self.lease():
            self.sink.advance()
            return self.projections.advance()
