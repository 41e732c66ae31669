"""ClickHouse, wherever it lives: a server of its own (`SHOUHE_CLICKHOUSE`), in this process (chDB),
or behind a running `shouhe serve`.

chDB lets one process hold a data directory. While `shouhe serve` runs it holds it, and every other
command reaches it through the server's ClickHouse endpoint: the same client, the same SQL.
"""

from __future__ import annotations

import os
import queue
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.exceptions import ClickHouseError

from domain.errors import SettingsError, ShouheError
from infra.secrets import read_secret

if TYPE_CHECKING:
    from infra.settings import Settings

SETTING = "SHOUHE_CLICKHOUSE"
DATABASE = "shouhe"
PORTS = {"http": 8123, "https": 8443}
KNOWN = {"password_file", "cafile", "certfile", "keyfile"}
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")

MEMORY_SHARE = 0.4
"""Of the machine's memory, for one query; sorts and groupings spill to disk well before."""

Warehouse = Any
"""clickhouse_connect.driver.Client: the package ships no type information."""


class WarehouseBusyError(ShouheError):
    """Another process holds the ClickHouse directory, or its server doesn't answer."""


class LiveServer(msgspec.Struct, frozen=True):
    """serve.json: written by `shouhe serve` while it runs."""

    url: str
    admin_password: str
    analyst_password: str
    pid: int
    born: str = ""
    """When that process began, in clock ticks since the machine did: a number may be reused."""


def born(pid: int) -> str:
    """The beginning of a process; empty where the system doesn't say (no /proc)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def live_server(path: Path) -> LiveServer | None:
    """The server that holds the directory; None when there is none or it has died."""
    try:
        server = msgspec.json.decode(path.read_bytes(), type=LiveServer)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if server.pid == os.getpid():
        return None
    try:
        os.kill(server.pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    if server.born and server.born != born(server.pid):
        return None
    return server


@contextmanager
def announce(
    settings: Settings, url: str, *, admin_password: str, analyst_password: str
) -> Iterator[None]:
    """Tell other processes, while inside, that this one holds the directory: serve.json, 0600.

    `url` is that of the ClickHouse endpoint, `http://127.0.0.1:8123`. What another process has
    written there in the meantime is left alone.
    """
    server = LiveServer(url, admin_password, analyst_password, os.getpid(), born(os.getpid()))
    path = settings.serve_path
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".serve-", delete=False) as file:
        file.write(msgspec.json.encode(server))  # mkstemp makes it 0600
    Path(file.name).replace(path)
    try:
        yield
    finally:
        with suppress(FileNotFoundError, msgspec.DecodeError):
            if msgspec.json.decode(path.read_bytes(), type=LiveServer) == server:
                path.unlink()


def pinned() -> dict[str, Any]:
    """Session settings that the engine's defaults would otherwise change under us.

    async_insert=0 since an insert must be in the table when it returns; join_use_nulls=0 since the
    views count on it; optimize_and_compare_chain=0 since that search for chains of comparisons, of
    which our views have none, is a fifth of what planning `indicators` takes; the rest keeps memory
    bounded.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    spill = int(memory * MEMORY_SHARE / 4)
    return {
        "async_insert": 0,
        "join_use_nulls": 0,
        "optimize_and_compare_chain": 0,
        "max_memory_usage": int(memory * MEMORY_SHARE),
        "max_bytes_before_external_group_by": spill,
        "max_bytes_before_external_sort": spill,
        "session_timezone": "UTC",
    }


def connect(settings: Settings, *, user: Literal["admin", "analyst"] = "admin") -> Warehouse:
    """A client with database `shouhe`. Raises WarehouseBusyError, SettingsError."""
    if settings.clickhouse:
        return _named(settings.clickhouse, user)
    server = live_server(settings.serve_path)
    if server is not None:
        return _remote(server, user)
    client = embedded(settings.clickhouse_path)
    if user == "analyst":
        client.set_client_setting("readonly", 2)
    return client


