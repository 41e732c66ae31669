"""Holds a home's ClickHouse directory and serves it, as `shouhe serve` does. `python FILE HOME`"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from infra.gateway import User, build
from infra.settings import Settings
from infra.warehouse import announce


def main(home: Path) -> None:
    settings = Settings(home)
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    users = [User(name="admin", password="a", role="admin"), User(name="analyst", password="b")]  # noqa: S106 - of this test alone
    app = build(settings.clickhouse_path, users)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    with announce(settings, url, admin_password="a", analyst_password="b"):  # noqa: S106 - as above
        server.run([listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
