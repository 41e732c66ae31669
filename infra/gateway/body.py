"""The request's body: unpacked as it comes, and an INSERT's data straight to a file."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from email import policy
from email.parser import BytesParser
from typing import Any

import msgspec

from infra.gateway.errors import (
    NOT_IMPLEMENTED,
    READONLY,
    TOO_LARGE,
    UNDECODABLE,
    UNKNOWN_COMPRESSION,
    GatewayError,
)
from infra.gateway.inserting import HEAD, InsertHead, insert_head, inserts

Receive = Callable[[], Awaitable[Any]]
PACKED = 256
"""Bytes of a limited body unpacked at a time: even zstd makes no more than 8 MiB of them."""

TEXT_LIMIT = 16 * 1024 * 1024
"""Bytes of a statement that isn't an INSERT with data."""


class Body(msgspec.Struct):
    """What was sent: a text, or the head of an INSERT and its data in a file."""

    text: str = ""
    insert: InsertHead | None = None
    data: Any = None
    """tempfile.NamedTemporaryFile, gone when closed"""

    def close(self) -> None:
        """Remove the data."""
        if self.data is not None:
            self.data.close()


class ClientGoneError(Exception):
    """The client hung up before it had sent everything."""


async def chunks(receive: Receive) -> AsyncIterator[bytes]:
    """The raw body. Raises ClientGoneError."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]


async def unpacked(receive: Receive, encoding: str, limit: int | None) -> AsyncIterator[bytes]:
    """The body without its Content-Encoding, at most `limit` bytes. Raises GatewayError."""
    unpack, size = _unpacker(encoding), 0
    async for chunk in chunks(receive):
        step = len(chunk) if limit is None else PACKED
        for at in range(0, len(chunk), step):
            for piece in unpack(chunk[at : at + step]):
                size += len(piece)
                if limit is not None and size > limit:
                    raise GatewayError(TOO_LARGE, f"the request is larger than {limit} bytes")
                yield piece


async def read_body(query: str, pieces: AsyncIterator[bytes], *, may_insert: bool = True) -> Body:
    """The URL's `query` and the body after it, as one. Raises GatewayError."""
    head = bytearray(f"{query}\n".encode() if query else b"")
    begun = False
    async for piece in pieces:
        begun = True
        head += piece
        if len(head) >= HEAD:
            break
    if not may_insert and inserts(bytes(head)):
        raise GatewayError(READONLY, "Cannot execute query in readonly mode: an INSERT")
    insert = insert_head(bytes(head)) if may_insert else None
    if insert is None:
        async for piece in pieces:
            head += piece
            if len(head) > TEXT_LIMIT:
                raise GatewayError(TOO_LARGE, f"the statement is longer than {TEXT_LIMIT} bytes")
        text = bytes(head) if begun else query.encode()
        try:
            return Body(text=text.decode())
        except UnicodeDecodeError:
            raise GatewayError(UNDECODABLE, "the statement is not UTF-8 text") from None
    body = Body(insert=insert, data=tempfile.NamedTemporaryFile(suffix=".data"))  # noqa: SIM115 - closed by the reader of the body
    try:
        body.data.write(head[insert.data_at :])
        async for piece in pieces:
            body.data.write(piece)
        body.data.flush()
    except BaseException:
        body.close()
        raise
    return body


async def read_form(pieces: AsyncIterator[bytes], content_type: str) -> dict[str, str]:
    """A multipart form: `query` and `param_*` too long for a URL. Raises GatewayError."""
    raw = bytearray(f"Content-Type: {content_type}\r\n\r\n".encode())
    async for piece in pieces:
        raw += piece
        if len(raw) > TEXT_LIMIT:
            raise GatewayError(TOO_LARGE, f"the form is larger than {TEXT_LIMIT} bytes")
    form = BytesParser(policy=policy.HTTP).parsebytes(bytes(raw))
    found: dict[str, str] = {}
    for part in form.iter_parts():
        if part.get_filename() is not None:
            raise GatewayError(NOT_IMPLEMENTED, "external tables are not supported here")
        name = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)
        if not isinstance(value, bytes):
            raise GatewayError(UNDECODABLE, "the form can't be read")
        found[str(name)] = value.decode(errors="replace")
    return found


def _unpacker(encoding: str) -> Callable[[bytes], list[bytes]]:
    if encoding in ("", "identity"):
        return lambda chunk: [chunk]
    if encoding in ("gzip", "deflate"):
        inflate = zlib.decompressobj(31 if encoding == "gzip" else 15)
        step: Callable[[bytes], bytes] = inflate.decompress
    elif encoding == "zstd":
        import zstandard  # noqa: PLC0415 - a request that comes packed is rare

        step = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True).decompress
    elif encoding == "lz4":
        import lz4.frame  # noqa: PLC0415 - as above

        step = lz4.frame.LZ4FrameDecompressor().decompress
    else:
        raise GatewayError(
            UNKNOWN_COMPRESSION, f"Content-Encoding {encoding!r}: use zstd, lz4, gzip or none"
        )

    def unpack(chunk: bytes) -> list[bytes]:
        try:
            return [step(chunk)]
        except Exception as error:
            raise GatewayError(UNDECODABLE, f"the body is not {encoding}") from error

    return unpack
