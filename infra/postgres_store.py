"""The event store beyond one machine: PostgreSQL.

Positions run without a gap and in the order of commits: every append holds the table's lock, and
takes the numbers after the last one. A reader that has seen position n has seen all before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from eventsourcing.persistence import PersistenceError
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresFactory,
    PostgresProcessRecorder,
)
from eventsourcing.utils import Environment, strtobool
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format
from psycopg.rows import dict_row, tuple_row
from psycopg.sql import SQL, Identifier

from domain.errors import SettingsError
from infra.event_store import LOCK_SECONDS, Cursor, NewRow, StoreError
from infra.secrets import read_secret

SESSION = (
    "-c synchronous_commit=on -c timezone=UTC -c client_min_messages=warning"
    f" -c lock_timeout={LOCK_SECONDS}s"
)
"""A commit that returned survives a power cut, whatever the server's defaults."""

SETTING_UP = 7348001
"""Number of the advisory lock under which tables are made: several processes start at once."""

POOL, OVERFLOW, CONNECT_SECONDS = 2, 8, 10

TABLES = (
    "CREATE TABLE IF NOT EXISTS seen (event_id bytea PRIMARY KEY, position bigint NOT NULL)",
    """CREATE TABLE IF NOT EXISTS children (
        child_id bytea PRIMARY KEY, blind_index bytea UNIQUE, village text NOT NULL,
        status integer NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS rejections (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key bytea NOT NULL UNIQUE,
        source text NOT NULL, id text NOT NULL, type text NOT NULL, code text NOT NULL,
        field text NOT NULL, value text NOT NULL, message text NOT NULL,
        received_at text NOT NULL, attempts integer NOT NULL, body text
    )""",
)
MADE = """
SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(ARRAY['stored_events',
    'stored_events_notification_id_idx', 'seen', 'children', 'rejections']) name
"""
AGAIN = (
    "send or run it again when the server answers: what was recorded already counts as duplicate"
)

COLUMNS = ("notification_id", "originator_id", "originator_version", "topic", "state")

END_STALLED = """
SELECT pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.relation = 'stored_events'::regclass AND l.mode = 'ExclusiveLock' AND l.granted
  AND a.datname = current_database() AND a.state = 'active' AND a.wait_event = 'ClientRead'
  AND a.query_start < clock_timestamp() - make_interval(secs => %s)
"""
"""End who holds the table's lock and stopped while sending rows: no timeout of the server does."""


class _Hex(Loader):
    """A uuid as 32 hex digits: the form a stream id has everywhere on the road."""

    format = Format.BINARY

    def load(self, data: Any) -> str:
        """16 bytes → 32 hex digits."""
        return bytes(data).hex()


class PostgresCursor:
    """A `Cursor` over psycopg: the same words as on SQLite."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self.psycopg = cursor

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Self:
        """Run one statement."""
        self.psycopg.execute(_translated(sql), values)
        return self

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Self:
        """Run one statement for each row."""
        self.psycopg.executemany(_translated(sql), rows)
        return self

    def copy_in(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows in bulk, with the values of identity columns as they are given."""
        names = SQL(", ").join(map(Identifier, columns))
        into = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), names)
        with self.psycopg.copy(into) as to:
            for row in rows:
                to.write_row(row)

    def fetchone(self) -> Any:
        """The next row, or None."""
        return self.psycopg.fetchone()

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return self.psycopg.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.psycopg)


@lru_cache(maxsize=4096)
def _translated(sql: str) -> Any:
    return sql.replace("rowid", "notification_id").replace("?", "%s")


