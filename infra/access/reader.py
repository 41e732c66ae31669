"""Who reads: a person in a role, for a place, until a moment; and the signed word that says so.

    token    base64url(JSON of Reader) "." base64url(HMAC-SHA256 under the key ring's sign-in key)

Whoever can read the master key can make one: `shouhe serve` and `shouhe demo` do, for the person at
the machine. Everyone else has an account (accounts.py). What a role may do stands in table.py; no
one sees a village that their own code does not begin.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec

from domain.event import PLACE_DIGITS, Code
from domain.terms import Term
from infra.keys import KeyRing

HOURS = 12
"""A working day; then the address is asked for again."""

SIGN_IN = "/sign-in"


class Role(Term):
    """As what someone reads and records. What each may do: table.py."""

    DIRECTOR = "director", "儿童主任"
    SUPERVISOR = "supervisor", "儿童督导员"
    OFFICER = "county_officer", "县级民政"
    PREFECTURE = "prefecture_officer", "市(州)民政"
    PROVINCE = "province_officer", "省级民政"
    ANALYST = "analyst", "分析人员"
    AUDITOR = "auditor", "审计人员"
    ADMINISTRATOR = "administrator", "系统管理员"


ReaderPlace = Annotated[str, msgspec.Meta(pattern=rf"^({PLACE_DIGITS})?$")]
"""A place code, or nothing: everywhere."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Someone signed in. `place`: a village, or the beginning of its code; empty: everywhere."""

    person: Code
    role: Role
    place: ReaderPlace = ""
    until: int

    def may_see(self, village_code: str) -> bool:
        """Whether a village is within this reader's place."""
        return bool(village_code) and village_code.startswith(self.place)

    @property
    def may_read_secret(self) -> bool:
        """Events of sensitivity `secret`: for those who handle reports."""
        return self.role is Role.OFFICER


def sign_in_token(
    keys: KeyRing, now: datetime, *, person: str, role: Role, place: str = "", hours: float = HOURS
) -> str:
    """A token for one person. Raises msgspec.ValidationError for a person or place of no form."""
    until = int((now + timedelta(hours=hours)).timestamp())
    reader = Reader(person=person, role=role, place=place, until=until)
    body = msgspec.json.encode(reader)
    msgspec.json.decode(body, type=Reader)
    return f"{_text(body)}.{_text(_signature(keys, body))}"


def operator_address(keys: KeyRing, now: datetime, base: str, page: str = "/") -> str:
    """An address that signs in the person at this machine, for every place."""
    return sign_in_address(
        base, sign_in_token(keys, now, person="operator", role=Role.OFFICER), page
    )


def reader_of(keys: KeyRing, token: str, now: datetime) -> Reader | None:
    """Who carries a token; None where it is not ours, changed, or out of date."""
    head, _, tail = token.partition(".")
    try:
        body, signature = _bytes(head), _bytes(tail)
    except (ValueError, binascii.Error):
        return None
    if not hmac.compare_digest(signature, _signature(keys, body)):
        return None
    try:
        reader = msgspec.json.decode(body, type=Reader)
    except msgspec.DecodeError:
        return None
    return reader if now.timestamp() < reader.until else None


def sign_in_address(base: str, token: str, page: str = "/") -> str:
    """The address that signs in and shows a page. `base`: http://127.0.0.1:8080"""
    asked = {"token": token} if page == "/" else {"token": token, "page": page}
    return f"{base}{SIGN_IN}?{urlencode(asked, quote_via=quote)}"


def _signature(keys: KeyRing, body: bytes) -> bytes:
    return hmac.digest(keys.sign_in_key, body, "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
