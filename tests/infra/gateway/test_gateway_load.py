"""Many at a time, long answers, clients that hang up, and the limits of analysts."""

from __future__ import annotations

import re
import socket
import threading
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from infra.gateway import Limits

LIMITS = Limits(rows=6_000_000, seconds=2, memory=300 * 1024**2, queries=4)
ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"


def peak_mib() -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def begun(served: Any, many: int) -> bool:
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        if served.busy() >= many:
            return True
        time.sleep(0.02)
    return False


class Hanging:
    """A client that sends a query over a bare socket and can hang up."""

    def __init__(self, served: Any, query: str, user: str = "admin") -> None:
        key = b64encode(f"{user}:for-{user}".encode()).decode()
        self.socket = socket.create_connection(("127.0.0.1", served.port))
        self.socket.sendall(
            f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {key}\r\n"
            f"Content-Length: {len(query)}\r\n\r\n{query}".encode()
        )

    def hang_up(self) -> None:
        self.socket.close()


def test_millions_of_rows_stream_in_bounded_memory(served: Any) -> None:
    """8 M rows, some 270 MB of Arrow: far more than what may be kept of them."""
    client = served.client()
    columns = "number, toString(number * 1000003) AS s, cityHash64(number) AS h"
    query = f"SELECT {columns} FROM numbers({{n:UInt64}})"
    with client.query_arrow_stream(query, parameters={"n": 100_000}) as batches:
        list(batches)
    Path("/proc/self/clear_refs").write_text("5")
    before, rows, size = peak_mib(), 0, 0
    with client.query_arrow_stream(query, parameters={"n": 8_000_000}) as batches:
        for batch in batches:
            rows += batch.num_rows
            size += batch.nbytes
    assert rows == 8_000_000
    assert size > 200 * 1024**2
    assert peak_mib() - before < 100
    client.close()


def test_a_slow_reader_holds_the_query_back_and_nothing_else(served: Any) -> None:
    slow = Hanging(served, "SELECT number FROM numbers(1000000000)")
    assert begun(served, 1)
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_mib()
    time.sleep(1)
    assert peak_mib() - before < 50
    with served.http() as http:
        assert http.post("/", content="SELECT 1").text == "1\n"
    slow.hang_up()
    assert served.until_idle()


def test_slow_queries_block_neither_ping_nor_others(served: Any) -> None:
    hanging = [Hanging(served, ENDLESS) for _ in range(2)]
    assert begun(served, 2)
    started = time.monotonic()
    for _ in range(20):
        assert httpx.get(f"http://127.0.0.1:{served.port}/ping").status_code == 200
    with served.http() as http:
        assert http.post("/", content="SELECT 1").text == "1\n"
    assert time.monotonic() - started < 3
    for each in hanging:
        each.hang_up()
    assert served.until_idle()


@pytest.mark.parametrize("query", [ENDLESS, "CREATE TABLE y ENGINE = Memory AS " + ENDLESS])
def test_hanging_up_ends_the_query(served: Any, query: str) -> None:
    hanging = Hanging(served, query)
    assert begun(served, 1)
    hanging.hang_up()
    assert served.until_idle()


def test_hanging_up_in_the_middle_of_an_insert_inserts_nothing(served: Any) -> None:
    with served.http() as http:
        http.post("/", content="CREATE TABLE half (a UInt64) ENGINE = MergeTree ORDER BY a")
        key = b64encode(b"admin:for-admin").decode()
        raw = socket.create_connection(("127.0.0.1", served.port))
        raw.sendall(
            b"POST /?query=INSERT+INTO+half+FORMAT+TSV HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
            + key.encode() + b"\r\nContent-Length: 9000000\r\n\r\n" + b"1\n" * 400_000
        )  # fmt: skip
        raw.close()
        time.sleep(0.3)
        assert http.post("/", content="SELECT count() FROM half").text == "0\n"


def test_beyond_the_bound_a_query_is_refused_with_202(served: Any) -> None:
    hanging = [Hanging(served, ENDLESS) for _ in range(3)]
    assert begun(served, 3)
    last = Hanging(served, ENDLESS)
    time.sleep(0.3)
    with served.http() as http:
        refused = http.post("/", content="SELECT 1")
        assert (refused.status_code, refused.headers["x-clickhouse-exception-code"]) == (503, "202")
        assert httpx.get(f"http://127.0.0.1:{served.port}/ping").status_code == 200
    for each in (*hanging, last):
        each.hang_up()
    time.sleep(0.5)
    assert served.until_idle()


def test_analysts_leave_room_for_the_admin(served: Any) -> None:
    hanging = [Hanging(served, ENDLESS, "analyst") for _ in range(2)]
    assert begun(served, 2)
    with served.http("analyst") as http:
        refused = http.post("/", content="SELECT 1")
        assert refused.headers.get("x-clickhouse-exception-code") == "202"
    with served.http() as http:
        assert http.post("/", content="SELECT 1").text == "1\n"
    for each in hanging:
        each.hang_up()
    assert served.until_idle()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (ENDLESS, 159),
        ("SELECT number FROM numbers(6000001)", 396),
        ("SELECT groupArray(number) FROM numbers(200000000)", 241),
    ],
)
def test_an_analyst_meets_the_limits(served: Any, query: str, code: int) -> None:
    client = served.client("analyst")
    begins = time.monotonic()
    with pytest.raises(DatabaseError) as failed:
        client.query(query)
    assert failed.value.code == code
    assert time.monotonic() - begins < 6
    client.close()


def test_twenty_readers_at_once_all_get_their_answer(served: Any) -> None:
    """With patience: a 202 is tried again."""

    def ask(number: int) -> int:
        with served.http() as http:
            while True:
                answer = http.post("/", content=f"SELECT sum(number) + {number} FROM numbers(1000)")
                if answer.headers.get("x-clickhouse-exception-code") != "202":
                    return int(answer.text)
                time.sleep(0.02)

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(ask, range(20))) == [499_500 + n for n in range(20)]


def test_no_thread_or_descriptor_is_left_behind(served: Any) -> None:
    def open_now() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with served.http() as http:
        http.post("/", content="SELECT 1")
        before, threads = open_now(), threading.active_count()
        for _ in range(100):
            http.post("/", content="SELECT 1")
            http.post("/", content="SELECT throwIf(1)")
        assert open_now() - before <= 3
        assert threading.active_count() - threads <= 3
