"""Reading files of events: one a line, plain, .gz, .zst, or standard input (`-`)."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from domain.errors import ShouheError

LINE_LIMIT = 4 * 1024 * 1024 + 1
"""Bytes. A longer line is cut here (so memory stays bounded) and refused as too large."""

BATCH_LINES = 4000
BATCH_BYTES = 16 * 1024 * 1024
STDIN = "-"
PACKED = 4096
"""Compressed bytes unpacked at a time: what they unpack to is held at once."""

BOM = b"\xef\xbb\xbf"
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class InputError(ShouheError):
    """A file can't be read."""


def check_readable(path: str | Path) -> None:
    """Raise InputError now rather than after other files were taken in."""
    if str(path) == STDIN:
        return
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); check the path") from None


def batches(path: str | Path) -> Iterator[list[bytes]]:
    """The file's lines in batches of bounded count and size; blank lines left out.

    Raises InputError; what was given before is sound.
    """
    batch: list[bytes] = []
    size = 0
    for line in lines(path):
        batch.append(line)
        size += len(line)
        if len(batch) >= BATCH_LINES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def lines(path: str | Path) -> Iterator[bytes]:
    """Lines without their ends; blank ones left out; one over LINE_LIMIT is cut."""
    with _opened(path) as source:
        first = True
        while line := _read(source, path):
            if first:
                line, first = line.removeprefix(BOM), False
            if len(line) >= LINE_LIMIT and not line.endswith(b"\n"):
                _skip(source, path)
            line = line.strip(b" \t\r\n")
            if line:
                yield line


def _read(source: IO[bytes], path: str | Path) -> bytes:
    try:
        return source.readline(LINE_LIMIT)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise InputError(
            f"{path}: damaged or cut off ({error}); the events before were taken in,"
            " so fetch the file again and import it anew"
        ) from None


def _skip(source: IO[bytes], path: str | Path) -> None:
    """To the end of an overlong line."""
    while part := _read(source, path):
        if part.endswith(b"\n"):
            return


@contextmanager
def _opened(path: str | Path) -> Iterator[IO[bytes]]:
    """The plain bytes of a file. Compression is told by the first bytes, whatever the name."""
    if str(path) == STDIN:
        with _plain(sys.stdin.buffer) as source:
            yield source
        return
    check_readable(path)
    with Path(path).open("rb") as raw, _plain(raw) as source:
        yield source


class _Frames(io.RawIOBase):
    """The text of zstd frames. Unlike the library's reader it notices a frame that is cut off."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed, self._rest, self._ready = packed, b"", memoryview(b"")
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As io.RawIOBase. Raises EOFError for a frame that ends too soon."""
        while not self._ready:
            if self._frame.eof:
                self._rest = self._frame.unused_data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self._begun = False
            piece = self._rest or self._packed.read(PACKED)
            self._rest = b""
            if not piece:
                if self._begun:
                    raise EOFError("the last zstd frame is not whole")
                return 0
            self._begun = True
            self._ready = memoryview(self._frame.decompress(piece))
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


@contextmanager
def _plain(raw: IO[bytes]) -> Iterator[IO[bytes]]:
    buffered = cast("io.BufferedReader", raw)
    head = buffered.peek(4)[:4]
    if head.startswith(GZIP):
        with gzip.GzipFile(fileobj=buffered) as source:
            yield cast("IO[bytes]", source)
    elif head.startswith(ZSTD):
        with io.BufferedReader(_Frames(buffered), 1 << 20) as source:
            yield source
    else:
        yield buffered
