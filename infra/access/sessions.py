"""Who is signed in: a random word in a cookie, its hash beside the accounts.

A session lasts a working day, and ends after two hours without a look (a phone left lying about).
Role and place are the account's at every request: what an administrator changes holds at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from threading import RLock

import msgspec

from infra.access.accounts import Account, Accounts
from infra.access.reader import HOURS, Reader
from infra.access.table import SECOND_FACTOR
from infra.keys import KeyRing

IDLE = timedelta(hours=2)
NOTED = timedelta(minutes=1)
"""How old `seen` may grow before it is written again."""

SELECT = (
    "SELECT s.until, s.seen, s.factor, a.name, a.person, a.role, a.place, a.factor != '',"
    " a.must_change FROM sessions s JOIN accounts a ON a.name = s.name"
    " WHERE s.token = ? AND NOT a.disabled"
)


class Session(msgspec.Struct, frozen=True):
    """Someone signed in by an account.

    barred   why nothing but the own account may be opened: `password`, `factor`, or empty
    """

    reader: Reader
    account: str
    barred: str = ""


class Sessions:
    """The open sessions."""

    def __init__(self, accounts: Accounts) -> None:
        self._db, self._lock = accounts.database, RLock()

    def begin(self, account: Account, now: datetime, *, proven: bool = False) -> str:
        """A new session. → the word for the cookie.

        proven   a second factor was shown elsewhere, at the provider of identities
        """
        token = secrets.token_urlsafe(32)
        until = (now + timedelta(hours=HOURS)).timestamp()
        with self._lock:
            self._db.execute("DELETE FROM sessions WHERE until < ?", (now.timestamp(),))
            self._db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)",
                (
                    _digest(token),
                    account.name,
                    int(account.has_factor or proven),
                    until,
                    now.timestamp(),
                ),
            )
        return token

    def find(self, token: str, now: datetime) -> Session | None:
        """Whose cookie it is; None where it is nobody's, or out of date."""
        with self._lock:
            row = self._db.execute(SELECT, (_digest(token),)).fetchone()
        if row is None:
            return None
        until, seen, factor, name, person, role, place, has_factor, must_change = row
        stamp = now.timestamp()
        if stamp >= until or stamp - seen >= IDLE.total_seconds():
            self.end(token)
            return None
        if stamp - seen >= NOTED.total_seconds():
            with self._lock:
                self._db.execute(
                    "UPDATE sessions SET seen = ? WHERE token = ?", (stamp, _digest(token))
                )
        made = {"person": person, "role": role, "place": place, "until": int(until)}
        reader = msgspec.convert(made, Reader)
        unproven = (has_factor or reader.role in SECOND_FACTOR) and not factor
        return Session(reader, name, "password" if must_change else "factor" if unproven else "")

    def end(self, token: str) -> None:
        """Signed out."""
        with self._lock:
            self._db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))


def csrf_word(keys: KeyRing, cookie: str) -> str:
    """What a form carries for whoever is signed in, and no foreign page can know."""
    return hmac.digest(keys.sign_in_key, b"csrf " + cookie.encode(), "sha256").hex()


def phone_key(keys: KeyRing, person: str) -> str:
    """The key, in hex, under which a person's phone keeps a second copy of its own key.

    Given to whoever signs in as that person; the phone does not keep it. So what was recorded can
    be sent when the PIN is forgotten.
    """
    return hmac.digest(keys.sign_in_key, b"phone " + person.encode(), "sha256").hex()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