class PostgresRecorder(PostgresApplicationRecorder):
    """The library's recorder, numbering without gaps, with the intake's tables beside it."""

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        table = Identifier(datastore.schema, events_table_name)
        self.sql_create_statements[self.create_table_statement_index] = SQL(
            "CREATE TABLE IF NOT EXISTS {table} (originator_id uuid NOT NULL,"
            " originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL,"
            " notification_id bigint NOT NULL, PRIMARY KEY (originator_id, originator_version))"
            " WITH (autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.01)"
        ).format(table=table)
        self.sql_create_statements = [
            each for each in self.sql_create_statements if "FUNCTION" not in each.as_string()
        ]
        self.insert_events_statement = SQL(
            "INSERT INTO {table}"
            " (originator_id, originator_version, topic, state, notification_id)"
            " SELECT originator_id, originator_version, topic, state,"
            " n + (SELECT coalesce(max(notification_id), 0) FROM {table})"
            " FROM unnest(%s::{type}[]) WITH ORDINALITY"
            " AS e (originator_id, originator_version, topic, state, n)"
            " RETURNING notification_id"
        ).format(table=table, type=Identifier(datastore.schema, self.stored_event_type_name))

    def create_table(self) -> None:
        """The library's table, then ours; one process at a time."""
        with self.datastore.get_connection() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (SETTING_UP,))
            try:
                super().create_table()
                for each in TABLES:
                    connection.execute(each)
            finally:
                connection.execute("SELECT pg_advisory_unlock(%s)", (SETTING_UP,))

    def append(self, cursor: Cursor, after: int, rows: Sequence[NewRow]) -> None:
        """Copy the rows in at the positions after + 1, …, and wake whoever follows the log."""
        if not isinstance(cursor, PostgresCursor):
            raise TypeError(cursor)
        numbered = ((position, *row) for position, row in enumerate(rows, after + 1))
        cursor.copy_in("stored_events", COLUMNS, numbered)
        self._notify_channel(cursor.psycopg)

    def scrub(self) -> None:
        """Clear out what deleted rows left in the tables. The server's WAL and backups age out."""
        with _as_store_error(), self.datastore.get_connection() as connection:
            connection.execute("VACUUM (FULL) rejections")
            connection.execute("VACUUM children")

    @contextmanager
    def writing(self) -> Iterator[Cursor]:
        """One durable transaction, alone from its first statement.

        Raises StoreError. When the connection broke while committing, the batch may stand: sent
        again, it counts as duplicate.
        """
        with (
            _as_store_error(),
            self.datastore.get_connection() as connection,
            _ending_stalled(connection),
            connection.transaction(),
        ):
            cursor = _plain(connection)
            self._lock_table(cursor)
            yield PostgresCursor(cursor)

    @contextmanager
    def reading(self) -> Iterator[Cursor]:
        """A cursor; each statement sees one moment of the log."""
        with _as_store_error(), self.datastore.get_connection() as connection:
            yield PostgresCursor(_plain(connection))


def _plain(connection: psycopg.Connection[Any]) -> psycopg.Cursor[Any]:
    cursor = connection.cursor(row_factory=tuple_row, binary=True)
    cursor.adapters.register_loader("uuid", _Hex)
    return cursor


