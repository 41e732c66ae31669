"""What reaches the engine's text, a header or the memory is checked, whoever sends it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard

from infra.gateway.body import unpacked
from infra.gateway.errors import GatewayError, engine_error
from infra.gateway.inserting import insert_head

STATEMENTS = (
    "TSV; select toUInt8(file('{secret}'))",
    "TSV; select 'gone' into outfile '{secret}' truncate format TSV",
    "TSV; select toUInt8(query) from system.processes",
    "TSV; drop view if exists shouhe.visits",
    "TSV -- ",
    "TSV\n",
    "TSV SETTINGS max_threads = 1",
    "",
    "é",
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("the master key")
    return path


@pytest.mark.parametrize("text", STATEMENTS)
@pytest.mark.parametrize("user", ["analyst", "bijie"])
def test_a_format_is_a_name_and_never_sql(served: Any, secret: Path, text: str, user: str) -> None:
    form = text.format(secret=secret)
    with served.http(user) as http:
        by_parameter = http.post("/", params={"default_format": form}, content="select 1 as a")
        by_header = http.post(
            "/", headers={"X-ClickHouse-Format": form.strip().encode()}, content="select 1 as a"
        )
    for answer in (by_parameter, by_header):
        assert "master key" not in answer.text
        assert answer.text == "1\n" or answer.headers["x-clickhouse-exception-code"] == "73"
    assert secret.read_text() == "the master key"
    assert served.client("admin").query("EXISTS VIEW shouhe.visits").result_rows == [(1,)]


def test_a_query_id_that_is_no_header_is_replaced(served: Any) -> None:
    with served.http() as http:
        kept = http.get("/", params={"query_id": "mine-1", "query": "SELECT 1"})
        assert kept.headers["x-clickhouse-query-id"] == "mine-1"
    for bad in ("\r\nX-Evil: 1", "é", "a" * 500):
        answer = httpx.post(f"http://127.0.0.1:{served.port}/", params={"query_id": bad})
        assert answer.status_code in (401, 403)
        assert "x-evil" not in answer.headers
        assert answer.headers["x-clickhouse-query-id"] != bad


def test_an_authorization_that_is_no_text_is_refused(served: Any) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{served.port}/",
        headers={"Authorization": "Basic é".encode()}, content="SELECT 1",
    )  # fmt: skip
    assert answer.headers["x-clickhouse-exception-code"] == "516"


def test_an_insert_of_an_analyst_is_refused_before_it_is_read(served: Any) -> None:
    with served.http("analyst") as http:
        answer = http.post("/", content="INSERT " + "/*a" * 30_000)
    assert answer.headers["x-clickhouse-exception-code"] == "164"


def test_no_text_takes_more_than_its_length_to_read() -> None:
    # each of these took minutes where a pattern tried again at every character
    assert insert_head(b"INSERT " + b"/*a" * 80_000) is None
    assert insert_head(b"INSERT " + b"'a" * 80_001) is None
    spaces = "Code: 62. DB::Exception: near `" + " " * 1_000_000 + "x`. (SYNTAX_ERROR)"
    assert engine_error(RuntimeError(spaces)).name == "SYNTAX_ERROR"


def test_a_packed_body_is_stopped_at_its_limit_and_not_behind_it() -> None:
    packed = zstandard.compress(bytes(600_000_000))
    sent = [{"type": "http.request", "body": packed, "more_body": False}]

    async def receive() -> Any:
        return sent.pop(0)

    async def read() -> int:
        largest = 0
        async for piece in unpacked(receive, "zstd", 1_000_000):
            largest = max(largest, len(piece))
        return largest

    with pytest.raises(GatewayError, match="larger than"):
        asyncio.run(read())
