"""The composition root: one data directory, opened; its parts built when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from infra.event_store import EventLog
from infra.intake import Intake
from infra.keys import KeyRing
from infra.lease import Lease, held, open_lease
from infra.ledger import Ledger
from infra.settings import Settings
from infra.sink import LogFeed, Sink
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
        self._leases: dict[str, Lease] = {}

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
        log = EventLog(self.settings.store, self.settings.refusable)
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
        """From the log into ClickHouse; used while its lease is held."""
        return Sink(LogFeed(self.log), self.warehouse, Ledger(self.lease("sink")))

    @cached_property
    def projections(self) -> Engine:
        """The read models; advanced while their lease is held."""
        return Engine(self.warehouse)

    def lease(self, stage: str) -> Lease:
        """The lease of a stage of the road: `relay`, `sink` or `project`."""
        if stage not in self._leases:
            self._leases[stage] = open_lease(self.settings.store, stage)
            self._open.callback(self._leases[stage].close)
        return self._leases[stage]

    def catch_up(self) -> dict[str, int]:
        """Bring ClickHouse and every read model to the head of the log. → positions."""
        with held(self.lease("sink")), held(self.lease("project")):
            self.sink.advance()
            return self.projections.advance()
