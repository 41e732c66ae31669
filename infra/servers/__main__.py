"""`python -m infra.servers start|stop|status`: the servers of this home."""

from __future__ import annotations

import sys
from typing import Literal

from cyclopts import App

from domain.errors import ShouheError
from infra.console import DONE, FAILED, note, out
from infra.servers.clickhouse import ClickHouse
from infra.servers.kafka import Kafka
from infra.servers.postgres import Postgres
from infra.settings import from_environment

Name = Literal["postgres", "kafka", "clickhouse"]
Server = Postgres | Kafka | ClickHouse
SETTINGS = {
    "postgres": "SHOUHE_EVENT_STORE",
    "kafka": "SHOUHE_KAFKA",
    "clickhouse": "SHOUHE_CLICKHOUSE",
}
app = App(name="python -m infra.servers", help="The servers of a road, for trials and tests.")


def _servers(names: tuple[Name, ...], ports: tuple[int, int, int]) -> list[Server]:
    folder = from_environment().home.absolute() / "servers"
    known: dict[str, Server] = {
        "postgres": Postgres(folder / "postgres", ports[0]),
        "kafka": Kafka(folder / "kafka", ports[1]),
        "clickhouse": ClickHouse(folder / "clickhouse", ports[2]),
    }
    return [known[name] for name in names or known]


@app.command
def start(
    *names: Name, postgres_port: int = 5432, kafka_port: int = 9092, clickhouse_port: int = 8124
) -> None:
    """Start them, unless they run. Prints the settings that name them, to paste into a shell."""
    for server in _servers(names, (postgres_port, kafka_port, clickhouse_port)):
        if server.process.pid is None:
            server.start()
        out(f"export {SETTINGS[server.process.name]}='{server.url}'")


@app.command
def stop(*names: Name) -> None:
    """Stop them cleanly; their data stays."""
    for server in _servers(names, (0, 0, 0)):
        out(f"{server.process.name:10} {'stopped' if server.stop() else 'was not running'}")


@app.command
def status(*names: Name) -> None:
    """Which of them run."""
    for server in _servers(names, (0, 0, 0)):
        pid = server.process.pid
        out(f"{server.process.name:10} {'not running' if pid is None else f'process {pid}'}")


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
