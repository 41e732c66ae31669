"""账号管理: who may sign in at a place; new, unlock, disable, reset. Each change is an event.

A first password is shown once, on the answer to the form that made it, and never again.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import ClientException, NotFoundException

from domain.account import AccountChange
from domain.errors import SettingsError
from infra.access import Role
from infra.access.accounts import Account
from infra.access.table import PLACE_DIGITS
from infra.account_changes import add_account, change_account, first_password, may_manage
from infra.home import Home
from infra.web.guard import Asked, Grant
from infra.web.showing import page

CHANGES = (
    AccountChange.UNLOCKED, AccountChange.DISABLED, AccountChange.RESTORED, AccountChange.RESET,
)  # fmt: skip


@get("/accounts", right="accounts")
async def accounts_page(state: State, grant: Grant) -> Response[Any]:
    """The accounts of the administrator's place."""
    return await sync_to_thread(_shown, state, grant)


@post("/accounts", right="accounts", status_code=200)
async def new_account(request: Asked, state: State, grant: Grant) -> Response[Any]:
    """A new account with a first password; or the form again with what is wrong."""
    form = await request.form()
    asked = ("name", "person", "role", "place")
    answers = {name: str(form.get(name) or "").strip() for name in asked}
    return await sync_to_thread(_new, state, grant, answers)


@post("/accounts/change", right="accounts", status_code=200)
async def changed_account(request: Asked, state: State, grant: Grant) -> Response[Any]:
    """Unlocked, disabled, restored or reset."""
    form = await request.form()
    name, change = str(form.get("name") or ""), str(form.get("change") or "")
    return await sync_to_thread(_change, state, grant, name, change)


def _shown(
    state: State,
    grant: Grant,
    *,
    said: str = "",
    refused: str = "",
    password: str = "",
    answers: dict[str, str] | None = None,
) -> Response[Any]:
    home: Home = state.home
    own = [each for each in home.accounts.all() if each.place.startswith(grant.reader.place)]
    blank = dict.fromkeys(("name", "person", "role"), "") | {"place": grant.reader.place}
    return page("accounts.html", grant, status=422 if refused else 200, accounts=own, said=said,
                refused=refused, password=password, answers=answers or blank, roles=list(Role),
                digits=PLACE_DIGITS, now=home.clock().timestamp(),
                mine=lambda each: not may_manage(grant.reader, each))  # fmt: skip


def _new(state: State, grant: Grant, answers: dict[str, str]) -> Response[Any]:
    role = next((each for each in Role if each.value == answers["role"]), None)
    if role is None or not answers["place"].startswith(grant.reader.place):
        return _shown(
            state, grant, refused="角色或地区不对:只能在本地区内建账号。", answers=answers
        )
    password = first_password()
    try:
        made = add_account(
            state.home, grant.reader.person, name=answers["name"],
            person=answers["person"] or answers["name"], role=role, place=answers["place"],
            password=password,
        )  # fmt: skip
    except SettingsError as error:
        return _shown(state, grant, refused=str(error), answers=answers)
    return _shown(state, grant, said=made.name, password=password)


def _change(state: State, grant: Grant, name: str, wanted: str) -> Response[Any]:
    home: Home = state.home
    if not name:
        raise ClientException("which account?")
    account: Account | None = home.accounts.find(name)
    change = next((each for each in CHANGES if each.value == wanted), None)
    if account is None or change is None or not may_manage(grant.reader, account):
        raise NotFoundException("no such account here")
    password = first_password() if change is AccountChange.RESET else ""
    change_account(home, grant.reader.person, name, change, password)
    return _shown(state, grant, said=name, password=password)


ROUTES = (accounts_page, new_account, changed_account)
