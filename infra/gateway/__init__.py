"""The ClickHouse HTTP protocol on one machine: while `shouhe serve` holds the chDB directory, other
processes reach it by clickhouse-connect, curl or whatever else speaks to a ClickHouse server.

    app = build(settings.clickhouse_path, [User(name="admin", password=…, role="admin"),
                                           User(name="analyst", password=…)])
    uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=8123, access_log=False))

The access log stays off: a URL can carry a query and a password.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from infra.gateway.app import Gateway
from infra.gateway.users import Limits, User
from infra.warehouse import DATABASE, pinned

__all__ = ["Gateway", "Limits", "User", "build"]


def build(
    path: Path,
    users: Iterable[User],
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    database: str = DATABASE,
) -> Gateway:
    """The ASGI application over the chDB directory `path`, which this process has or may open.

    Run it on a server and port of its own, bound to loopback. Its lifespan ends running queries;
    without one, call `close()`.
    """
    return Gateway(path, users, database=database, settings=pinned(), limits=limits)
