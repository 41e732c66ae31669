"""`shouhe doctor`: is everything in place? Each line says what is wrong and how to mend it."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from domain.errors import ShouheError
from infra.console import DONE, FAILED, emit_json, out
from infra.home import Home
from infra.settings import Settings, from_environment

NEEDED_GIB = 2.0
PACKAGES = ("eventsourcing", "clickhouse-connect", "chdb", "msgspec", "cryptography", "litestar",
            "scikit-learn", "skops")  # fmt: skip
OPTIONAL = {
    "kafka-python": "kafka",
    "jupyterlab": "notebooks",
    "marimo": "notebooks",
}


class Finding(NamedTuple):
    """One check: what was looked at, whether it is well, what was seen, how to mend it."""

    check: str
    ok: bool
    seen: str
    remedy: str = ""


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
        emit_json({"ok": ok, "checks": [finding._asdict() for finding in findings]})
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
        has_log = settings.events_path.exists()
        remedy = f"restore {path} from its backup; no name can be read without it"
        seen = "none" if has_log else "none yet"
        yield Finding("master key", ok=not has_log, seen=seen, remedy=remedy)
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    yield Finding("master key", mode & 0o077 == 0, f"mode {mode:o}", f"chmod 600 {path}")


def _stores(settings: Settings) -> Iterator[Finding]:
    if not settings.events_path.exists():
        yield Finding("event log", ok=True, seen="none yet; `shouhe demo` or `shouhe import FILE`")
        return
    try:
        with Home(settings) as home:
            head = home.log.head()
            yield Finding("event log", ok=True, seen=f"{head} events")
            positions = home.projections.positions()
            behind = {name: at for name, at in positions.items() if at < head}
            yield Finding("read models", not behind, f"{len(positions)} read models" if not behind
                          else f"{len(behind)} behind the log", "run `shouhe project`")  # fmt: skip
    except ShouheError as error:
        yield Finding("read models", ok=False, seen=str(error), remedy="see the message")


def _ports(settings: Settings) -> Iterator[Finding]:
    if settings.serve_path.exists():
        yield Finding("server", ok=True, seen=f"running ({settings.serve_path})")
        return
    for port, use in ((8080, "pages"), (8123, "analysts' endpoint")):
        with socket.socket() as probe:
            taken = probe.connect_ex(("127.0.0.1", port)) == 0
        seen = "taken; choose another with `shouhe serve`" if taken else "free"
        yield Finding(f"port {port}", ok=True, seen=f"{seen} ({use})")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _home,
    _master_key,
    _stores,
    _ports,
)
