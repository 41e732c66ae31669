"""A ClickHouse server for trials: the embedded engine (chDB) behind its HTTP protocol.

Not the `clickhouse-server` of a province: that one comes from its makers, for a cluster.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from infra.servers.process import HOST, Process


class ClickHouse:
    """One embedded engine on loopback: user `admin`, its password in a file of the folder."""

    def __init__(self, folder: Path, port: int = 8124) -> None:
        self.folder, self.port = folder, port
        self.process = Process("clickhouse", folder, port)

    @property
    def password_file(self) -> Path:
        """0600."""
        return self.folder / "password"

    @property
    def url(self) -> str:
        """http://admin@127.0.0.1:8124/shouhe?password_file=…"""
        return f"http://admin@{HOST}:{self.port}/shouhe?password_file={self.password_file}"

    def start(self) -> None:
        """Start it. Raises ServerError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.password_file.exists():
            self.password_file.touch(mode=0o600)
            self.password_file.write_text(secrets.token_urlsafe(24))
        self.process.start(
            [sys.executable, "-m", "infra.gateway", str(self.folder / "data"), str(self.port),
             str(self.password_file)],
            {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )  # fmt: skip

    def stop(self) -> bool:
        """Cleanly. → whether it was running."""
        return self.process.stop()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
