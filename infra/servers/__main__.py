"""`python -m infra.servers start|stop|status`: the servers of this home."""

from __future__ import annotations

import sys
from typing import Literal

from cyclopts import App

from domain.errors import ShouheError
from infra.console import DONE, FAILED, note, out
from infra.servers.kafka import Kafka
from infra.servers.postgres import Postgres
from infra.settings import from_environment

Name = Literal["postgres", "kafka"]
app = App(name="python -m infra.servers", help="PostgreSQL and Kafka for trials and tests.")


def _servers(
    names: tuple[Name, ...], postgres_port: int, kafka_port: int
) -> list[Postgres | Kafka]:
    folder = from_environment().home.absolute() / "servers"
    known: dict[str, Postgres | Kafka] = {
        "postgres": Postgres(folder / "postgres", postgres_port),
        "kafka": Kafka(folder / "kafka", kafka_port),
    }
    return [known[name] for name in names or known]


@app.command
def start(*names: Name, postgres_port: int = 5432, kafka_port: int = 9092) -> None:
    """Start them, unless they run."""
    for server in _servers(names, postgres_port, kafka_port):
        if server.process.pid is None:
            server.start()
        out(f"{server.process.name:9} {server.url}")


@app.command
def stop(*names: Name) -> None:
    """Stop them cleanly; their data stays."""
    for server in _servers(names, 0, 0):
        out(f"{server.process.name:9} {'stopped' if server.stop() else 'was not running'}")


@app.command
def status(*names: Name) -> None:
    """Which of them run."""
    for server in _servers(names, 0, 0):
        pid = server.process.pid
        out(f"{server.process.name:9} {'not running' if pid is None else f'process {pid}'}")


def main() -> int:
    """One line and exit code 1 where a server can't be had."""
    try:
        app()
    except ShouheError as error:
        note(str(error))
        return FAILED
    return DONE


if __name__ == "__main__":
    sys.exit(main())
