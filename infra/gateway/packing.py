"""Content-Encoding of an answer: what the client takes, packed chunk by chunk."""

from __future__ import annotations

import zlib
from typing import Any, Protocol

KNOWN = ("zstd", "lz4", "gzip", "deflate")


class Packer(Protocol):
    """Takes pieces, gives packed ones."""

    def compress(self, data: bytes) -> bytes:
        """As much as is ready."""
        ...

    def flush(self) -> bytes:
        """The end."""
        ...


class Plain:
    """No encoding."""

    def compress(self, data: bytes) -> bytes:
        """The same bytes."""
        return data

    def flush(self) -> bytes:
        """Nothing is held back."""
        return b""


class Lz4:
    """An LZ4 frame, begun with the first piece."""

    def __init__(self) -> None:
        import lz4.frame  # noqa: PLC0415 - loaded by the first client that asks for it

        self._frame: Any = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes) -> bytes:
        """As much as is ready."""
        begin = b"" if self._begun else self._frame.begin()
        self._begun = True
        packed: bytes = begin + self._frame.compress(data)
        return packed

    def flush(self) -> bytes:
        """The end; an empty answer is an empty frame."""
        begin = b"" if self._begun else self._frame.begin()
        end: bytes = begin + self._frame.flush()
        return end


def chosen(accepted: str, enabled: str) -> str:
    """The encoding to answer with; '' for none. `enabled`: enable_http_compression."""
    if enabled == "0":
        return ""
    wanted = [each.partition(";") for each in accepted.lower().split(",")]
    names = [name.strip() for name, _, weight in wanted if weight.replace(" ", "") != "q=0"]
    return next((name for name in names if name in KNOWN), "")


def packer(encoding: str) -> Packer:
    """A packer for an encoding that `chosen` gave."""
    if encoding == "zstd":
        import zstandard  # noqa: PLC0415 - loaded by the first client that asks for it

        packed: Packer = zstandard.ZstdCompressor(level=1).compressobj()
        return packed
    if encoding == "lz4":
        return Lz4()
    if encoding in ("gzip", "deflate"):
        return zlib.compressobj(1, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    return Plain()
