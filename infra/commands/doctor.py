"""`shouhe doctor`: is everything in place? Each line says what is wrong and how to mend it."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from clickhouse_connect.driver.exceptions import ClickHouseError

from domain.errors import SettingsError, ShouheError
from infra.console import DONE, FAILED, emit_json, out
from infra.home import Home
from infra.settings import Settings, from_environment
from infra.travel import FILE, travel_of

NEEDED_GIB = 2.0
PACKAGES = ("eventsourcing", "clickhouse-connect", "chdb", "msgspec", "cryptography", "litestar",
            "scikit-learn", "skops")  # fmt: skip
OPTIONAL = {
    "kafka-python": "kafka",
    "psycopg": "postgres",
    "jupyterlab": "notebooks",
    "marimo": "notebooks",
}


class Finding(NamedTuple):
    """One check: what was looked at, whether it is well, what was seen, how to mend it."""

    check: str
    ok: bool
    seen: str
    remedy: str = ""
    reached: int | None = None


def doctor(*, json: bool = False) -> int:
    """Check the set-up and say how to mend what is wrong.

    Parameters
    ----------
    json
        One JSON object: `ok` and `checks` (list of `check`, `ok`, `seen`, `remedy`).
    """
    settings = from_environment()
    findings = [finding for check in CHECKS for finding in check(settings)]
    ok = all(finding.ok for finding in findings)
    if json:
        rows = [finding._asdict() for finding in findings]
        checks = [{name: row[name] for name in Finding._fields[:4]} for row in rows]
        emit_json({"ok": ok, "checks": checks})
    else:
        for finding in findings:
            mend = "" if finding.ok or not finding.remedy else f"  → {finding.remedy}"
            mark = "–" if finding.seen.startswith("absent") else "✓" if finding.ok else "✗"
            out(f"{mark} {finding.check}: {finding.seen}{mend}")
    return DONE if ok else FAILED


def _python(_: Settings) -> Iterator[Finding]:
    seen = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), seen, "install Python 3.11 or later")
    yield Finding("SQLite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version,
                  "use a Python built with SQLite 3.35 or later")  # fmt: skip


def _packages(_: Settings) -> Iterator[Finding]:
    for name in PACKAGES:
        yield _installed(name, f"run `uv sync` ({name} is required)", needed=True)
    for name, extra in OPTIONAL.items():
        yield _installed(name, f"run `uv sync --extra {extra}`", needed=False)


def _installed(name: str, remedy: str, *, needed: bool) -> Finding:
    try:
        return Finding(name, ok=True, seen=version(name))
    except PackageNotFoundError:
        return Finding(name, ok=not needed, seen="not installed" if needed else f"absent; {remedy}",
                       remedy=remedy)  # fmt: skip


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        yield Finding("data directory", ok=False, seen=f"{home}: {error.strerror}",
                      remedy="set SHOUHE_HOME to a directory you may write to")  # fmt: skip
        return
    free = shutil.disk_usage(home).free / 2**30
    yield Finding("data directory", ok=True, seen=str(home.resolve()))
    yield Finding("disk", free >= NEEDED_GIB, f"{free:.1f} GiB free",
                  f"free at least {NEEDED_GIB:.0f} GiB, or move SHOUHE_HOME")  # fmt: skip


def _master_key(settings: Settings) -> Iterator[Finding]:
    path = settings.master_key_path
    if not path.exists():
        yield Finding("master key", ok=True, seen="none yet")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    yield Finding("master key", mode & 0o077 == 0, f"mode {mode:o}", f"chmod 600 {path}")


def _road(settings: Settings) -> Iterator[Finding]:
    """Each part of the road by itself: one that can't be reached doesn't hide the others."""
    with Home(settings) as home:
        head = None
        for name, look in (("event log", _log), ("Kafka", _kafka), ("ClickHouse", _clickhouse)):
            try:
                for finding in look(home, head):
                    yield finding
                    head = finding.reached or head
            except (ShouheError, ImportError, ClickHouseError) as error:
                seen, _, remedy = _told(error).partition("; ")
                yield Finding(name, ok=False, seen=seen, remedy=remedy or "see the message")


def _told(error: Exception) -> str:
    """One line. ClickHouse's own words may quote rows."""
    if isinstance(error, ImportError):
        return f"{error.name} is not installed; run `uv sync --all-extras`"
    if isinstance(error, ClickHouseError):
        return (
            "SHOUHE_CLICKHOUSE: the server doesn't answer as it should"
            f" ({type(error).__name__} {getattr(error, 'code', None) or ''}); see that it runs,"
            " that user, password and database are right"
        )
    return str(error)


