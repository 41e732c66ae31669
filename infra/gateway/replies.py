"""Answers on the wire: headers, pieces, and an exception in the middle of a stream."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from infra.gateway.engine import Done
from infra.gateway.errors import GatewayError
from infra.gateway.packing import Packer, packer

UNAUTHORIZED = 401

Send = Callable[[Any], Awaitable[None]]

CONTENT_TYPES = {
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "Native": "application/octet-stream",
    "RowBinary": "application/octet-stream",
    "Parquet": "application/octet-stream",
    "Arrow": "application/octet-stream",
    "ArrowStream": "application/octet-stream",
}


class Reply:
    """One answer. Headers go out with the first piece, so that an early failure is a clean one."""

    def __init__(self, send: Send, query_id: str, stall: float) -> None:
        self._send, self._stall = send, stall
        self._tag = secrets.token_hex(8)
        self._packer: Packer = packer("")
        self.encoding = ""
        self.begun = False
        self.headers = {
            "X-ClickHouse-Server-Display-Name": "shouhe",
            "X-ClickHouse-Query-Id": query_id,
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Exception-Tag": self._tag,
        }

    async def begin(self, form: str, summary: Done, length: int | None = None) -> None:
        """Status 200 and the headers. `length`: of the whole answer, when it is known."""
        self._packer = packer(self.encoding)
        headers = {
            **self.headers,
            "Content-Type": CONTENT_TYPES.get(form, "text/plain; charset=UTF-8"),
            "X-ClickHouse-Summary": _summary(summary),
        }
        if form:
            headers["X-ClickHouse-Format"] = form
        if self.encoding:
            headers |= {"Content-Encoding": self.encoding, "Vary": "Accept-Encoding"}
        elif length is not None:
            headers["Content-Length"] = str(length)
        await self._start(200, headers)

    async def piece(self, data: bytes) -> None:
        """Some of the answer. Raises TimeoutError when the client doesn't take it."""
        if packed := self._packer.compress(data):
            await self._body(packed, more=True)

    async def end(self) -> None:
        """No more."""
        await self._body(self._packer.flush(), more=False)

    async def fail(self, error: GatewayError) -> None:
        """A failure: a status and a text, or, once the answer has begun, its last words."""
        text = error.text().encode()
        if self.begun:
            tag = self._tag.encode()
            parts = (b"\r\n__exception__\r\n", tag, b"\r\n", text, b"\n")
            size = str(len(text) + 1).encode()
            await self.piece(b"".join((*parts, size, b" ", tag, b"\r\n__exception__\r\n")))
            await self.end()
            return
        headers = {
            **self.headers,
            "Content-Type": "text/plain; charset=UTF-8",
            "X-ClickHouse-Exception-Code": str(error.code),
            "Content-Length": str(len(text) + 1),
        }
        if error.status == UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Basic realm="shouhe"'
        await self._start(error.status, headers)
        await self._body(text + b"\n", more=False)

    async def plain(self, status: int, text: str) -> None:
        """A text that is no answer to a query."""
        headers = {
            "Content-Type": "text/html; charset=UTF-8",
            "Content-Length": str(len(text.encode())),
        }
        await self._start(status, {**self.headers, **headers})
        await self._body(text.encode(), more=False)

    async def _start(self, status: int, headers: dict[str, str]) -> None:
        self.begun = True
        encoded = [(k.lower().encode(), v.encode("latin-1", "replace")) for k, v in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})

    async def _body(self, data: bytes, *, more: bool) -> None:
        message = {"type": "http.response.body", "body": data, "more_body": more}
        async with asyncio.timeout(self._stall):  # wait_for can swallow a cancellation
            await self._send(message)
        await asyncio.sleep(0)  # a long answer leaves room for others


def _summary(done: Done) -> str:
    """X-ClickHouse-Summary: numbers as strings, as a server has them."""
    return json.dumps(
        {
            "read_rows": str(done.read_rows),
            "read_bytes": str(done.read_bytes),
            "written_rows": str(done.written_rows),
            "written_bytes": str(done.written_bytes),
            "elapsed_ns": str(int(done.seconds * 1e9)),
        }
    )
