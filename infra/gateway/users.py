"""Who may ask, and how much. Passwords are compared in constant time."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from domain.errors import SettingsError
from infra.gateway.errors import AUTHENTICATION_FAILED, GatewayError


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A name and password of the endpoint.

    An analyst only reads. `place` is a division-code prefix, `5205`: such a user sees rows of that
    place and nothing else; empty for everywhere. An admin does everything and has no place.
    """

    name: str
    password: str
    role: Literal["admin", "analyst"] = "analyst"
    place: str = ""

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        if not self.password:
            raise SettingsError(f"user {self.name!r}: the password is empty; give one")
        if self.place and not (self.place.isascii() and self.place.isdigit()):
            raise SettingsError(f"user {self.name!r}: place {self.place!r} is not digits, as 5205")
        if self.place and self.role == "admin":
            raise SettingsError(f"user {self.name!r}: an admin can't be limited to a place")

    @property
    def reads_only(self) -> bool:
        """Everyone but the admin."""
        return self.role != "admin"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """For analysts, except `queries`, which is for all."""

    rows: int = 10_000_000
    """of one result"""
    seconds: int = 300
    """of one query"""
    memory: int = 4 * 1024**3
    """bytes of one query"""
    queries: int = 8
    """at the same time; an analyst may hold all but two of them"""
    request: int = 1024 * 1024
    """bytes of one request body, unpacked"""
    stall: int = 600
    """seconds a client may stop reading before its query is given up; for all"""


class Users:
    """The users by name."""

    def __init__(self, users: Iterable[User]) -> None:
        self._users = {each.name: each for each in users}

    def authenticate(self, headers: Mapping[str, str], params: Mapping[str, str]) -> User:
        """By X-ClickHouse-User and -Key, Basic, or `user` and `password`. Raises GatewayError."""
        name, password = _credentials(headers, params)
        user = self._users.get(name)
        expected = user.password if user else "\0"
        right = hmac.compare_digest(expected.encode(), password.encode("utf-8", "surrogateescape"))
        if user is None or not right:
            raise GatewayError(
                AUTHENTICATION_FAILED,
                f"{name}: Authentication failed: password is incorrect, or there is no user with"
                " such name.",
            )
        return user


def _credentials(headers: Mapping[str, str], params: Mapping[str, str]) -> tuple[str, str]:
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", "")
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except ValueError:
            raise GatewayError(AUTHENTICATION_FAILED, "Invalid Basic authorization.") from None
        return name, password
    if scheme:
        raise GatewayError(AUTHENTICATION_FAILED, "Only Basic authorization is known here.")
    return params.get("user", "default"), params.get("password", "")
