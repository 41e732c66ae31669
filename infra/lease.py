"""One at a time: whoever moves events down a stage of the road holds its lease; others wait.

On one machine it is an advisory lock on a file: the system lets go of it when its process ends,
however it ends. On PostgreSQL it is an advisory lock of a connection, and what the holder notes
(`execute`) goes over that same connection: a holder whose lease was lost has lost its pen too.
"""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from domain.errors import ShouheError
from infra.event_store import LOCK_SECONDS, POSTGRES, StoreError

LOOK = 0.05
"""Seconds between two tries for a lease that another holds."""

Rows = list[tuple[Any, ...]]


class NotHeldError(ShouheError):
    """Another process holds the lease."""


class Lease(Protocol):
    """A stage's lease, and its holder's connection to the event store's database."""

    def acquire(self) -> bool:
        """Take it, unless another process holds it. Not re-entrant."""
        ...

    def release(self) -> None:
        """Let go of it."""
        ...

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """One statement, `?` for a value; committed unless inside `transaction`."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, durable at its end."""
        ...

    def close(self) -> None:
        """Let go of lease and connection."""
        ...


@contextmanager
def held(lease: Lease, *, wait: bool = True) -> Iterator[None]:
    """Hold a lease while inside. Raises NotHeldError when another does and `wait` is off."""
    while not lease.acquire():
        if not wait:
            raise NotHeldError("lease: another process holds it")
        time.sleep(LOOK)
    try:
        yield
    finally:
        lease.release()


def open_lease(store: Path | str, name: str) -> Lease:
    """The lease of a stage of the home whose event store this is. Raises StoreError."""
    if isinstance(store, str) and store.startswith(POSTGRES):
        return PostgresLease(store, name)
    return FileLease(Path(store), name)


class FileLease:
    """A lock on a file beside the SQLite event store."""

    def __init__(self, store: Path, name: str) -> None:
        store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = store.with_name(f"{name}.lock").open("a")
        self._db = sqlite3.connect(
            store, isolation_level=None, timeout=LOCK_SECONDS, check_same_thread=False
        )
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._db.execute(f"PRAGMA {pragma}")

    def acquire(self) -> bool:
        """Take it, unless another process holds it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go of it."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """One statement."""
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"event store: {error}; free the disk, then run it again") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._db:
            self.execute("BEGIN IMMEDIATE")
            yield

    def close(self) -> None:
        """Let go of lease and connection."""
        self._file.close()
        self._db.close()


class PostgresLease:
    """An advisory lock of one connection."""

    def __init__(self, url: str, name: str) -> None:
        from infra.postgres_store import Connection  # noqa: PLC0415 - an extra

        digest = hashlib.blake2b(f"shouhe {name}".encode(), digest_size=8).digest()
        self._number = int.from_bytes(digest, "big", signed=True)
        self._db = Connection(url)

    def acquire(self) -> bool:
        """Take it, unless another connection holds it."""
        return bool(self.execute("SELECT pg_try_advisory_lock(?)", (self._number,))[0][0])

    def release(self) -> None:
        """Let go of it; a connection that broke has done so."""
        if not self._db.closed:
            self.execute("SELECT pg_advisory_unlock(?)", (self._number,))

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """One statement."""
        return self._db.execute(sql, values)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing."""
        return self._db.transaction()

    def close(self) -> None:
        """Let go of lease and connection."""
        self._db.close()
