"""A form with a file, read in memory: a photo of a child never lies readable in a temporary file.

(The framework's own reading spools parts beyond a megabyte to the disk.)
"""

from __future__ import annotations

import re
from typing import Any

from litestar.exceptions import ValidationException

MULTIPART = "multipart/form-data"
KEPT = "shouhe_parts"

_BOUNDARY = re.compile(r'[;\s]boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="([^"\r\n]*)"', re.IGNORECASE)

Parts = dict[str, list[bytes]]
"""Name → the contents sent under it."""


async def parts_of(request: Any) -> Parts:
    """The parts of a form with files. Raises ValidationException."""
    kept: Parts | None = request.scope.get(KEPT)
    if kept is None:
        kind = request.headers.get("content-type", "")
        kept = request.scope[KEPT] = _parts(kind, await request.body())
    return kept


def is_multipart(request: Any) -> bool:
    """Whether a request carries a form with files."""
    return bool(request.headers.get("content-type", "").lower().startswith(MULTIPART))


def last(parts: Parts, name: str) -> bytes:
    """What was sent last under a name; empty where nothing was."""
    return parts.get(name, [b""])[-1]


def text(parts: Parts, name: str) -> str:
    """The same as text, without blanks around it."""
    return last(parts, name).decode("utf-8", "replace").strip()


def texts(parts: Parts, *files: str) -> dict[str, list[str]]:
    """All but the files, as a plain form gives it."""
    return {
        name: [each.decode("utf-8", "replace") for each in contents]
        for name, contents in parts.items()
        if name not in files
    }


def _parts(kind: str, body: bytes) -> Parts:
    """Byte for byte what stands between the boundaries (RFC 7578)."""
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        raise ValidationException("no form")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:]
    if not pieces or not pieces[-1].startswith(b"--"):
        raise ValidationException("cut off")
    found: Parts = {}
    for piece in pieces[:-1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not blank or name is None:
            raise ValidationException("no form")
        found.setdefault(name[1].decode("utf-8", "replace"), []).append(content)
    return found
