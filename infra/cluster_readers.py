"""Who may read what on a ClickHouse cluster: roles, users and row policies by place, as DDL.

What the gateway does on one machine (infra.gateway.places), the servers do themselves. A policy
stands on the shard's view, where the rows are; a view over all shards that asks as its owner has
one too. Whoever has no role sees no row, even with a right to the table: a query that reaches a
shard as somebody else (a cluster without a secret) gives too little, never too much.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from domain.errors import SettingsError
from infra.gateway.places import Relation, shown
from infra.gateway.users import Limits
from projections.cluster import Cluster, as_owner

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PLACE = re.compile(r"(?:\d{2}){1,3}|\d{9}|\d{12}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Reader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One user who reads. `place`: a division code; empty: everywhere."""

    password_sha256: str
    place: str = ""


Readers = Mapping[str, Reader]
"""Name → reader."""


def read_readers(path: Path) -> dict[str, Reader]:
    """A file of readers. Raises SettingsError: the file, the reader and the field that is wrong.

    [weining]
    place = "520526"
    password_sha256 = "…"   # sha256sum of the password, 64 hex digits
    """
    try:
        listed = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: can't be read ({error}); mend the file") from None
    return {name: _reader(path, name, entry) for name, entry in listed.items()}


def _reader(path: Path, name: str, entry: object) -> Reader:
    try:
        reader = msgspec.convert(entry, Reader)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: [{name[:64]}] {error}; mend it") from None
    wrong = (
        "its name must be of letters, digits and _" if not _NAME.fullmatch(name)
        else "place must be a division code: 2, 4, 6, 9 or 12 digits"
        if reader.place and not _PLACE.fullmatch(reader.place)
        else "password_sha256 must be the 64 hex digits of the password's SHA-256"
        if not _HASH.fullmatch(reader.password_sha256)
        else ""
    )  # fmt: skip
    if wrong:
        raise SettingsError(f"{path}: [{name[:64]}] {wrong}")
    return reader


def access(
    cluster: Cluster, found: Mapping[str, Relation], readers: Readers, limits: Limits | None = None
) -> list[str]:
    """The DDL: the profile, roles and rights, policies, users. Harmless to repeat.

    found   tables and views of the home database, as the gateway reads them
    """
    places = sorted({each.place for each in readers.values()} - {""})
    return [
        *_profile(cluster, limits or Limits()),
        *_roles(cluster, found, places),
        *_policies(cluster, found, places),
        *_users(cluster, readers),
    ]


def _profile(cluster: Cluster, limits: Limits) -> Iterator[str]:
    caps = {
        "max_result_rows": limits.rows,
        "max_execution_time": limits.seconds,
        "max_memory_usage": limits.memory,
    }
    said = ", ".join(f"{name} = {cap} MIN 1 MAX {cap}" for name, cap in caps.items())
    yield (
        f"CREATE SETTINGS PROFILE OR REPLACE {_analyst(cluster)} {cluster.on}"
        f" SETTINGS readonly = 2 CONST, {said}"
    )


def _roles(cluster: Cluster, found: Mapping[str, Relation], places: Sequence[str]) -> Iterator[str]:
    everything = [f"{cluster.home}.*", f"{cluster.whole}.*"]
    yield from _role(cluster, _analyst(cluster), everything)
    for place in places:
        names = sorted(shown(found, place))
        both = [f"{base}.{name}" for name in names for base in (cluster.home, cluster.whole)]
        yield from _role(cluster, _of_place(cluster, place), both)


def _role(cluster: Cluster, role: str, tables: Sequence[str]) -> Iterator[str]:
    yield (f"CREATE ROLE OR REPLACE {role} {cluster.on} SETTINGS PROFILE '{_analyst(cluster)}'")
    for table in tables:
        yield f"GRANT {cluster.on} SELECT ON {table} TO {role}"


def _policies(
    cluster: Cluster, found: Mapping[str, Relation], places: Sequence[str]
) -> Iterator[str]:
    trusted = f"{cluster.owner}, {_analyst(cluster)}"
    for name in sorted(shown(found, "")):
        bases = (cluster.home, cluster.whole) if as_owner(name) else (cluster.home,)
        for table in (f"{base}.{name}" for base in bases):
            yield _policy(cluster, "everything", table, "1", trusted)
            yield _policy(cluster, "nothing", table, "0", f"ALL EXCEPT {trusted}")
            for place in places:
                condition = found[name].condition(place) or "0"
                role = _of_place(cluster, place)
                yield _policy(cluster, f"place_{place}", table, condition, role)


def _policy(cluster: Cluster, name: str, table: str, condition: str, whom: str) -> str:
    return (
        f"CREATE ROW POLICY OR REPLACE {name} {cluster.on} ON {table}"
        f" FOR SELECT USING {condition} TO {whom}"
    )


def _users(cluster: Cluster, readers: Readers) -> Iterator[str]:
    for name, reader in sorted(readers.items()):
        role = _of_place(cluster, reader.place) if reader.place else _analyst(cluster)
        yield (
            f"CREATE USER OR REPLACE {name} {cluster.on}"
            f" IDENTIFIED WITH sha256_hash BY '{reader.password_sha256}'"
        )
        yield f"GRANT {cluster.on} {role} TO {name}"


def _analyst(cluster: Cluster) -> str:
    """The role, and the profile, of those who read everywhere."""
    return f"{cluster.home}_analyst"


def _of_place(cluster: Cluster, place: str) -> str:
    return f"{cluster.home}_place_{place}"
