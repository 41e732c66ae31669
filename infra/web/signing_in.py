"""Signing in and out, and the own account: password and second factor."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Annotated, Any

import msgspec
import segno
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie, State
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotAuthorizedException
from litestar.params import Body
from litestar.response import Redirect, Template

from domain.errors import SettingsError
from infra.access import SIGN_IN, reader_of
from infra.access.accounts import NotSignedInError, factor_address
from infra.access.reader import HOURS
from infra.access.sessions import Sessions, csrf_word
from infra.home import Home
from infra.web.guard import COOKIE, OWN, PUBLIC, Asked, Grant, same_origin
from infra.web.held import told
from infra.web.limits import Limit

logger = logging.getLogger("shouhe.sign-in")

TOO_MANY = 429
ACCOUNT = "/account"


class Entry(msgspec.Struct):
    """The sign-in form. `page`: where to go then; only a page of ours. `held`: a form that was sent
    when the session was over (held.py).
    """

    name: str = ""
    password: str = ""
    code: str = ""
    page: str = "/"
    held: str = ""


class NewPassword(msgspec.Struct):
    """The form that changes a password."""

    old: str = ""
    new: str = ""
    again: str = ""
    csrf: str = ""


class NewFactor(msgspec.Struct):
    """The form that sets up a second factor."""

    secret: str = ""
    code: str = ""
    csrf: str = ""


Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@get(SIGN_IN, right=PUBLIC)
async def sign_in(state: State, token: str = "", page: str = "/") -> Response[Any]:
    """A signed address becomes a cookie; without one, the form."""
    return await sync_to_thread(_by_address, state, token, page)


def _by_address(state: State, token: str, page: str) -> Response[Any]:
    home: Home = state.home
    if not token:
        return _form(page)
    reader = reader_of(home.keys, token, home.clock())
    if reader is None:
        raise NotAuthorizedException("the address is out of date")
    age = int(reader.until - home.clock().timestamp())
    return Redirect(own_page(page), status_code=303, cookies=[_cookie(token, age)])


@post(SIGN_IN, right=PUBLIC, status_code=200)
async def enter(request: Asked, state: State, data: Annotated[Entry, Form]) -> Response[Any]:
    """Name, password and code. A wrong try counts against the account and against the client."""
    same_origin(request)
    client = request.client.host if request.client else ""
    return await sync_to_thread(_by_password, state, data, client)


def _by_password(state: State, data: Entry, client: str) -> Response[Any]:
    home: Home = state.home
    sessions: Sessions = state.sessions
    tries: Limit = state.tries
    if not tries.allow(client):
        return _form(data.page, "尝试太多,请稍后再试。", TOO_MANY, data.held)
    now = home.clock()
    try:
        account = home.accounts.sign_in(data.name, data.password, data.code, now)
    except NotSignedInError:
        logger.warning("a sign-in failed")
        said = "账号、密码或验证码不对,或尝试太多。请稍后再试。"
        return _form(data.page, said, 401, data.held)
    token = sessions.begin(account, now)
    page = ACCOUNT if account.must_change or account.needs_factor else own_page(data.page)
    cookie = _cookie(token, int(timedelta(hours=HOURS).total_seconds()))
    session, again = sessions.find(token, now), told(data.held)
    if again and session and not session.barred:
        word = csrf_word(home.keys, token)
        given = {"reader": session.reader, "held": again, "csrf": word}
        return Template("held.html", context=given, cookies=[cookie])
    return Redirect(page, status_code=303, cookies=[cookie])


@post("/sign-out", sync_to_thread=True, right=OWN, status_code=200)
def leave(request: Asked, state: State) -> Response[Any]:
    """Out, at once and for good: the word in the cookie is worth nothing any more."""
    sessions: Sessions = state.sessions
    sessions.end(request.cookies.get(COOKIE, ""))
    return Redirect(SIGN_IN, status_code=303, cookies=[_cookie("", 0)])


@get(ACCOUNT, sync_to_thread=True, right=OWN)
def account_page(state: State, grant: Grant) -> Response[Any]:
    """The own account."""
    return _account(state, grant)


@post("/account/password", sync_to_thread=True, right=OWN, status_code=200)
def change_password(
    state: State, grant: Grant, data: Annotated[NewPassword, Form]
) -> Response[Any]:
    """A new password; every session of the account ends."""
    home: Home = state.home
    if data.new != data.again:
        return _account(state, grant, "两次输入的新密码不一样。", 400)
    try:
        home.accounts.change_password(grant.account, data.old, data.new, home.clock())
    except NotSignedInError:
        return _account(state, grant, "原密码不对。", 400)
    except SettingsError:
        return _account(state, grant, "新密码至少 10 个字符,且与原密码不同。", 400)
    return Redirect(SIGN_IN, status_code=303, cookies=[_cookie("", 0)])


@post("/account/factor", sync_to_thread=True, right=OWN, status_code=200)
def set_factor(state: State, grant: Grant, data: Annotated[NewFactor, Form]) -> Response[Any]:
    """A second factor counts once a code of it was shown. One that stands is reset by others."""
    home: Home = state.home
    account = home.accounts.find(grant.account)
    if account is None or account.has_factor or account.must_change:
        return _account(state, grant, "请先修改密码;已设置的验证器由管理员重置。", 400)
    if not home.accounts.set_factor(grant.account, data.secret, data.code, home.clock()):
        return _account(state, grant, "验证码不对,请按验证器上的六位数字再输一次。", 400)
    return Redirect("/", status_code=303)


def own_page(page: str) -> str:
    """Only pages of our own."""
    own = page.startswith("/") and not page.startswith(("//", "/\\"))
    return page if own else "/"


def _cookie(value: str, age: int) -> Cookie:
    return Cookie(COOKIE, value=value, max_age=age, httponly=True, samesite="lax", path="/")


def _form(page: str, said: str = "", status: int = 200, held: str = "") -> Response[Any]:
    return Template("sign_in.html", status_code=status,
                    context={"reader": None, "page": own_page(page), "said": said,
                             "held": held})  # fmt: skip


def _account(state: State, grant: Grant, said: str = "", status: int = 200) -> Response[Any]:
    home: Home = state.home
    account = home.accounts.find(grant.account) if grant.account else None
    secret = drawing = ""
    if account is not None and not account.has_factor and not account.must_change:
        secret = home.accounts.new_factor()
        drawing = segno.make(factor_address(account.name, secret)).svg_inline(scale=4)
    return Template("account.html", status_code=status,
                    context={"reader": grant.reader, "grant": grant, "account": account,
                             "secret": secret, "drawing": drawing, "said": said})  # fmt: skip


ROUTES = (sign_in, enter, leave, account_page, change_password, set_factor)
