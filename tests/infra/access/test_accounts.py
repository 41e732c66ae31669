"""Accounts: what signs in, what does not, and that a wrong try costs time."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from domain.errors import SettingsError
from infra.access import Role
from infra.access.accounts import STEP, TRIES, Accounts, NotSignedInError
from infra.access.sessions import IDLE, Sessions
from infra.keys import KeyRing

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
RIGHT = "a long enough word"


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    keys = KeyRing(tmp_path / "keys.sqlite", tmp_path / "master.key")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    made = Accounts(tmp_path / "accounts.sqlite", keys, hasher=quick)
    made.add(
        name="wang", person="w-1", role=Role.DIRECTOR, place="520526100201", password=RIGHT,
        now=NOW,
    )  # fmt: skip
    yield made
    made.close()
    keys.close()


def code(secret: str, at: datetime) -> str:
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), STEP)  # noqa: S303 - as authenticators do
    return totp.generate(int(at.timestamp())).decode()


def test_the_right_password_signs_in_and_a_wrong_one_does_not(accounts: Accounts) -> None:
    account = accounts.sign_in("wang", RIGHT, "", NOW)
    assert (account.person, account.role, account.must_change) == ("w-1", Role.DIRECTOR, True)
    for name, password in (("wang", "wrong"), ("nobody", RIGHT), ("wang", ""), ("", "")):
        with pytest.raises(NotSignedInError):
            accounts.sign_in(name, password, "", NOW)


def test_five_wrong_tries_lock_an_account_and_time_opens_it_again(accounts: Accounts) -> None:
    for _ in range(TRIES):
        with pytest.raises(NotSignedInError):
            accounts.sign_in("wang", "wrong", "", NOW)
    with pytest.raises(NotSignedInError):
        accounts.sign_in("wang", RIGHT, "", NOW)
    assert accounts.sign_in("wang", RIGHT, "", NOW + timedelta(minutes=16)).name == "wang"


def test_each_further_wrong_try_locks_for_longer(accounts: Accounts) -> None:
    at = NOW
    for _ in range(TRIES + 1):
        at += timedelta(minutes=16)
        with pytest.raises(NotSignedInError):
            accounts.sign_in("wang", "wrong", "", at)
    with pytest.raises(NotSignedInError):
        accounts.sign_in("wang", RIGHT, "", at + timedelta(minutes=16))
    accounts.unlock("wang")
    assert accounts.sign_in("wang", RIGHT, "", at).name == "wang"


def test_a_second_factor_is_asked_for_and_each_code_counts_once(accounts: Accounts) -> None:
    secret = accounts.new_factor()
    assert not accounts.set_factor("wang", secret, "000000", NOW - timedelta(days=9))
    assert accounts.set_factor("wang", secret, code(secret, NOW), NOW)
    later = NOW + timedelta(seconds=2 * STEP)
    for wrong in ("", "123", code(secret, NOW), code(secret, later + timedelta(hours=1))):
        with pytest.raises(NotSignedInError):
            accounts.sign_in("wang", RIGHT, wrong, later)
    accounts.unlock("wang")
    assert accounts.sign_in("wang", RIGHT, code(secret, later), later).has_factor
    with pytest.raises(NotSignedInError):
        accounts.sign_in("wang", RIGHT, code(secret, later), later)


def test_passwords_and_secrets_are_not_on_the_disk(accounts: Accounts, tmp_path: Path) -> None:
    secret = accounts.new_factor()
    accounts.set_factor("wang", secret, code(secret, NOW), NOW)
    token = Sessions(accounts).begin(accounts.sign_in("wang", RIGHT, code(
        secret, NOW + timedelta(seconds=STEP)), NOW + timedelta(seconds=STEP)), NOW)  # fmt: skip
    accounts.close()
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("accounts.sqlite*"))
    for hidden in (RIGHT, secret, token):
        assert hidden.encode() not in kept
    assert (tmp_path / "accounts.sqlite").stat().st_mode & 0o077 == 0


def test_a_changed_password_ends_every_session(accounts: Accounts) -> None:
    sessions = Sessions(accounts)
    token = sessions.begin(accounts.sign_in("wang", RIGHT, "", NOW), NOW)
    barred = sessions.find(token, NOW)
    assert barred is not None
    assert barred.barred == "password"
    with pytest.raises(NotSignedInError):
        accounts.change_password("wang", "wrong", "another long word", NOW)
    for bad in ("short", RIGHT):
        with pytest.raises(SettingsError):
            accounts.change_password("wang", RIGHT, bad, NOW)
    accounts.change_password("wang", RIGHT, "another long word", NOW)
    assert sessions.find(token, NOW) is None
    again = sessions.begin(accounts.sign_in("wang", "another long word", "", NOW), NOW)
    found = sessions.find(again, NOW)
    assert found is not None
    assert (found.barred, found.reader.place) == ("", "520526100201")


def test_a_session_ends_when_idle_when_left_and_when_the_account_is_off(accounts: Accounts) -> None:
    sessions, account = Sessions(accounts), accounts.sign_in("wang", RIGHT, "", NOW)
    idle = sessions.begin(account, NOW)
    assert sessions.find(idle, NOW + IDLE - timedelta(seconds=1)) is not None
    assert sessions.find(idle, NOW + 3 * IDLE) is None
    left = sessions.begin(account, NOW)
    sessions.end(left)
    assert sessions.find(left, NOW) is None
    off = sessions.begin(account, NOW)
    accounts.disable("wang")
    assert sessions.find(off, NOW) is None
    with pytest.raises(NotSignedInError):
        accounts.sign_in("wang", RIGHT, "", NOW)


def test_an_office_does_nothing_before_its_second_factor(accounts: Accounts) -> None:
    accounts.add(
        name="li", person="o-1", role=Role.OFFICER, place="520526", password=RIGHT, now=NOW
    )
    accounts.change_password("li", RIGHT, "another long word", NOW)
    sessions = Sessions(accounts)
    account = accounts.sign_in("li", "another long word", "", NOW)
    token = sessions.begin(account, NOW)
    found = sessions.find(token, NOW)
    assert found is not None
    assert found.barred == "factor"
    secret = accounts.new_factor()
    accounts.set_factor("li", secret, code(secret, NOW), NOW)
    proven = sessions.find(token, NOW)
    assert proven is not None
    assert proven.barred == ""


@pytest.mark.parametrize(
    ("role", "place", "name"),
    [(Role.DIRECTOR, "5205", "x"), (Role.OFFICER, "", "x"), (Role.OFFICER, "52052x", "x"),
     (Role.ANALYST, "520526100", "x"), (Role.PROVINCE, "52", "no blank"),
     (Role.PROVINCE, "52", "wang")],
)  # fmt: skip
def test_an_account_that_can_t_be_is_refused(
    accounts: Accounts, role: Role, place: str, name: str
) -> None:
    with pytest.raises(SettingsError):
        accounts.add(name=name, person="p", role=role, place=place, password=RIGHT, now=NOW)
