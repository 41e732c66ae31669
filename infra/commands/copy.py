"""`shouhe copy --from URL --to URL`: a whole event store, moved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from cyclopts import Parameter

from domain.errors import SettingsError, WrongUsageError
from infra.console import DONE, FAILED, emit_json, note, out, progress, table
from infra.copying import EVENTS, CopyError, Report
from infra.copying import copy as move
from infra.event_store import EventLog, StoreError
from infra.settings import POSTGRES, SQLITE, Settings, from_environment, scheme_of

Place = Path | str

SECRET = ("password", "sslpassword")
"""Parameters of PostgreSQL's URL that are never shown."""


def copy(*, from_: Annotated[str, Parameter(name="--from")], to: str, json: bool = False) -> int:
    """Move a whole event store, from SQLite to PostgreSQL or back, and check that it is the same.

    Stop what writes to the source first. Safe to repeat: killed anywhere and run again, it goes
    on. Ends with 1 when the two differ, and refuses a target that holds anything else.
    Keys are not copied: keys.sqlite and master.key stay in SHOUHE_HOME.

    Parameters
    ----------
    from_
        sqlite:////folder/events.sqlite, postgresql://user@host:5432/database, or a home's folder.
    to
        The same; empty, or partly copied before.
    json
        One JSON object: `same`, `head`, `copied`, `first_difference`, `tables` (`table`, and
        `rows` and `hash` of `source` and `target`), `keys`.
    """
    settings = from_environment()
    source, target = place("--from", from_), place("--to", to)
    if _same_place(source, target):
        raise WrongUsageError("--to: this is the store of --from; name another")
    _refuse_what_is_no_store(source, target)
    with (
        closing(_opened("--from", source, settings)) as ours,
        closing(_opened("--to", target, settings)) as theirs,
        progress("copy") as bar,
    ):
        report = move(ours, theirs, bar, _moved)
    if json:
        emit_json({"same": report.same, **msgspec.structs.asdict(report),
                   "keys": str(settings.keys_path)})  # fmt: skip
    else:
        _tell(report, target, settings)
    return DONE if report.same else FAILED


def place(option: str, text: str) -> Place:
    """What an option names: a file for SQLite, or PostgreSQL's URL. Raises WrongUsageError."""
    if "://" not in text:
        path = Path(text)
        return (path if path.suffix == ".sqlite" else path / "events.sqlite").absolute()
    if text.startswith(SQLITE):
        return Path("/" + text.removeprefix(SQLITE).lstrip("/"))
    if text.partition("://")[0] in POSTGRES:
        return text
    raise WrongUsageError(
        f"{option}: {scheme_of(text)!r} is no event store;"
        " write postgresql://user@host:5432/database or sqlite:////folder/events.sqlite"
    )


def _same_place(source: Place, target: Place) -> bool:
    if isinstance(source, Path) and isinstance(target, Path):
        return source.resolve() == target.resolve()
    return source == target


def _refuse_what_is_no_store(source: Place, target: Place) -> None:
    """Looked at before, because to open a store makes the tables that are missing."""
    with _said_of("--from"):
        if EVENTS not in _tables(source):
            raise CopyError(
                f"--from: there is no event store {shown(source)}; name its file, folder or URL"
            )
    with _said_of("--to"):
        others = _tables(target)
    if others and EVENTS not in others:
        raise CopyError(
            f"--to: {shown(target)} holds other tables ({', '.join(sorted(others)[:3])}); name an"
            " empty database, or a file that isn't there yet"
        )


def _tables(where: Place) -> set[str]:
    """The tables of a database; none where there is no file. Raises StoreError, SettingsError."""
    if isinstance(where, str):
        from infra.postgres_store import Connection  # noqa: PLC0415 - an extra

        with closing(Connection(where)) as server:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            return {name for (name,) in server.execute(query)}
    if not where.exists():
        return set()
    try:
        with closing(sqlite3.connect(f"{where.as_uri()}?mode=ro", uri=True)) as file:
            query = "SELECT name FROM sqlite_master WHERE type = 'table'"
            return {name for (name,) in file.execute(query)}
    except sqlite3.Error as error:
        raise StoreError(f"event store: {where} can't be read: {error}") from error


def _opened(option: str, where: Place, settings: Settings) -> EventLog:
    with _said_of(option):
        return EventLog(where, settings.refusable)


@contextmanager
def _said_of(option: str) -> Iterator[None]:
    """An address that doesn't work is named by the option that gave it."""
    try:
        yield
    except (StoreError, SettingsError) as error:
        said = str(error).removeprefix("SHOUHE_EVENT_STORE: ")
        raise CopyError(f"{option}: {said}") from error


def _moved(position: int) -> None:
    note(f"the source is still being written (now at {position}): going on until it stands still")


def _tell(report: Report, target: Place, settings: Settings) -> None:
    out(f"{report.copied} events copied, {report.head - report.copied} were there before")
    rows = [
        (each.table, each.source.rows, each.target.rows, each.source.hash, each.target.hash)
        for each in report.tables
    ]
    table("compared", ("table", "rows: from", "to", "hash: from", "to"), rows)
    if not report.same:
        at = report.first_difference
        out("the stores DIFFER" + (f", first at position {at}" if at else "") + ": don't use --to")
        return
    out(f"the stores are the same, up to position {report.head}")
    out(f"next: SHOUHE_EVENT_STORE={shown(target)} for every process; send nothing to the old one")
    out(f"keys stay where they are: {settings.keys_path} and {settings.master_key_path}")


def shown(where: Place) -> str:
    """An address without its password."""
    if isinstance(where, Path):
        return f"sqlite:///{where}"
    parts = urlsplit(where)
    user, at, host = parts.netloc.rpartition("@")
    query = [each for each in parts.query.split("&") if each.partition("=")[0] not in SECRET]
    netloc = user.partition(":")[0] + at + host
    return parts._replace(netloc=netloc, query="&".join(query)).geturl()
