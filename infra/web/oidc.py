"""Signing in at the provider that oidc.toml names: there, and back."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.response import Redirect

from infra.access.accounts import NotSignedInError
from infra.access.oidc import MINUTES, NotAdmittedError, SignIn
from infra.access.reader import HOURS
from infra.access.sessions import Sessions
from infra.home import Home
from infra.web.guard import COOKIE, PUBLIC, Asked
from infra.web.signing_in import own_page

logger = logging.getLogger("shouhe.sign-in")

PATH = "/sign-in/oidc"
JOURNEY = "shouhe-oidc"


@get(PATH, sync_to_thread=True, right=PUBLIC)
def to_provider(state: State, page: str = "/") -> Response[Any]:
    """To the provider, with what must come back from there."""
    sign_in = _provider(state)
    try:
        address, cookie = sign_in.begin(own_page(page))
    except NotAdmittedError as error:
        raise _refused(error) from None
    return Redirect(address, status_code=303, cookies=[_journey(cookie, 60 * MINUTES)])


@get(PATH + "/back", sync_to_thread=True, right=PUBLIC)
def from_provider(request: Asked, state: State, code: str = "") -> Response[Any]:
    """Back from the provider: someone signed in, or refused."""
    sign_in = _provider(state)
    home: Home = state.home
    said = request.query_params.get("state", "")
    try:
        who, page = sign_in.finish(request.cookies.get(JOURNEY, ""), said, code)
        account = home.accounts.federate(
            name=who.name, person=who.person, role=who.role, place=who.place, now=home.clock()
        )
    except (NotAdmittedError, NotSignedInError) as error:
        raise _refused(error) from None
    sessions: Sessions = state.sessions
    token = sessions.begin(account, home.clock(), proven=True)
    age = int(timedelta(hours=HOURS).total_seconds())
    own = Cookie(COOKIE, value=token, max_age=age, httponly=True, samesite="lax", path="/")
    return Redirect(page, status_code=303, cookies=[own, _journey("", 0)])


def _provider(state: State) -> SignIn:
    """Raises NotFoundException where no provider is set."""
    found: SignIn | None = state.oidc
    if found is None:
        raise NotFoundException("no provider")
    return found


def _refused(error: Exception) -> NotAuthorizedException:
    logger.warning("a sign-in at the provider failed: %s", error)
    return NotAuthorizedException("not admitted")


def _journey(value: str, age: int) -> Cookie:
    return Cookie(JOURNEY, value=value, max_age=age, httponly=True, samesite="lax", path=PATH)


ROUTES = (from_provider, to_provider)
