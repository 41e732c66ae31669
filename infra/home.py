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
from infra.settings import Settings


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
