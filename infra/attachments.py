"""Attachments of a child's file, each encrypted with the child's key, beside the event store.

    attachments/<child id>/<SHA-256 of the encrypted file>

The file is on the disk, whole and synced, before the event that names it: a crash in between leaves
a file that nothing names, which `sweep` takes away. With the child's key they are unreadable, and
`shouhe forget` takes them away too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec

from domain.attachments import LARGEST, AttachmentAdded, Media
from domain.errors import ShouheError
from domain.event import Code
from infra.access.reader import Reader
from infra.home import Home
from infra.own_events import own_event
from infra.pictures import NoSuchMediaError, media_of, without_metadata

SOURCE = "shouhe/attachments"
ORPHAN_AFTER = 24 * 3600.0
"""Seconds after which a file that no event names is taken away: long after any event is there."""

LISTED = """
SELECT sealed, media, size, about, occurred_at, actor FROM attachments
WHERE child_id = {child:UUID} ORDER BY occurred_at DESC LIMIT 500
"""
NAMED = "SELECT child_id, groupArray(sealed) FROM attachments GROUP BY child_id"
REPORTS = """
SELECT DISTINCT toString(event_id) FROM timeline
WHERE child_id = {child:UUID} AND startsWith(type, 'report.')
"""


class NotKeptError(ShouheError):
    """The attachment was refused; nothing of it is kept."""


class TooLargeError(NotKeptError):
    """More bytes than an attachment may have."""


class ForgottenError(NotKeptError):
    """The child's personal data was erased."""


class Attached(NamedTuple):
    """One attachment, as the log names it."""

    sealed: str
    media: str
    size: int
    about: str
    at: Any
    actor: str


def attach(
    home: Home, reader: Reader, child: UUID, content: bytes, *, about: str = "", id_: str = ""
) -> str:
    """Keep an attachment. → its name. Sent again under the same id, it is kept once.

    about   the event id of what it belongs to; none: the child's file

    Raises NoSuchMediaError, NotKeptError, ForgottenError, KeyDestroyedError.
    """
    if len(content) > LARGEST:
        raise TooLargeError(f"attachment: {len(content)} bytes; send at most {LARGEST}")
    media = media_of(content)
    plain = without_metadata(content, media)
    sealed = home.keys.seal(f"child/{child}", plain)
    name = hashlib.sha256(sealed).hexdigest()
    path = folder(home, child) / name
    _write(path, sealed)
    if _recorded(home, reader, child, _fact(name, media, len(plain), about), id_):
        return name
    path.unlink(missing_ok=True)  # it is there already, by an earlier sending
    return ""


def _fact(name: str, media: Media, size: int, about: str) -> AttachmentAdded:
    return AttachmentAdded(sealed=name, media=media, size=size, about=about or None)


def _recorded(home: Home, reader: Reader, child: UUID, fact: AttachmentAdded, id_: str) -> bool:
    """Whether it is new. Raises NotKeptError."""
    named = f"{reader.person}/{id_}" if id_ else str(uuid4())
    made = own_event(SOURCE, named, home.clock(), fact, str(child))
    made = msgspec.structs.replace(made, actor=reader.person, actorrole=reader.role.value)
    (outcome,) = home.intake.record([made])
    if outcome.status == "accepted":
        return True
    if outcome.status == "duplicate" or outcome.code == "id_reused":
        return False
    (folder(home, child) / fact.sealed).unlink(missing_ok=True)
    refused = ForgottenError if outcome.code == "child_forgotten" else NotKeptError
    raise refused(f"{outcome.field}: {outcome.message}")


def listed(home: Home, reader: Reader, child: UUID) -> list[Attached]:
    """A child's attachments, the latest first; not those of what is secret to the reader."""
    return _all(home, child) if reader.may_read_secret else told(home, child)


def told(home: Home, child: UUID) -> list[Attached]:
    """Those that anyone of the child's place may see, and the family: none of a report."""
    found = _all(home, child)
    rows = home.warehouse.query(REPORTS, {"child": child}).result_rows if found else []
    secret = {row[0] for row in rows}
    return [each for each in found if each.about not in secret]


def _all(home: Home, child: UUID) -> list[Attached]:
    return [Attached(*r) for r in home.warehouse.query(LISTED, {"child": child}).result_rows]


def content_of(home: Home, child: UUID, attached: Attached) -> bytes | None:
    """The content; None where it can't be read any more."""
    path = folder(home, child) / attached.sealed
    try:
        with path.open("rb") as file:
            sealed = file.read(LARGEST + 1024)
    except FileNotFoundError:
        return None
    return home.keys.unseal(f"child/{child}", sealed)


def folder(home: Home, child: UUID) -> Path:
    """Where a child's attachments lie."""
    return home.settings.attachments_path / str(child)


def remove(home: Home, child: UUID) -> int:
    """Take a child's attachments away. → how many."""
    own = folder(home, child)
    count = sum(1 for each in own.iterdir()) if own.is_dir() else 0
    shutil.rmtree(own, ignore_errors=True)
    return count


def sweep(home: Home, now: float | None = None) -> int:
    """Take away files that no event names, a day old. → how many."""
    at = home.settings.attachments_path
    if not at.is_dir():
        return 0
    home.catch_up()
    named = dict(home.warehouse.query(NAMED).result_rows)
    until, swept = (now or time.time()) - ORPHAN_AFTER, 0
    for path in at.glob("*/*"):
        known = named.get(_uuid(path.parent.name), [])
        if path.name not in known and path.stat().st_mtime < until:
            path.unlink()
            swept += 1
    return swept


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _write(path: Path, sealed: bytes) -> None:
    """Whole or not at all, and on the disk when it returns; readable by us alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    for each in (path.parent, path.parent.parent):
        above = os.open(each, os.O_RDONLY)
        os.fsync(above)
        os.close(above)


def is_code(text: str) -> bool:
    """Whether a text may stand as an id in an event."""
    try:
        msgspec.convert(text, Code)
    except msgspec.ValidationError:
        return False
    return True


__all__ = ["Attached", "NoSuchMediaError", "NotKeptError", "TooLargeError", "attach", "content_of",
           "listed", "remove", "sweep", "told"]  # fmt: skip
