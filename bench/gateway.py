"""The gateway against the engine itself: the same rows as Arrow, by HTTP and in the process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import clickhouse_connect
import uvicorn

from bench.measure import Line, seconds
from infra.gateway import User, build

ROWS = 5_000_000
QUERY = "SELECT number, toString(number) AS text, number % 7 AS day FROM numbers({n:UInt64})"


@contextmanager
def served(path: Path) -> Iterator[Any]:
    """A client of a gateway over the directory, which this process holds."""
    secret = token_urlsafe()
    app = build(path, [User(name="admin", password=secret, role="admin")])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    client = clickhouse_connect.get_client(
        host="127.0.0.1",
        port=listening.getsockname()[1],
        username="admin",
        password=secret,
        compress=False,
    )
    try:
        yield client
    finally:
        client.close()
        server.should_exit = True
        thread.join()
        listening.close()


def measure(client: Any, path: Path, rows: int = ROWS) -> list[Line]:
    """Rows a second. `client`: the embedded one, of the directory `path`."""

    def arrow(by: Any) -> None:
        with by.query_arrow_stream(QUERY, parameters={"n": rows}) as batches:
            assert sum(batch.num_rows for batch in batches) == rows

    def native(by: Any) -> None:
        with by.query_column_block_stream(QUERY, parameters={"n": rows // 5}) as blocks:
            assert sum(len(block[0]) for block in blocks) == rows // 5

    with served(path) as remote:
        lines = []
        for name, work, size in (("Arrow", arrow, rows), ("Native", native, rows // 5)):
            work(remote)
            ours, other = seconds(lambda: work(remote)), seconds(lambda: work(client))  # noqa: B023 - called at once
            label = f"gateway ÷ embedded, {name} stream"
            lines.append(Line(name=label, ours=size / ours, other=size / other))
        return lines
