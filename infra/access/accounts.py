"""Local accounts: who may sign in, as what, for which place. `accounts.sqlite`, mode 0600.

    password       argon2id; at least 10 characters; never stored, never logged
    lock-out       after 5 wrong tries in a row 15 minutes, doubled with each more, at most a day
    second factor  TOTP (RFC 6238), its secret encrypted under the key ring; a code counts once

A wrong name, a wrong password and a locked account are answered alike and take as long.
"""

from __future__ import annotations

import base64
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from domain.errors import SettingsError, ShouheError
from domain.event import Code
from infra.access.reader import ReaderPlace, Role
from infra.access.table import PLACE_DIGITS, SECOND_FACTOR
from infra.keys import KeyRing

LEAST_PASSWORD, MOST_PASSWORD = 10, 200
TRIES = 5
LOCKED = timedelta(minutes=15)
LONGEST_LOCK = timedelta(days=1)
STEP = 30
"""Seconds of a second factor's code; the one before and the one after count as well."""

TABLES = (
    """CREATE TABLE IF NOT EXISTS accounts (
        name TEXT PRIMARY KEY, person TEXT NOT NULL, role TEXT NOT NULL, place TEXT NOT NULL,
        password TEXT NOT NULL, factor TEXT NOT NULL DEFAULT '',
        factor_step INTEGER NOT NULL DEFAULT 0,
        wrong INTEGER NOT NULL DEFAULT 0, locked_until REAL NOT NULL DEFAULT 0,
        disabled INTEGER NOT NULL DEFAULT 0, must_change INTEGER NOT NULL DEFAULT 1,
        made_at REAL NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS sessions (
        token BLOB PRIMARY KEY, name TEXT NOT NULL, factor INTEGER NOT NULL, until REAL NOT NULL,
        seen REAL NOT NULL) WITHOUT ROWID""",
)
COLUMNS = "name, person, role, place, factor != '', locked_until, disabled, must_change"


class NotSignedInError(ShouheError):
    """Name, password or code is wrong, or the account is locked: which, is not said."""

    def __init__(self) -> None:
        super().__init__("account: name, password or code is wrong, or too many tries; try later")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account. `person` is who acts in events: a worker's own number."""

    name: Code
    person: Code
    role: Role
    place: ReaderPlace
    has_factor: bool = False
    locked_until: float = 0.0
    disabled: bool = False
    must_change: bool = False

    @property
    def needs_factor(self) -> bool:
        """Whether the role asks for a second factor that is not set up yet."""
        return self.role in SECOND_FACTOR and not self.has_factor


