"""The phone in the hills: the app's files, the week it takes along, and who is signed in.

The app itself (static/phone/, plain modules, no build step) holds no personal data, so its files
are public, and a service worker keeps them for when there is no network. What was recorded comes
back by `POST /phone/events` (recording.py). How the phone keeps what it has: docs/phone.md.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from infra.access.sessions import phone_key
from infra.home import Home
from infra.web.guard import PUBLIC, Grant
from infra.web.language import plain
from infra.web.phone_week import read_week

STATIC = Path(__file__).parent / "static"
APP = STATIC / "phone"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""Of the app's pages alone: every other page runs no script at all."""

KINDS = {
    ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png",
}  # fmt: skip
WORKER = "sw.js"
PAGE, MANIFEST = "index.html", "manifest.webmanifest"


@cache
def files() -> dict[str, bytes]:
    """The app's files by name, read once."""
    return {each.name: each.read_bytes() for each in sorted(APP.iterdir()) if each.is_file()}


def parts() -> list[str]:
    """Names of the files that a page of the app loads."""
    return [name for name in files() if Path(name).suffix in KINDS and name != WORKER]


@cache
def version() -> str:
    """Of all that the service worker keeps: another byte anywhere is another version."""
    read = hashlib.sha256((STATIC / "style.css").read_bytes())
    for name, body in files().items():
        read.update(name.encode() + b"\0" + body)
    return read.hexdigest()[:16]


@get("/phone", right=PUBLIC)
async def phone_page() -> Response[bytes]:
    """The app. Empty of data: what it shows it fetches, or has on the phone."""
    return _file(files()[PAGE], "text/html; charset=utf-8")


@get("/phone/app/{name:str}", right=PUBLIC)
async def phone_part(name: str) -> Response[bytes]:
    """A module, a style sheet or an icon of the app."""
    if name not in parts():
        raise NotFoundException("no such file")
    return _file(files()[name], KINDS[Path(name).suffix])


@get("/phone/manifest.webmanifest", right=PUBLIC)
async def phone_manifest() -> Response[bytes]:
    """What makes it an app on the home screen."""
    return _file(files()[MANIFEST], "application/manifest+json")


@get("/phone/sw.js", right=PUBLIC)
async def phone_worker() -> Response[bytes]:
    """The service worker, told its version and what it is to keep."""
    kept = ["/phone", "/style.css", "/phone/manifest.webmanifest",
            *(f"/phone/app/{name}" for name in parts())]  # fmt: skip
    head = f"const VERSION = '{version()}', KEPT = {msgspec.json.encode(kept).decode()};\n"
    return _file(head.encode() + files()[WORKER], KINDS[".js"],
                 {"service-worker-allowed": "/phone"})  # fmt: skip


@get("/phone/session", sync_to_thread=True, right="phone")
def phone_session(state: State, grant: Grant) -> Response[bytes]:
    """Who is signed in, the word that a sending carries, and the second key to what waits to be
    sent: with it a phone whose PIN was forgotten can still send. Nothing of any child.
    """
    home: Home = state.home
    said = {
        "person": grant.reader.person, "role": grant.reader.role.value, "csrf": grant.csrf,
        "key": phone_key(home.keys, grant.reader.person),
    }  # fmt: skip
    return Response(msgspec.json.encode(said), media_type="application/json")


@get("/phone/week", sync_to_thread=True, right="phone")
def phone_week(state: State, grant: Grant) -> Response[bytes]:
    """The week's list with names, short files and forms; each child's reading is recorded."""
    with plain():
        said = read_week(state.home, grant.reader)
    return Response(said, media_type="application/json")


def _file(body: bytes, kind: str, more: dict[str, Any] | None = None) -> Response[bytes]:
    headers = {"content-security-policy": POLICY, "cache-control": "no-cache", **(more or {})}
    return Response(body, media_type=kind, headers=headers)


ROUTES = (
    phone_page, phone_part, phone_manifest, phone_worker, phone_session, phone_week,
)  # fmt: skip
