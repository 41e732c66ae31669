"""Accounts changed, each change in the log: who did it, to which account (PIPL 51).

What is recorded here is that it was done; the password is in no event.
"""

from __future__ import annotations

import secrets
from uuid import uuid4

import msgspec

from domain.account import AccountChange, AccountChanged
from domain.errors import SettingsError
from infra.access import Reader, Role
from infra.access.accounts import Account
from infra.home import Home
from infra.own_events import own_event, record

SOURCE = "shouhe/accounts"
MACHINE = "operator"
"""Who changes accounts by a command: whoever has the machine."""


def first_password() -> str:
    """One that is used once: its owner changes it at the first sign-in."""
    return secrets.token_urlsafe(12)


def add_account(
    home: Home, by: str, *, name: str, person: str, role: Role, place: str, password: str
) -> Account:
    """A new account. Raises SettingsError."""
    made = home.accounts.add(
        name=name, person=person, role=role, place=place, password=password, now=home.clock()
    )
    _record(home, by, made, AccountChange.ADDED)
    return made


def change_account(
    home: Home, by: str, name: str, change: AccountChange, password: str = ""
) -> None:
    """Reset (with a first password), disable, restore or unlock one. Raises SettingsError."""
    account = home.accounts.find(name)
    if account is None:
        raise SettingsError(f"account: {name!r} is no account; see `shouhe account`")
    match change:
        case AccountChange.RESET:
            home.accounts.reset(name, password)
        case AccountChange.DISABLED | AccountChange.RESTORED:
            home.accounts.disable(name, off=change is AccountChange.DISABLED)
        case AccountChange.UNLOCKED:
            home.accounts.unlock(name)
        case _:
            raise SettingsError(f"account: {change.value} is no change of an account")
    _record(home, by, account, change)


def may_manage(reader: Reader, account: Account) -> bool:
    """Accounts of the administrator's own place; never the own one."""
    return account.place.startswith(reader.place) and account.person != reader.person


def _record(home: Home, by: str, account: Account, change: AccountChange) -> None:
    fact = AccountChanged(account=account.name, change=change, role=account.role.value)
    event = own_event(SOURCE, str(uuid4()), home.clock(), fact)
    role = Role.ADMINISTRATOR.value
    record(home, [msgspec.structs.replace(event, actor=by, actorrole=role,
                                          place=account.place or None)])  # fmt: skip
