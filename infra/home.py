"""The composition root: one home, opened; its parts built when first asked for.

A home is a data directory and the servers its settings name. Its road has three stages, each moved
by whoever holds its lease: the relay (store → Kafka, where there is one), the sink (→ ClickHouse)
and the projections. A command moves them itself, or waits for the process that does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from domain.errors import ShouheError
from infra.access.accounts import Accounts
from infra.audit import Anchors, Chain
from infra.audit.chain import Link
from infra.event_store import EventLog
from infra.intake import Intake
from infra.keys import KeyRing
from infra.lease import Lease, open_lease
from infra.ledger import Ledger
from infra.settings import Settings
from infra.sink import LogFeed, Sink
from infra.warehouse import Several, Warehouse, connect
from projections.engine import Engine

if TYPE_CHECKING:
    from infra.streaming.broker import Broker
    from infra.streaming.intake import KafkaIntake
    from infra.streaming.relay import Relay

STANDSTILL = 60.0
"""Seconds without any movement after which waiting for the road's processes is given up."""

LOOK = 0.1
"""Seconds between two looks at how far they are."""


class StandstillError(ShouheError):
    """The read models don't come to the head of the log: a stage of the road stands still."""


def utcnow() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Home:
    """Everything that works on one home. Use it as a context manager."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime] = utcnow, *, askers: int = 1
    ) -> None:
        """askers: how many threads may ask ClickHouse at the same time."""
        self.settings, self.clock, self._askers = settings, clock, askers
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
    def accounts(self) -> Accounts:
        """The accounts of people."""
        accounts = Accounts(self.settings.accounts_path, self.keys)
        self._open.callback(accounts.close)
        return accounts

    @cached_property
    def intake(self) -> Intake:
        """The door for events."""
        return Intake(self.log, self.keys, self.clock)

    @cached_property
    def warehouse(self) -> Warehouse:
        """ClickHouse, with write access."""
        clients = []
        for _ in range(self._askers):
            clients.append(connect(self.settings))
            self._open.callback(clients[-1].close)
        return Several(clients) if len(clients) > 1 else clients[0]

    @cached_property
    def broker(self) -> Broker:
        """Kafka. Raises SettingsError where the settings name none."""
        from infra.streaming.broker import parse  # noqa: PLC0415 - an extra

        return parse(self.settings.kafka)

    # --- the stages of the road: each is moved while its lease is held ------------------------

    def lease(self, stage: str) -> Lease:
        """The lease of a stage: `relay`, `sink`, `project` or `intake`."""
        if stage not in self._leases:
            self._leases[stage] = open_lease(self.settings.store, stage)
            self._open.callback(self._leases[stage].close)
        return self._leases[stage]

    @cached_property
    def relay(self) -> Relay:
        """From the log into Kafka."""
        from infra.streaming.relay import Relay  # noqa: PLC0415 - an extra

        relay = Relay(self.log, self.broker)
        self._open.callback(relay.close)
        return relay

    @cached_property
    def sink(self) -> Sink:
        """Into ClickHouse: from Kafka where there is one, else straight from the log."""
        ledger = Ledger(self.lease("sink"))
        if not self.settings.kafka:
            return Sink(LogFeed(self.log), self.warehouse, ledger)
        from infra.streaming.feed import KafkaFeed  # noqa: PLC0415 - an extra

        feed = KafkaFeed(self.broker)
        self._open.callback(feed.close)
        return Sink(feed, self.warehouse, ledger)

    @cached_property
    def projections(self) -> Engine:
        """The read models."""
        return Engine(self.warehouse)

    @cached_property
    def kafka_intake(self) -> KafkaIntake:
        """The door for events that services send by Kafka."""
        from infra.streaming.intake import KafkaIntake  # noqa: PLC0415 - an extra

        intake = KafkaIntake(self.intake, self.broker)
        self._open.callback(intake.close)
        return intake

    # --- tamper evidence, behind the commit ----------------------------------------------------

    @cached_property
    def chain(self) -> Chain:
        """The log's hash chain."""
        return Chain(self.settings.audit_path / "chain.bin")

    @cached_property
    def anchors(self) -> Anchors:
        """The chain's signed days."""
        return Anchors(self.settings.audit_path / "anchors.jsonl", self.keys.anchor_key)

    def seal(self) -> Link:
        """Follow the log with the chain; anchor the day. → the chain's end.

        Where another process is at it, it does it.
        """

        def follow() -> None:
            self.anchors.daily(self.chain.advance(self.log), self.clock())

        self._move("audit", follow)
        return self.chain.end()

    def catch_up(self) -> dict[str, int]:
        """Bring ClickHouse and every read model to where the log is now. → positions.

        Moves each stage that no other process moves, and waits for the others. Raises
        StandstillError.
        """
        head = self.log.head()
        seen, ends = -1, time.monotonic() + STANDSTILL
        while True:
            if self.settings.kafka:
                self._move("relay", self.relay.advance)
            self._move("sink", self.sink.advance)
            moved = self._move("project", self.projections.advance)
            there, waiting = self._there(), self._waiting()
            if there >= head and not waiting:
                return self.projections.positions()
            if not moved or there - waiting != seen:
                seen, ends = there - waiting, time.monotonic() + STANDSTILL
            if time.monotonic() > ends:
                raise StandstillError(
                    f"read models: they stand still {head - there + waiting} events behind the log;"
                    " see `shouhe doctor` for the stage that doesn't move"
                )
            time.sleep(LOOK)

    def _move(self, stage: str, run: Callable[[], object]) -> bool:
        """Move a stage to its end, unless another process does. → whether it was us."""
        lease = self.lease(stage)
        if not lease.acquire():
            return False
        try:
            run()
        finally:
            lease.release()
        return True

    def _waiting(self) -> int:
        """Rows of `events` that read models have not taken yet."""
        return sum(self.projections.behind().values())

    def _there(self) -> int:
        """Events of the log that are in ClickHouse, or parked on the way."""
        count = int(self.warehouse.query("SELECT count() FROM events").result_rows[0][0])
        if not self.settings.kafka:
            return count
        from infra.streaming.relay import last_progress  # noqa: PLC0415 - an extra

        progress = last_progress(self.broker)
        return count + (len(progress.parked) if progress else 0)
