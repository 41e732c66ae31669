"""Anchors: what the chain's end was on a day, signed with Ed25519. One JSON object a line.

The signing key follows from the master key; `shouhe audit key` shows the public one. An anchor that
was copied elsewhere (paper, the county's archive) proves the log against whoever has the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from domain.errors import SettingsError
from domain.event import day as shanghai_day
from infra.audit.chain import Link

Hex = str


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """The chain's end on a Shanghai day. `key`: the public key, 64 hex digits."""

    day: date
    position: int
    hash: Hex
    at: datetime
    key: Hex
    signature: Hex = ""

    def signed_by(self, key: Hex) -> bool:
        """Whether it was signed with the private key of a public one."""
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            public.verify(bytes.fromhex(self.signature), _words(self))
        except (InvalidSignature, ValueError):
            return False
        return True


class Anchors:
    """The file of a home."""

    def __init__(self, path: Path, seed: bytes | None = None) -> None:
        """`seed`: 32 bytes, of which the signing key is made; None: only to read."""
        self._path = path
        self._private = Ed25519PrivateKey.from_private_bytes(seed) if seed else None

    @property
    def key(self) -> Hex:
        """The public key. Raises SettingsError where there is none to sign with."""
        return self._signer().public_key().public_bytes_raw().hex()

    def drop(self, end: Link, now: datetime) -> Anchor:
        """Sign the chain's end and keep it, durably."""
        position, hashed = end
        bare = Anchor(
            day=shanghai_day(now), position=position, hash=hashed.hex(), at=now, key=self.key
        )
        made = msgspec.structs.replace(bare, signature=self._signer().sign(_words(bare)).hex())
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(made) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return made

    def daily(self, end: Link, now: datetime) -> Anchor | None:
        """The day's anchor, where the day has none yet and the chain has an end."""
        last = self.last()
        if end[0] == 0 or (last is not None and last.day >= shanghai_day(now)):
            return None
        return self.drop(end, now)

    def last(self) -> Anchor | None:
        """The latest."""
        found = None
        for found in self:  # noqa: B007 - one a day: the last one is wanted
            pass
        return found

    def __iter__(self) -> Iterator[Anchor]:
        """Every anchor, earliest first. Raises SettingsError for a line that is none."""
        if not self._path.exists():
            return
        for number, line in enumerate(self._path.read_bytes().splitlines(), start=1):
            try:
                yield msgspec.json.decode(line, type=Anchor)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise SettingsError(
                    f"{self._path.name}: line {number} is no anchor; restore the file from a copy"
                ) from None

    def _signer(self) -> Ed25519PrivateKey:
        if self._private is None:
            raise SettingsError("anchors: no key to sign with; open them with the master key")
        return self._private


def _words(anchor: Anchor) -> bytes:
    said = (anchor.day, anchor.position, anchor.hash, anchor.at.isoformat(), anchor.key)
    return "\0".join(("shouhe anchor v1", *map(str, said))).encode()
