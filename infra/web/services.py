"""Which services may send which events: `services.toml` in the data directory.

    [weining-schools]
    token_sha256 = "…"                      # sha256sum of the token, 64 hex digits
    events = ["school.*", "dropout.*"]      # none named: every type
    places = ["520526"]                     # beginnings of place codes; none named: everywhere
    sources = ["/weining/schools/*"]        # what its events may name as `source`; none named: any
    dates_back = true                       # may say when it learned of a fact (`recordedtime`)

Where the file is missing, only programs on this machine may send.
"""

from __future__ import annotations

import fnmatch
import hashlib
import hmac
import ipaddress
import logging
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from domain.errors import SettingsError
from domain.event import PLACE_DIGITS
from domain.vocabulary import EVENTS
from infra.access.authority import Authority

_HASH = re.compile(r"^[0-9a-f]{64}$")
FORMS = {
    "events": (re.compile(r"^[a-z0-9_.*]{1,80}$"), "*", '["school.*"]'),
    "places": (re.compile(rf"^({PLACE_DIGITS})?$"), "", '["520526"]'),
    "sources": (re.compile(r"^\S{1,200}$"), "*", '["/weining/schools/*"]'),
}
"""Setting → its form, what holds where it is not named, an example."""

FIELDS = FORMS.keys() | {"token_sha256", "dates_back"}
LOCAL = Authority(name="local", dates_back=True)
"""Programs on this machine, where no service is named."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


logger = logging.getLogger("shouhe.services")

EMPTY = hashlib.sha256(b"").hexdigest()


class Services:
    """The services that may send, by the hash of their token. A changed file counts at once."""

    def __init__(self, path: Path) -> None:
        """Raises SettingsError: the file, the service and the field that is wrong."""
        self._path, self._lock = path, Lock()
        self._seen = _stamp(path)
        self._senders: Mapping[str, Authority] | None = _read(path)

    def _known(self) -> Mapping[str, Authority] | None:
        """Hash → authority; None while the file is broken: then nobody is admitted."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._seen:
                self._seen = stamp
                try:
                    self._senders = _read(self._path)
                except SettingsError as error:
                    self._senders = None
                    logger.error("nobody may send: %s", error)  # noqa: TRY400 - one line is enough
            return self._senders

    def admit(self, headers: Mapping[str, str], client: str) -> Authority | None:
        """What the service that asks may record (`local`: all); None: not admitted."""
        senders = self._known()
        if senders is None:
            return None
        if not senders:
            near = _is_loopback(client) and not any(name in headers for name in _FORWARDED)
            return LOCAL if near else None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if not token.strip():
            return None
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
        found = None
        for known, authority in senders.items():
            if hmac.compare_digest(digest, known):
                found = authority
        return found


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> dict[str, Authority]:
    try:
        listed = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path.name}: can't be read ({error}); mend the file") from None
    return {
        _hash(path.name, name, entry): _authority(path.name, name, entry)
        for name, entry in listed.items()
    }


def _authority(file: str, name: str, entry: dict[str, Any]) -> Authority:
    where = f"{file}: [{name}]"
    if unknown := sorted(entry.keys() - FIELDS):
        known = ", ".join(sorted(FIELDS))
        raise SettingsError(f"{where} {unknown[0]}: no such setting; known are {known}")
    dates_back = entry.get("dates_back", False)
    if not isinstance(dates_back, bool):
        raise SettingsError(f"{where} dates_back: must be true or false")
    return Authority(
        name=name,
        types=_patterns(where, entry, "events"),
        places=_patterns(where, entry, "places"),
        sources=_patterns(where, entry, "sources"),
        dates_back=dates_back,
    )


def _patterns(where: str, entry: dict[str, Any], field: str) -> tuple[str, ...]:
    form, every, example = FORMS[field]
    value = entry.get(field, [every])
    right = isinstance(value, list) and value and all(isinstance(each, str) for each in value)
    if not right or not all(form.match(each) for each in value):
        raise SettingsError(f"{where} {field}: must be a list of texts such as {example}")
    if field == "events" and (lost := [e for e in value if not fnmatch.filter(EVENTS, e)]):
        raise SettingsError(f"{where} events: {lost[0]!r} fits no event type; see `shouhe schema`")
    return tuple(value)


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
