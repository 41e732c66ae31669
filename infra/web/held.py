"""What was typed into a form whose session was over by then: given back, to be sent once more.

Only to whoever sent it, and only where the browser says that it came from a page of ours: another
site's words are not put into a form here. Files and passwords are never given back.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from infra.web.multipart import is_multipart, parts_of, texts

MOST = 64 * 1024
"""Bytes of a body that is given back; a form without a photo has a few thousand."""

FILES = ("photo", "content")
UNHELD = {"csrf", "password", "old", "new", "again", "code", "secret"}
NOT_FOR = ("/account", "/sign", "/view", "/events", "/phone")

_OURS = re.compile(r"(/[0-9A-Za-z._-]+)+", re.ASCII)
"""A path of a form of ours; no second slash, no backslash, no tab that a browser would drop."""


class Held(msgspec.Struct, frozen=True):
    """Where a form goes, and what was typed into it."""

    path: str
    fields: list[tuple[str, str]]


async def held(request: Request[object, object, State]) -> Held | None:
    """None where there is nothing to be given back, or no word that it is ours."""
    path, size = request.url.path, request.headers.get("content-length", "")
    if request.method != "POST" or path.startswith(NOT_FOR) or not _from_here(request):
        return None
    if not size.isdigit() or int(size) > MOST:
        return None
    try:
        if is_multipart(request):
            said = texts(await parts_of(request), *FILES)
        else:
            form = await request.form()
            said = {name: [str(each) for each in form.getall(name)] for name in form}
    except HTTPException:
        return None
    fields = [(name, each) for name, own in said.items() if name not in UNHELD for each in own]
    return Held(path, fields)


def told(text: str) -> Held | None:
    """What a sign-in form carried along; None for what is none."""
    try:
        found = msgspec.json.decode(text, type=Held)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    own = _OURS.fullmatch(found.path) and not found.path.startswith(NOT_FOR)
    return found if own else None


def _from_here(request: Request[object, object, State]) -> bool:
    headers = request.headers
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    return site == "same-origin" or (
        not site and bool(origin) and urlsplit(origin).netloc == headers.get("host", "")
    )