class Several:
    """A few clients that are used as one by many threads: each call takes one that is free.

    One client does one thing at a time, so that a question of seconds would keep every page
    waiting. No session state: what is set on one is not set on the others.
    """

    def __init__(self, clients: Sequence[Warehouse]) -> None:
        self._clients = clients
        self._free: queue.LifoQueue[Warehouse] = queue.LifoQueue()
        for each in clients:
            self._free.put(each)

    def __getattr__(self, name: str) -> Any:
        """A method of whichever client is free; anything else as the first one has it."""
        of_first = getattr(self._clients[0], name)
        if not callable(of_first):
            return of_first

        def call(*arguments: Any, **more: Any) -> Any:
            client = self._free.get()
            try:
                return getattr(client, name)(*arguments, **more)
            finally:
                self._free.put(client)

        return call

    def close(self) -> None:
        """Close them all."""
        for each in self._clients:
            each.close()


def embedded(path: Path, database: str = DATABASE) -> Warehouse:
    """chDB on a directory of our own, made if need be. Raises WarehouseBusyError."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        client = clickhouse_connect.get_client(interface="chdb", path=str(path))
    except (ClickHouseError, RuntimeError) as error:
        raise WarehouseBusyError(
            f"clickhouse: {path} can't be opened: another process holds it;"
            f" wait for it, or stop it ({_first_line(error)})"
        ) from error
    try:
        client.command(f"CREATE DATABASE IF NOT EXISTS {database}")
        client.database = database
        for name, value in pinned().items():
            client.set_client_setting(name, value)
    except BaseException:
        client.close()
        raise
    return client


def _named(url: str, user: str) -> Warehouse:
    """A client of the server that `SHOUHE_CLICKHOUSE` names."""
    options = parse_url(url)
    where = f"{options['host']}:{options['port']}"
    database = options.pop("database")
    try:
        client = clickhouse_connect.get_client(
            **options, settings=pinned(), compress=False, send_receive_timeout=3600
        )
        client.command(f"CREATE DATABASE IF NOT EXISTS {database}")
    except ClickHouseError as error:
        raise WarehouseBusyError(
            f"{SETTING}: the server at {where} doesn't answer as it should; see that it runs and"
            f" that user, password and TLS are right ({_first_line(error)})"
        ) from error
    client.database = database
    if user == "analyst":
        client.set_client_setting("readonly", 2)
    return client


def parse_url(url: str) -> dict[str, Any]:
    """`SHOUHE_CLICKHOUSE` as parameters of clickhouse_connect. Raises SettingsError.

    http(s)://[user@]host[:port][/database][?password_file=…&cafile=…&certfile=…&keyfile=…]
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    database = parts.path.strip("/") or DATABASE
    wrong = (
        f"the scheme is {parts.scheme[:32]!r}" if parts.scheme not in PORTS
        else "it names no host" if not parts.hostname
        else "a password stands in the address; put it into a file" if parts.password
        else f"{min(query.keys() - KNOWN)[:32]!r} is not known" if query.keys() - KNOWN
        else f"database {database[:32]!r} is no name" if not NAME.fullmatch(database)
        else ""
    )  # fmt: skip
    if wrong:
        raise SettingsError(
            f"{SETTING}: {wrong}; write https://user@host:8443/{DATABASE}"
            "?password_file=/run/secrets/clickhouse"
        )
    file = query.get("password_file")
    options = {
        "interface": parts.scheme,
        "host": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username or "default"),
        "password": read_secret(SETTING, file) if file else "",
        "database": database,
        "ca_cert": query.get("cafile"),
        "client_cert": query.get("certfile"),
        "client_cert_key": query.get("keyfile"),
    }
    return {name: value for name, value in options.items() if value is not None}


def _remote(server: LiveServer, user: str) -> Warehouse:
    try:
        return clickhouse_connect.get_client(
            dsn=server.url,
            username=user,
            password=server.admin_password if user == "admin" else server.analyst_password,
            database=DATABASE,
            settings=pinned() if user == "admin" else {},
            compress=False,
            send_receive_timeout=3600,  # a rebuild is one statement
        )
    except ClickHouseError as error:
        raise WarehouseBusyError(
            f"clickhouse: the running server at {server.url} (process {server.pid}) doesn't answer;"
            f" stop it and try again ({_first_line(error)})"
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
