"""The whole road as processes on this machine: three servers and five processes of our own.

For trials and tests: every process can be killed and started again, alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from infra.servers.clickhouse import ClickHouse
from infra.servers.kafka import Kafka
from infra.servers.postgres import Postgres
from infra.servers.process import HOST, Process, free_port

Server = Postgres | Kafka | ClickHouse

STAGES = {
    "relay": ("relay", "--metrics-port"),
    "sink": ("sink", "--metrics-port"),
    "project": ("project", "--follow", "--metrics-port"),
    "intake": ("intake", "--metrics-port"),
    "serve": ("serve", "--port"),
}
"""Name → its command line up to its port."""


class Road:
    """One home, its servers and its processes, on ports of loopback."""

    def __init__(self, folder: Path, partitions: int = 4) -> None:
        self.folder, self.home = folder, folder / "home"
        self.servers: dict[str, Server] = {
            "postgres": Postgres(folder / "postgres", free_port()),
            "kafka": Kafka(folder / "kafka", free_port()),
            "clickhouse": ClickHouse(folder / "clickhouse", free_port()),
        }
        self.processes = {name: Process(name, folder / name, free_port()) for name in STAGES}
        self.settings = {
            "SHOUHE_HOME": str(self.home),
            "SHOUHE_EVENT_STORE": self.servers["postgres"].url,
            "SHOUHE_KAFKA": f"{self.servers['kafka'].url}?partitions={partitions}",
            "SHOUHE_CLICKHOUSE": self.servers["clickhouse"].url,
        }

    @property
    def environment(self) -> dict[str, str]:
        """Of a process of this road."""
        own = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path.cwd())}
        return own | self.settings

    @property
    def names(self) -> list[str]:
        """Of all that can be started and killed."""
        return [*self.servers, *self.processes]

    def url(self, name: str) -> str:
        """Where a process of ours answers: pages and intake, or its numbers."""
        return f"http://{HOST}:{self.processes[name].port}"

    def up(self) -> None:
        """Start all of it, servers first. Raises ServerError."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in self.names:
            self.start(name)

    def start(self, name: str) -> None:
        """Start one, unless it runs. Raises ServerError."""
        if name in self.servers:
            server = self.servers[name]
            if server.process.pid is None:
                server.start()
            return
        process = self.processes[name]
        if process.pid is None:
            process.folder.mkdir(parents=True, exist_ok=True)
            command = [sys.executable, "-m", "infra", *STAGES[name], str(process.port)]
            process.start(command, self.environment)

    def kill(self, name: str) -> None:
        """kill -9."""
        (self.servers[name] if name in self.servers else self.processes[name]).kill()

    def stop(self, name: str) -> bool:
        """SIGTERM, and wait. → whether it was running."""
        return (self.servers[name] if name in self.servers else self.processes[name]).stop()

    def down(self) -> None:
        """Stop all of it, servers last."""
        for name in reversed(self.names):
            self.stop(name)
