"""`shouhe account`: who may sign in. The first password is typed, never an argument."""

from __future__ import annotations

import getpass
import secrets
import sys

from domain.account import AccountChange
from domain.errors import WrongUsageError
from infra.access import Role
from infra.access.accounts import moment
from infra.account_changes import MACHINE, add_account, change_account
from infra.console import DONE, emit_json, out, table
from infra.home import Home
from infra.settings import from_environment


def accounts(*, json: bool = False) -> int:
    """List the accounts.

    Parameters
    ----------
    json
        Print one JSON array of `name`, `person`, `role`, `place`, `has_factor`, `locked_until`,
        `disabled`, `must_change`.
    """
    with Home(from_environment()) as home:
        found, now = home.accounts.all(), home.clock().timestamp()
    if json:
        emit_json(found)
        return DONE
    rows = [
        (
            each.name, each.person, each.role.label, each.place or "全部",
            "有" if each.has_factor else "–",
            "停用" if each.disabled else f"锁定至 {moment(each.locked_until):%m-%d %H:%M} UTC"
            if each.locked_until > now else "待改密码" if each.must_change else "正常",
        )
        for each in found
    ]  # fmt: skip
    table("账号", ("账号", "人员编号", "角色", "地区", "验证器", "状态"), rows)
    return DONE


def add(name: str, *, role: str, place: str = "", person: str = "") -> int:
    """Make an account; its owner changes the password at the first sign-in.

    Parameters
    ----------
    name
        What is typed to sign in: letters, digits and ._:/-
    role
        director, supervisor, county_officer, prefecture_officer, province_officer, analyst,
        auditor or administrator.
    place
        The code of the role's place: a director's village has 12 digits, a county 6.
    person
        The worker's own number, as events name the actor; the account's name if left out.
    """
    password = _password()
    with Home(from_environment()) as home:
        made = add_account(
            home, MACHINE, name=name, person=person or name, role=_role(role), place=place,
            password=password,
        )  # fmt: skip
    out(f"账号 {made.name} 已建立({made.role.label} {made.place or '全部地区'})")
    return DONE


def reset(name: str) -> int:
    """Give an account a new first password, and let it set up its second factor anew."""
    password = _password()
    with Home(from_environment()) as home:
        change_account(home, MACHINE, name, AccountChange.RESET, password)
    out(f"账号 {name} 已重置")
    return DONE


def disable(name: str, *, back: bool = False) -> int:
    """Let nobody in by an account any more; who is signed in by it is out.

    Parameters
    ----------
    name
        The account.
    back
        Let it in again.
    """
    with Home(from_environment()) as home:
        change = AccountChange.RESTORED if back else AccountChange.DISABLED
        change_account(home, MACHINE, name, change)
    out(f"账号 {name} 已{'恢复' if back else '停用'}")
    return DONE


def unlock(name: str) -> int:
    """Forget the wrong tries of an account."""
    with Home(from_environment()) as home:
        change_account(home, MACHINE, name, AccountChange.UNLOCKED)
    out(f"账号 {name} 已解锁")
    return DONE


def _role(text: str) -> Role:
    found = next((each for each in Role if each.value == text), None)
    if found is None:
        known = ", ".join(each.value for each in Role)
        raise WrongUsageError(f"--role: {text!r} is no role; known are {known}")
    return found


def _password() -> str:
    """Typed at a terminal, or the first line of standard input; nothing typed: one is made up."""
    if sys.stdin.isatty():
        typed = getpass.getpass("初始密码(留空则生成): ")
    else:
        typed = sys.stdin.readline().rstrip("\n")
    if not typed:
        typed = secrets.token_urlsafe(12)
        out(f"初始密码 {typed}")
    return typed
