"""Chinese first, English by a switch; large print by another: two cookies that a form sets.

The pages' own words stand in Chinese in the templates, `{{ t("本周清单") }}`; english.py says them
in English. What services and people recorded stays in the language in which they did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple

from litestar import Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.response import Redirect

from infra.web.english import ENGLISH
from infra.web.guard import PUBLIC, Asked, same_origin
from infra.web.signing_in import own_page

YEAR = 365 * 24 * 3600
SWITCHES = {"lang": ("zh", "en"), "print": ("normal", "large")}
"""Cookie → what it may say; the first holds where there is none."""


class View(NamedTuple):
    """How a page is to be shown, and where it is."""

    english: bool = False
    large: bool = False
    path: str = "/"
    query: str = ""

    @property
    def page(self) -> str:
        """The address of the page, for a form to come back to."""
        return f"{self.path}?{self.query}" if self.query else self.path


_VERSION, _SEPARATORS = re.compile(r"\.v[0-9]+$"), re.compile(r"[._]")
PLAIN = View()
_VIEW: ContextVar[View] = ContextVar("view", default=PLAIN)


def here() -> View:
    """Of the request at work."""
    return _VIEW.get()


def t(text: str, **values: object) -> str:
    """A text of ours in the reader's language: `t("截至 {day}", day=today)`."""
    said = ENGLISH.get(text, text) if here().english else text
    return said.format(**values) if values else said


def word(value: str, label: str) -> str:
    """What has a Chinese label: in English by its stored name, which is English.

    `nobody_home` is nobody home, and `visit.completed.v1` visit completed.
    """
    return _SEPARATORS.sub(" ", _VERSION.sub("", value)) if here().english else label


@contextmanager
def plain() -> Iterator[None]:
    """In Chinese, whatever the switch says: for the app on the phone, which has no switch."""
    token = _VIEW.set(PLAIN)
    try:
        yield
    finally:
        _VIEW.reset(token)


@contextmanager
def viewed(scope: Any) -> Iterator[None]:
    """For as long as a request is answered."""
    token = _VIEW.set(_view(scope))
    try:
        yield
    finally:
        _VIEW.reset(token)


def _view(scope: Any) -> View:
    if scope["type"] != "http":
        return View()
    sent = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        cookies = SimpleCookie(sent.decode("latin-1"))
    except CookieError:
        cookies = SimpleCookie()
    said = {name: each.value for name, each in cookies.items()}
    own = scope["method"] == "GET"
    return View(
        english=said.get("lang") == "en",
        large=said.get("print") == "large",
        path=scope["path"] if own else "/",
        query=scope["query_string"].decode("latin-1") if own else "",
    )


@post("/view", right=PUBLIC, status_code=200)
async def switch(request: Asked) -> Response[Any]:
    """Another language or size; back to where the reader was. It changes nothing but a cookie."""
    same_origin(request)
    form = await request.form()
    said = {name: str(form.get(name) or "") for name in ("page", *SWITCHES)}
    return await sync_to_thread(_switched, said)


def _switched(said: dict[str, str]) -> Response[Any]:
    cookies = [
        Cookie(name, value=said[name], max_age=YEAR, httponly=True, samesite="lax", path="/")
        for name, allowed in SWITCHES.items()
        if said[name] in allowed
    ]
    return Redirect(own_page(said["page"]), status_code=303, cookies=cookies)
