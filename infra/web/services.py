"""Which services may send events: `services.toml` in the data directory, tokens by their hash.

    [weining-schools]
    token_sha256 = "…"   # sha256sum of the token, 64 hex digits

Where the file is missing, only programs on this machine may send.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from domain.errors import SettingsError

_HASH = re.compile(r"^[0-9a-f]{64}$")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class Services:
    """The services that may send, by the hash of their token."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)

    @classmethod
    def read(cls, path: Path) -> Services:
        """Raises SettingsError: the file, the service and the field that is wrong."""
        try:
            listed = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return cls({})
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path.name}: can't be read ({error}); mend the file") from None
        return cls({name: _hash(path.name, name, entry) for name, entry in listed.items()})

    def admit(self, headers: Mapping[str, str], client: str) -> str | None:
        """The name of the service that asks (`local` for this machine); None: not admitted."""
        if not self._hashes:
            near = _is_loopback(client) and not any(name in headers for name in _FORWARDED)
            return "local" if near else None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
        found = None
        for name, known in self._hashes.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found


def _hash(file: str, name: str, entry: object) -> str:
    value = entry.get("token_sha256") if isinstance(entry, dict) else None
    if not isinstance(value, str) or not _HASH.match(value):
        raise SettingsError(
            f"{file}: [{name}] token_sha256: must be the 64 hex digits of the token's SHA-256"
        )
    return value


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False
