"""The ClickHouse HTTP protocol over the embedded engine.

A plain ASGI application: bodies and answers are streams of any length, a query is cancelled when
the client hangs up, and failures have ClickHouse's shape; a web framework would stand in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from infra.gateway.answering import Plan, Planner, Request
from infra.gateway.body import Body, ClientGoneError, Receive, read_body, read_form, unpacked
from infra.gateway.engine import Done, Engine
from infra.gateway.errors import NOT_IMPLEMENTED, UNKNOWN_FORMAT, GatewayError, engine_error
from infra.gateway.packing import chosen
from infra.gateway.replies import Reply, Send
from infra.gateway.running import PIPE, Runner
from infra.gateway.statement import FORMAT
from infra.gateway.users import Limits, User, Users

HELD = PIPE
"""Bytes of an answer held back, so that a small one that fails is a clean failure."""

QUERY_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
"""One that goes into a header as it came; any other is replaced."""

ALIVE = ("/ping", "/replicas_status")


class Gateway:
    """The ASGI application. Its lifespan opens the directory and ends what still runs."""

    def __init__(
        self,
        path: Path,
        users: Iterable[User],
        *,
        database: str,
        settings: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        self._users, self._limits = Users(users), limits
        self._engine = Engine(path)
        self._engine.rows(f"CREATE DATABASE IF NOT EXISTS `{database}`")
        self._runner = Runner(self._engine, limits)
        self._planner = Planner(self._engine, database, settings, limits)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def close(self) -> None:
        """End running queries and let go of the directory."""
        await self._runner.close()
        self._engine.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _http(self, scope: Any, receive: Receive, send: Send) -> None:
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        params = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        query_id = params.get("query_id", "")
        if not QUERY_ID.fullmatch(query_id):
            query_id = str(uuid4())
        reply = Reply(send, query_id, self._limits.stall)
        method, path = scope["method"], scope["path"]
        if path in ALIVE or (path == "/" and method == "GET" and "query" not in params):
            return await reply.plain(200, "Ok.\n")
        if path != "/" or method not in ("GET", "POST"):
            return await reply.plain(404, f"There is no handle {path} for {method}\n")
        try:
            await self._query(headers, params, method == "GET", receive, reply)
        except GatewayError as error:
            await reply.fail(error)
        except (ClientGoneError, TimeoutError):
            return None  # nobody is listening
        except Exception as error:  # noqa: BLE001 - whatever it was, the client gets an answer
            await reply.fail(engine_error(error))

    async def _query(
        self,
        headers: Mapping[str, str],
        params: dict[str, str],
        get: bool,
        receive: Receive,
        reply: Reply,
    ) -> None:
        user = self._users.authenticate(headers, params)
        if "1" in (params.get("compress"), params.get("decompress")):
            raise GatewayError(
                NOT_IMPLEMENTED,
                "compress=1 (ClickHouse's own blocks) is not supported; use Accept-Encoding and"
                " Content-Encoding with zstd, lz4 or gzip (JDBC: compress=0)",
            )
        reply.encoding = chosen(
            headers.get("accept-encoding", ""), params.get("enable_http_compression", "")
        )
        limit = self._limits.request if user.reads_only else None
        pieces = unpacked(receive, headers.get("content-encoding", ""), limit)
        kind = headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            params |= await read_form(pieces, kind)
            body = Body(text=params.get("query", ""))
        else:
            body = await read_body(params.get("query", ""), pieces, may_insert=not user.reads_only)
        form = params.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated"
        if not FORMAT.fullmatch(form):
            raise GatewayError(UNKNOWN_FORMAT, "the format is no format's name; use JSON, TSV, …")
        request = Request(user=user, params=params, default_format=form, get=get)
        with contextlib.closing(body), self._runner.turn(user):
            await _unless_gone(self._answer(request, body, reply), receive)

    async def _answer(self, request: Request, body: Body, reply: Reply) -> None:
        runner, bound = self._runner, request.bound
        if body.insert is not None:
            plan = await runner.call(self._planner.insert, request, body.insert)
            done = await runner.whole(body.insert.from_file(body.data.name), plan, bound)
            return await _small(reply, "", done)
        plan = await runner.call(self._planner.statement, request, body.text)
        statement = plan.statement
        if statement is not None and statement.selects:
            return await self._stream(request, plan, reply)
        done = await runner.whole(body.text, plan, bound)
        return await _small(reply, plan.form if done.body else "", done)

    async def _stream(self, request: Request, plan: Plan, reply: Reply) -> None:
        if plan.statement is None:
            return
        async with self._runner.stream(plan.statement, plan, request.bound) as (reader, done):
            if request.params.get("wait_end_of_query") == "1":
                await _all_at_once(reader, done, plan.form, reply)
                return
            held = bytearray()
            while len(held) < HELD and (chunk := await reader.read(PIPE)):
                held += chunk
            if len(held) < HELD:
                await _small(reply, plan.form, await done, bytes(held))
                return
            await reply.begin(plan.form, Done())
            await reply.piece(bytes(held))
            while chunk := await reader.read(PIPE):
                await reply.piece(chunk)
            await done  # an exception at the end of what was sent
            await reply.end()


async def _small(reply: Reply, form: str, done: Done, body: bytes | None = None) -> None:
    """An answer that is there as a whole."""
    data = done.body if body is None else body
    await reply.begin(form, done, len(data))
    await reply.piece(data)
    await reply.end()


async def _all_at_once(
    reader: asyncio.StreamReader, done: asyncio.Future[Done], form: str, reply: Reply
) -> None:
    """`wait_end_of_query`: nothing is sent before all is known; what is long waits on disk."""
    with tempfile.SpooledTemporaryFile(8 * PIPE) as spool:
        while chunk := await reader.read(PIPE):
            spool.write(chunk)
        summary = await done
        length = spool.tell()
        spool.seek(0)
        await reply.begin(form, summary, length)
        while chunk := spool.read(PIPE):
            await reply.piece(chunk)
        await reply.end()


async def _unless_gone(work: Any, receive: Receive) -> None:
    """Until it is done, or the client hangs up: then it is cancelled, and the query with it."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_hung_up(receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, GatewayError):
                await task
            raise ClientGoneError
        await task
    finally:
        task.cancel()
        gone.cancel()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
