"""Statements at work: in worker threads, so many at a time, each of which can be ended."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import uuid4

from infra.gateway.answering import Plan
from infra.gateway.engine import Done, Engine
from infra.gateway.errors import TOO_MANY_QUERIES, GatewayError
from infra.gateway.statement import Statement
from infra.gateway.users import Limits, User

PIPE = 1024 * 1024
"""Bytes the engine may be ahead of the client (Linux's most for an ordinary user)."""

RESERVED = 2
"""Places that analysts leave to the admin: the projections go on."""

_SET_PIPE_SIZE = 1031
"""F_SETPIPE_SZ, which `fcntl` names only where there is one."""

Answer = TypeVar("Answer")


class Runner:
    """Runs what a plan says."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine, self._limits = engine, limits
        self._threads = ThreadPoolExecutor(limits.queries + 2, "gateway")
        self._killers = ThreadPoolExecutor(1, "gateway-kill")
        self._busy: Counter[bool] = Counter()
        self._tags: set[str] = set()

    @contextlib.contextmanager
    def turn(self, user: User) -> Iterator[None]:
        """One of the places. Raises GatewayError when all are taken."""
        free = self._limits.queries - self._busy.total()
        others = max(1, self._limits.queries - RESERVED)
        if free <= 0 or (user.reads_only and self._busy[True] >= others):
            raise GatewayError(
                TOO_MANY_QUERIES,
                f"Too many simultaneous queries. Maximum: {self._limits.queries}; try again soon",
            )
        self._busy[user.reads_only] += 1
        try:
            yield
        finally:
            self._busy[user.reads_only] -= 1

    async def call(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Something blocking, in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, *arguments)

    async def whole(self, sql: str, plan: Plan, params: Mapping[str, str]) -> Done:
        """A statement whose answer is small. Ended when the task is cancelled."""
        async with self._tagged() as tag:
            work = self.call(self._engine.run, f"{tag} {sql}", plan.session, params, plan.form)
            return await self._finished(asyncio.ensure_future(work), tag)

    @contextlib.asynccontextmanager
    async def stream(
        self, statement: Statement, plan: Plan, params: Mapping[str, str]
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.Future[Done]]]:
        """A SELECT's answer as it comes, and what it says of itself when it has ended."""
        loop = asyncio.get_running_loop()
        reads, writes = os.pipe()
        with contextlib.suppress(OSError):
            fcntl.fcntl(reads, _SET_PIPE_SIZE, PIPE)
        reader = asyncio.StreamReader(limit=PIPE)
        protocol = asyncio.StreamReaderProtocol(reader)
        pipe, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(reads, "rb", 0))
        async with self._tagged() as tag:
            sql = f"{tag} {statement.into(f'/dev/fd/{writes}', plan.form)}"

            def work() -> Done:
                try:
                    return self._engine.run(sql, plan.session, params)
                finally:
                    os.close(writes)

            done = asyncio.ensure_future(self.call(work))
            try:
                yield reader, done
            finally:
                if not done.done():
                    await self._kill(tag)
                pipe.close()  # a writer that waits for us finds the pipe broken
                with contextlib.suppress(GatewayError):
                    await asyncio.shield(done)

    async def close(self) -> None:
        """End what runs."""
        for tag in list(self._tags):
            await self._kill(tag)
        self._threads.shutdown(wait=True)
        self._killers.shutdown(wait=True)

    @contextlib.asynccontextmanager
    async def _tagged(self) -> AsyncIterator[str]:
        """A comment by which a running statement is found again."""
        tag = f"/* gateway:{uuid4().hex} */"
        self._tags.add(tag)
        try:
            yield tag
        finally:
            self._tags.discard(tag)

    async def _finished(self, done: asyncio.Future[Done], tag: str) -> Done:
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await self._kill(tag)
            with contextlib.suppress(GatewayError):
                await done
            raise

    async def _kill(self, tag: str) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(GatewayError):
            await loop.run_in_executor(self._killers, self._engine.kill, tag)
