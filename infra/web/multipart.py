"""A form with a file, read in memory: a photo of a child never lies readable in a temporary file.

(The framework's own reading spools parts beyond a megabyte to the disk.)
"""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from litestar.exceptions import ValidationException

MULTIPART = "multipart/form-data"
KEPT = "shouhe_parts"


async def parts_of(request: Any) -> dict[str, bytes]:
    """Name → content of each part; the last of a name counts. Raises ValidationException."""
    kept: dict[str, bytes] | None = request.scope.get(KEPT)
    if kept is None:
        kind = request.headers.get("content-type", "")
        kept = request.scope[KEPT] = _parts(kind, await request.body())
    return kept


def is_multipart(request: Any) -> bool:
    """Whether a request carries a form with files."""
    return bool(request.headers.get("content-type", "").lower().startswith(MULTIPART))


def _parts(kind: str, body: bytes) -> dict[str, bytes]:
    try:
        head = f"content-type: {kind}\r\n\r\n".encode("latin-1")
        read = BytesParser(policy=HTTP).parsebytes(head + body)
        if not read.is_multipart():
            raise ValidationException("no parts")
        found = {}
        for part in read.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                found[name] = content
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        raise ValidationException("no form") from None
    return found
