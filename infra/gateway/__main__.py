"""`python -m infra.gateway FOLDER PORT PASSWORD_FILE`: the embedded engine as a server of its own.

For trials and tests where the road's stages are separate processes: it stands in for a ClickHouse
server on loopback. User `admin`, database `shouhe`.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from infra.gateway import User, build
from infra.secrets import read_secret


def main(folder: Path, port: int, password_file: str) -> None:
    """Serve until told to stop."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    password = read_secret("password_file", password_file)
    app = build(folder, [User(name="admin", password=password, role="admin")])
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