@contextmanager
def _ending_stalled(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Who waited in vain for the table's lock sees to it that the next one needn't."""
    try:
        yield
    except psycopg.errors.LockNotAvailable:
        connection.execute(END_STALLED, (LOCK_SECONDS / 2,))
        raise


@contextmanager
def _as_store_error(remedy: str = AGAIN) -> Iterator[None]:
    try:
        yield
    except (PersistenceError, psycopg.Error) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(f"event store: PostgreSQL: {said}; {remedy}") from error


class PostgresProcess(PostgresProcessRecorder, PostgresRecorder):
    """The library's recorder of events and the position they came from, numbering as ours does."""


class PostgresLogFactory(PostgresFactory):
    """The library's factory, making our recorder on connections of our settings."""

    application_recorder_class = PostgresRecorder
    process_recorder_class = PostgresProcess

    def __init__(self, env: Environment, settings: Mapping[str, Any]) -> None:
        env |= {  # the library wants the first five; the connections get what `settings` says
            self.POSTGRES_DBNAME: "-",
            self.POSTGRES_HOST: "-",
            self.POSTGRES_PORT: "5432",
            self.POSTGRES_USER: "-",
            self.POSTGRES_PASSWORD: "-",
            self.POSTGRES_CONNECT_TIMEOUT: str(CONNECT_SECONDS),
            self.POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT: str(LOCK_SECONDS),
            self.POSTGRES_LOCK_TIMEOUT: str(LOCK_SECONDS),
            self.POSTGRES_POOL_SIZE: str(POOL),
            self.POSTGRES_MAX_OVERFLOW: str(OVERFLOW),
            self.POSTGRES_PRE_PING: "yes",
        }
        super().__init__(env)
        self.datastore.pool.kwargs = {**settings, "row_factory": dict_row}

    def application_recorder(self) -> PostgresRecorder:
        """Our recorder over the table `stored_events`."""
        with _as_store_error():
            recorder = PostgresRecorder(self.datastore)
            with self.datastore.get_connection() as connection:
                made = _plain(connection).execute(MADE).fetchone() == (True,)
            if not made:  # to ask again for what is there would wait for whoever writes
                recorder.create_table()
        return recorder


def open_factory(env: Environment, url: str, environment: Mapping[str, str]) -> PostgresLogFactory:
    """The factory over one database. Raises SettingsError, StoreError."""
    refuse_functions(environment)
    Connection(url).close()  # the server's own words: a pool would only say that it waited in vain
    return PostgresLogFactory(env, connection_settings(url))


class Connection:
    """One connection, kept: what was locked or begun on it ends with it."""

    def __init__(self, url: str) -> None:
        with _as_store_error(
            "see that it runs, and that its address (SHOUHE_EVENT_STORE) is right"
        ):
            self._db = psycopg.connect(**connection_settings(url), autocommit=True)

    @property
    def closed(self) -> bool:
        """Whether it broke or was closed."""
        return self._db.closed

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """One statement, `?` for a value. → its rows. Raises StoreError."""
        with _as_store_error():
            cursor = self._db.cursor(row_factory=tuple_row)
            cursor.execute(_translated(sql), values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable at its end. Raises StoreError."""
        with _as_store_error(), self._db.transaction():
            yield

    def close(self) -> None:
        """Let go of it."""
        self._db.close()


def refuse_functions(environment: Mapping[str, str]) -> None:
    """Raises SettingsError where POSTGRES_ENABLE_DB_FUNCTIONS is on."""
    name = PostgresFactory.POSTGRES_ENABLE_DB_FUNCTIONS
    value = environment.get(name, "")
    if value and strtobool(value):
        raise SettingsError(
            f"{name}: {value!r} is refused: inserting by a database function takes no table lock,"
            " so positions commit out of order and whoever follows the log misses events;"
            " unset it"
        )


def connection_settings(url: str) -> dict[str, Any]:
    """Parameters of psycopg.connect; `password_file` in the URL is read. Raises SettingsError."""
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        file = query.pop("password_file", None)
        bare = parts._replace(query=urlencode(query, quote_via=quote))  # libpq knows no + for space
        settings = dict(conninfo_to_dict(urlunsplit(bare)))
    except (ValueError, psycopg.ProgrammingError) as error:
        said = re.sub(r'".*"', "…", str(error).strip(), flags=re.DOTALL)  # it may be the password
        raise SettingsError(
            f"SHOUHE_EVENT_STORE: {said}; write"
            " postgresql://user@host:5432/database?password_file=/run/secrets/…"
        ) from None
    if parts.netloc.count("@") > 1:  # libpq would take half a password for the host, and show it
        raise SettingsError(
            "SHOUHE_EVENT_STORE: more than one @ before the host; write %40 for one in a password,"
            " or better keep it in a file: ?password_file=/run/secrets/…"
        )
    if file is not None:
        settings["password"] = read_secret("SHOUHE_EVENT_STORE", file)
    own = str(settings.get("options", ""))
    ours = {"application_name": "shouhe", "connect_timeout": CONNECT_SECONDS}
    return {**ours, **settings, "options": f"{SESSION} {own}".strip()}