def _log(home: Home, _: int | None) -> Iterator[Finding]:
    settings = home.settings
    if isinstance(settings.store, Path) and not settings.store.exists():
        yield Finding("event log", ok=True, seen="none yet; `shouhe demo` or `shouhe import FILE`")
        return
    head = home.log.head()
    where = "SQLite" if isinstance(settings.store, Path) else "PostgreSQL"
    yield Finding("event log", ok=True, seen=f"{head} events ({where})", reached=head)
    if head and not settings.master_key_path.exists():
        yield Finding("keys of this log", ok=False, seen=f"no {settings.master_key_path}",
                      remedy="restore it from its backup, no name can be read without it; or set"
                      " SHOUHE_HOME to the folder that all processes share")  # fmt: skip


def _kafka(home: Home, head: int | None) -> Iterator[Finding]:
    if not home.settings.kafka:
        return
    from infra.streaming.relay import last_progress  # noqa: PLC0415 - an extra

    missing = home.broker.missing_topics()
    if missing:
        seen = f"answers; topics {', '.join(missing)} are not there"
        yield Finding("Kafka", ok=False, seen=seen, remedy="start `shouhe relay`: it makes them")
        return
    yield Finding("Kafka", ok=True, seen=f"answers; {', '.join(home.broker.servers)}")
    progress = last_progress(home.broker)
    at, parked = (progress.position, len(progress.parked)) if progress else (0, 0)
    behind = max(0, (head or 0) - at)
    yield Finding("relay", not behind, f"at position {at}" + (f", {behind} behind" * bool(behind)),
                  "see that `shouhe relay` runs, and its log")  # fmt: skip
    yield Finding("relay's parked events", not parked, str(parked),
                  "see /metrics of the relay; raise the topic's max.message.bytes")  # fmt: skip


def _clickhouse(home: Home, head: int | None) -> Iterator[Finding]:
    if head is None and not home.settings.clickhouse:
        return
    count = home.warehouse.query("SELECT count() FROM system.tables WHERE name = 'events'"
                                 " AND database = currentDatabase()").result_rows[0][0]  # fmt: skip
    if home.settings.clickhouse:
        yield Finding("ClickHouse", ok=True, seen="answers")
    positions = home.projections.positions() if count or head else {}
    behind = {name: at for name, at in positions.items() if at < (head or 0)}
    who = "see that `shouhe sink` and `shouhe project --follow` run"
    yield Finding("read models", not behind, f"{len(positions)} read models" if not behind
                  else f"{len(behind)} behind the log",
                  who if home.settings.clickhouse else "run `shouhe project`")  # fmt: skip
    parked = {name: len(some) for name, some in home.projections.parked().items()} if count else {}
    if parked:
        yield Finding(
            "parked events", ok=False, seen=f"{parked}", remedy="`shouhe project` says why"
        )


def _ports(settings: Settings) -> Iterator[Finding]:
    if settings.serve_path.exists() and not settings.clickhouse:
        yield Finding("server", ok=True, seen=f"running ({settings.serve_path})")
        return
    for port, use in ((8080, "pages"), (8123, "analysts' endpoint")):
        with socket.socket() as probe:
            taken = probe.connect_ex(("127.0.0.1", port)) == 0
        seen = "taken; choose another with `shouhe serve`" if taken else "free"
        yield Finding(f"port {port}", ok=True, seen=f"{seen} ({use})")


def _travel(settings: Settings) -> Iterator[Finding]:
    if (settings.home / FILE).exists():
        try:
            places = len(travel_of(settings).places)
        except SettingsError as error:
            yield Finding(FILE, ok=False, seen=str(error), remedy="lists are refused until then")
        else:
            yield Finding(FILE, ok=True, seen=f"the ways to {places} places")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _home,
    _master_key,
    _road,
    _travel,
    _ports,
)
