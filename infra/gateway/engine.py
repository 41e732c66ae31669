"""The embedded engine, for many at a time: a connection handle a query, thrown away afterwards.

Opening one takes 0.1 ms, so that nothing one query sets or uses can reach the next. A result is
written by the engine itself, in any format, into a pipe: memory stays bounded, the reader's pace is
the query's pace, and a closed pipe ends it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import chdb
import msgspec

from infra.gateway.errors import engine_error
from infra.gateway.policy import quoted, set_statement

Handle = Any
"""chdb.Connection: the package ships no type information."""


class Done(msgspec.Struct, frozen=True):
    """What a finished statement says of itself."""

    body: bytes = b""
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    seconds: float = 0.0


class Session(msgspec.Struct, frozen=True):
    """How a handle is made ready. `lock`: the last word, after which no setting can change."""

    database: str
    settings: Mapping[str, Any]
    lock: Mapping[str, Any] = {}


class Engine:
    """One chDB directory. Blocking: call it from worker threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keep = chdb.connect(str(path))
        self.version = self.rows("SELECT version()")[0][0]

    def close(self) -> None:
        """Let go of the directory, once running queries have ended."""
        self._keep.close()

    @contextlib.contextmanager
    def handle(self, session: Session | None = None) -> Iterator[Handle]:
        """A connection of its own. Raises GatewayError, as does what is run inside."""
        handle = chdb.connect(str(self.path))
        try:
            if session:
                handle.query(f"USE `{session.database.replace('`', '``')}`", "TSV")
                for settings in filter(None, (session.settings, session.lock)):
                    handle.query(set_statement(settings), "TSV")
            yield handle
        except RuntimeError as error:  # ChdbError is one
            raise engine_error(error) from error
        finally:
            handle.close()

    def run(self, sql: str, session: Session, params: Mapping[str, str], form: str = "TSV") -> Done:
        """One statement. Raises GatewayError."""
        with self.handle(session) as handle:
            done = handle.query(sql, form, params=dict(params))
            return Done(
                done.bytes() or b"",
                done.rows_read(),
                done.bytes_read(),
                done.rows_written(),
                done.bytes_written(),
                done.elapsed(),
            )

    def rows(self, sql: str, params: Mapping[str, str] | None = None) -> list[list[Any]]:
        """A small answer of our own. Raises GatewayError."""
        with self.handle() as handle:
            answer = handle.query(sql, "JSONCompactEachRow", params=dict(params or {})).bytes()
        lines = (answer or b"").splitlines()
        return [msgspec.json.decode(line) for line in lines]

    def kill(self, tag: str) -> None:
        """End the statements that begin with a tag. Those already over are no error."""
        with self.handle() as handle:
            handle.query(f"KILL QUERY WHERE startsWith(query, {quoted(tag)}) ASYNC", "TSV")
