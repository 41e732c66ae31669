"""The one place where a request is let in: signed in? may the role? is the form ours?

Every route names a right of infra/access/table.py (`right="child_file"`), or says that it is
public. Place is asked for through the grant: `grant.within(village)`; what lies outside is not
found, exactly as what does not exist.
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import (
    ImproperlyConfiguredException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
)
from litestar.handlers import BaseRouteHandler

from infra.access import BY_KEY, Reader, Right, reader_of
from infra.access.sessions import Session, Sessions, csrf_word
from infra.home import Home
from infra.web.held import held
from infra.web.multipart import is_multipart, last, parts_of

COOKIE = "shouhe"
PUBLIC = "public"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf"
OWN = "own_account"

Asked = Request[Any, Any, State]


class Grant(msgspec.Struct, frozen=True):
    """What a request may do.

    account   the account's name; empty for a signed address
    csrf      what its forms carry
    """

    reader: Reader
    right: Right
    account: str
    csrf: str

    def within(self, place: str) -> None:
        """Raises NotFoundException for what lies outside the reader's place."""
        if not self.reader.may_see(place):
            raise NotFoundException("no such thing here")

    def may(self, right: str) -> bool:
        """Whether the reader's role has another right: for links."""
        return self.reader.role in BY_KEY[right].roles


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of every route. Raises NotAuthorizedException, PermissionDeniedException."""
    named = handler.opt.get("right")
    if named == PUBLIC or (isinstance(connection, Request) and connection.method == "OPTIONS"):
        return
    right = BY_KEY.get(str(named))
    if right is None:
        raise ImproperlyConfiguredException(f"{handler}: names no right of the table")
    cookie = connection.cookies.get(COOKIE, "")
    session = signed_in(connection.app.state, cookie)
    if session is None:
        typed = await held(connection) if isinstance(connection, Request) else None
        raise NotAuthorizedException("not signed in", extra={"held": typed})
    if session.barred and right.key != OWN:
        raise PermissionDeniedException(session.barred)
    if session.reader.role not in right.roles:
        raise PermissionDeniedException("not of this role")
    home: Home = connection.app.state.home
    grant = Grant(session.reader, right, session.account, csrf_word(home.keys, cookie))
    connection.scope["user"], connection.scope["auth"] = session.reader, grant
    if isinstance(connection, Request) and connection.method not in SAFE:
        await _ours(connection, grant.csrf)


def signed_in(state: State, cookie: str) -> Session | None:
    """Whose cookie it is: an account's session, or an address signed at the machine."""
    home: Home = state.home
    now = home.clock()
    if "." in cookie:
        reader = reader_of(home.keys, cookie, now)
        return Session(reader, "") if reader else None
    sessions: Sessions = state.sessions
    return sessions.find(cookie, now) if cookie else None


async def _ours(request: Asked, word: str) -> None:
    """A change is asked for by a page of ours: its origin and the word in its form say so."""
    same_origin(request)
    sent = request.headers.get(CSRF_HEADER, "")
    if not sent and is_multipart(request):
        sent = last(await parts_of(request), CSRF_FIELD).decode("latin-1")
    elif not sent:
        form = await request.form()
        sent = str(form.get(CSRF_FIELD) or "")
    if not hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), word.encode()):
        raise PermissionDeniedException("csrf", extra={"held": await held(request)})


def same_origin(request: Asked) -> None:
    """Raises PermissionDeniedException where a browser says that another site asks."""
    headers = request.headers
    site = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin", "")
    foreign = bool(origin) and urlsplit(origin).netloc != headers.get("host", "")
    if site not in ("same-origin", "none") or foreign:
        raise PermissionDeniedException("another site asks")


def reader_here(request: Asked) -> Reader:
    """Who reads; the guard has let it in."""
    reader: Reader = request.user
    return reader


def grant_here(request: Asked) -> Grant:
    """What it may do."""
    grant: Grant = request.auth
    return grant