class Accounts:
    """The accounts of a home. Safe to share between threads."""

    def __init__(self, path: Path, keys: KeyRing, *, hasher: PasswordHasher | None = None) -> None:
        self._keys, self._lock = keys, RLock()
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(os.urandom(16).hex())
        self._db = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
        path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode = WAL")
        for table in TABLES:
            self._db.execute(table)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    # --- made and changed by an administrator ---------------------------------------------------

    def add(
        self, *, name: str, person: str, role: Role, place: str, password: str, now: datetime
    ) -> Account:
        """A new account, whose password has to be changed. Raises SettingsError."""
        account = _checked(name, person, role, place)
        hashed = self._hash(password)
        with self._writing():
            if self.find(name) is not None:
                raise SettingsError(f"account: {name!r} exists already; choose another name")
            self._db.execute(
                "INSERT INTO accounts (name, person, role, place, password, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (name, person, role.value, place, hashed, now.timestamp()),
            )
        return account

    def federate(self, *, name: str, person: str, role: Role, place: str, now: datetime) -> Account:
        """Who came in by a provider, as its claims say today. No password opens such an account.

        Raises NotSignedInError where it is disabled here; SettingsError.
        """
        _checked(name, person, role, place)
        with self._writing():
            self._db.execute(
                "INSERT INTO accounts (name, person, role, place, password, must_change, made_at)"
                " VALUES (?, ?, ?, ?, '', 0, ?) ON CONFLICT (name) DO UPDATE SET"
                " person = excluded.person, role = excluded.role, place = excluded.place",
                (name, person, role.value, place, now.timestamp()),
            )
        found = self.find(name)
        if found is None or found.disabled:
            raise NotSignedInError
        return found

    def find(self, name: str) -> Account | None:
        """An account by its name."""
        with self._lock:
            row = self._db.execute(
                f"SELECT {COLUMNS} FROM accounts WHERE name = ?", (name,)  # noqa: S608 - our own columns
            ).fetchone()  # fmt: skip
        return None if row is None else _account(row)

    def all(self) -> list[Account]:
        """Every account, by name."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {COLUMNS} FROM accounts ORDER BY name"  # noqa: S608 - our own columns
            ).fetchall()
        return [_account(row) for row in rows]

    def reset(self, name: str, password: str) -> None:
        """A new first password; the second factor is set up anew. Raises SettingsError."""
        self._change(
            name, "password = ?, factor = '', must_change = 1, wrong = 0, locked_until = 0",
            self._hash(password),
        )  # fmt: skip

    def disable(self, name: str, *, off: bool = True) -> None:
        """Nobody signs in by it any more, and who is signed in is out. Raises SettingsError."""
        self._change(name, "disabled = ?", int(off))

    def unlock(self, name: str) -> None:
        """Wrong tries are forgotten. Raises SettingsError."""
        self._change(name, "wrong = 0, locked_until = 0 + ?", 0)

    def _change(self, name: str, what: str, value: object) -> None:
        with self._writing():
            done = self._db.execute(
                f"UPDATE accounts SET {what} WHERE name = ?", (value, name)  # noqa: S608 - our own words
            )  # fmt: skip
            if done.rowcount == 0:
                raise SettingsError(f"account: {name!r} is no account; see `shouhe account`")
            self._db.execute("DELETE FROM sessions WHERE name = ?", (name,))

    # --- signing in ------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, code: str, now: datetime) -> Account:
        """Who signs in. Raises NotSignedInError; a wrong try counts towards the lock-out."""
        with self._lock:
            row = self._db.execute(
                "SELECT password, factor, factor_step, locked_until, disabled FROM accounts"
                " WHERE name = ?",
                (name,),
            ).fetchone()
        hashed, factor, step, locked, disabled = row or (self._nobody, "", 0, 0.0, 1)
        right = self._verify(hashed, password)
        used = self._step(name, factor, code, now) if factor and right else 0
        if disabled or locked > now.timestamp() or not right or (factor and used <= step):
            if row is not None and locked <= now.timestamp():
                self._wrong(name, now)
            raise NotSignedInError
        with self._writing():
            changed = self._db.execute(
                "UPDATE accounts SET wrong = 0, locked_until = 0, factor_step = max(factor_step, ?)"
                " WHERE name = ? AND factor_step <= ? AND NOT disabled",
                (used, name, step),
            )
            if changed.rowcount == 0:  # the same code at the same moment, by another request
                raise NotSignedInError
        found = self.find(name)
        if found is None:
            raise NotSignedInError
        return found

    def change_password(self, name: str, old: str, new: str, now: datetime) -> None:
        """By its owner, who knows the old one. Raises NotSignedInError, SettingsError."""
        with self._lock:
            row = self._db.execute(
                "SELECT password FROM accounts WHERE name = ?", (name,)
            ).fetchone()
        if row is None or not self._verify(row[0], old):
            self._wrong(name, now)
            raise NotSignedInError
        if old == new:
            raise SettingsError("password: is the old one; choose another")
        self._change(name, "must_change = 0, password = ?", self._hash(new))

    # --- second factor ---------------------------------------------------------------------------

    def new_factor(self) -> str:
        """A secret for an authenticator, base32; it counts once `set_factor` has seen a code."""
        return base64.b32encode(os.urandom(20)).decode()

    def set_factor(self, name: str, secret: str, code: str, now: datetime) -> bool:
        """Set up a second factor, where the code is of this secret. → whether it is."""
        step = _step_of(secret, code, now)
        if step == 0:
            return False
        token = self._keys.encrypt(_scope(name), secret)
        with self._writing():
            self._db.execute(
                "UPDATE accounts SET factor = ?, factor_step = ? WHERE name = ?",
                (token, step, name),
            )
            self._db.execute("UPDATE sessions SET factor = 1 WHERE name = ?", (name,))
        return True

    def _step(self, name: str, token: str, code: str, now: datetime) -> int:
        secret = self._keys.decrypt(_scope(name), token)
        return _step_of(secret, code, now) if secret else 0

    # --- inside ----------------------------------------------------------------------------------

    @property
    def database(self) -> sqlite3.Connection:
        """For sessions.py, which keeps its rows beside."""
        return self._db

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _hash(self, password: str) -> str:
        if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
            raise SettingsError(
                f"password: has {len(password)} characters; use {LEAST_PASSWORD} to {MOST_PASSWORD}"
            )
        return self._hasher.hash(password)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:MOST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False

    def _wrong(self, name: str, now: datetime) -> None:
        with self._writing():
            row = self._db.execute(
                "SELECT wrong FROM accounts WHERE name = ?", (name,)
            ).fetchone()  # fmt: skip
            if row is None:
                return
            wrong = row[0] + 1
            over = wrong - TRIES
            lock = min(LOCKED * 2 ** min(over, 7), LONGEST_LOCK) if over >= 0 else timedelta()
            self._db.execute(
                "UPDATE accounts SET wrong = ?, locked_until = ? WHERE name = ?",
                (wrong, (now + lock).timestamp() if lock else 0.0, name),
            )


def _scope(name: str) -> str:
    return f"account/{name}"


def _step_of(secret: str, code: str, now: datetime) -> int:
    """The time step whose code it is; 0: of none."""
    try:
        totp = TOTP(base64.b32decode(secret), 6, SHA1(), STEP)  # noqa: S303 - what authenticators know
    except ValueError:
        return 0
    current = int(now.timestamp()) // STEP
    for step in (current, current - 1, current + 1):
        try:
            totp.verify(code.encode(), step * STEP)
        except InvalidToken:
            continue
        return step
    return 0


def factor_address(name: str, secret: str) -> str:
    """What an authenticator reads: otpauth://…"""
    return f"otpauth://totp/Shouhe:{name}?secret={secret}&issuer=Shouhe&period={STEP}"


def _checked(name: str, person: str, role: Role, place: str) -> Account:
    """Raises SettingsError."""
    made = {"name": name, "person": person, "role": role.value, "place": place}
    try:
        account = msgspec.convert(made, Account)
    except msgspec.ValidationError as error:
        raise SettingsError(f"account: {error}; use letters, digits and ._:/-") from None
    if len(place) not in PLACE_DIGITS[role]:
        wanted = " or ".join(map(str, PLACE_DIGITS[role]))
        raise SettingsError(
            f"place: {place!r} has {len(place)} digits; a {role.value} needs {wanted}"
        )
    return account


def _account(row: tuple[object, ...]) -> Account:
    name, person, role, place, factor, locked, disabled, must = row
    return msgspec.convert(
        {
            "name": name, "person": person, "role": role, "place": place,
            "has_factor": bool(factor), "locked_until": locked, "disabled": bool(disabled),
            "must_change": bool(must),
        },
        Account,
    )  # fmt: skip


def moment(stamp: float) -> datetime:
    """A stored moment."""
    return datetime.fromtimestamp(stamp, UTC)
