"""Which services may send events: `services.toml` in the data directory, tokens by their hash.

    [weining-schools]
    token_sha256 = "…"   # sha256sum of the token, 64 hex digits

Where the file is missing, only programs on this machine may send.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from domain.errors import SettingsError

_HASH = re.compile(r"^[0-9a-f]{64}$")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


logger = logging.getLogger("shouhe.services")

EMPTY = hashlib.sha256(b"").hexdigest()


class Services:
    """The services that may send, by the hash of their token. A changed file counts at once."""

    def __init__(self, path: Path) -> None:
        """Raises SettingsError: the file, the service and the field that is wrong."""
        self._path, self._lock = path, Lock()
        self._seen = _stamp(path)
        self._hashes: Mapping[str, str] | None = _read(path)

    def _known(self) -> Mapping[str, str] | None:
        """Name → hash; None while the file is broken: then nobody is admitted."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._seen:
                self._seen = stamp
                try:
                    self._hashes = _read(self._path)
                except SettingsError as error:
                    self._hashes = None
                    logger.error("nobody may send: %s", error)  # noqa: TRY400 - one line is enough
            return self._hashes

    def admit(self, headers: Mapping[str, str], client: str) -> str | None:
        """The name of the service that asks (`local` for this machine); None: not admitted."""
        hashes = self._known()
        if hashes is None:
            return None
        if not hashes:
            near = _is_loopback(client) and not any(name in headers for name in _FORWARDED)
            return "local" if near else None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if not token.strip():
            return None
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
        found = None
        for name, known in hashes.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> dict[str, str]:
    try:
        listed = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path.name}: can't be read ({error}); mend the file") from None
    return {name: _hash(path.name, name, entry) for name, entry in listed.items()}


def _hash(file: str, name: str, entry: object) -> str:
    value = entry.get("token_sha256") if isinstance(entry, dict) else None
    if not isinstance(value, str) or not _HASH.match(value):
        raise SettingsError(
            f"{file}: [{name}] token_sha256: must be the 64 hex digits of the token's SHA-256"
        )
    if value == EMPTY:
        raise SettingsError(f"{file}: [{name}] token_sha256: is that of no token; choose a token")
    return value


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False
