"""ClickHouse, wherever it lives: in this process (chDB), or behind a running `shouhe serve`.

chDB lets one process hold a data directory. While `shouhe serve` runs it holds it, and every other
command reaches it through the server's ClickHouse endpoint: the same client, the same SQL.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Literal

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.exceptions import ClickHouseError

from domain.errors import ShouheError

if TYPE_CHECKING:
    from infra.settings import Settings

DATABASE = "shouhe"

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
    views count on it; the rest keeps memory bounded.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    spill = int(memory * MEMORY_SHARE / 4)
    return {
        "async_insert": 0,
        "join_use_nulls": 0,
        "max_memory_usage": int(memory * MEMORY_SHARE),
        "max_bytes_before_external_group_by": spill,
        "max_bytes_before_external_sort": spill,
        "session_timezone": "UTC",
    }


def connect(settings: Settings, *, user: Literal["admin", "analyst"] = "admin") -> Warehouse:
    """A client with database `shouhe`. Raises WarehouseBusyError."""
    server = live_server(settings.serve_path)
    if server is not None:
        return _remote(server, user)
    client = embedded(settings.clickhouse_path)
    if user == "analyst":
        client.set_client_setting("readonly", 2)
    return client


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
