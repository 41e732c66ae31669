"""The same contents, the same bytes: an Office file without the time and machine that made it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip archive can name."""


def midnight(day: date) -> datetime:
    """What a document says of when it was made: the day it stands on."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def sealed(archive: bytes) -> bytes:
    """A zip archive anew: the same members in the same order, no times, no attributes."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as given,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as anew,
    ):
        for name in given.namelist():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0
            anew.writestr(member, given.read(name))
    return made.getvalue()


def write(path: Path, contents: bytes) -> str:
    """Write a report whole or not at all. → its SHA-256."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(contents)
    beside.replace(path)
    return hashlib.sha256(contents).hexdigest()
