"""The protocol itself, as curl and other tools speak it."""

from __future__ import annotations

import gzip
import json
import subprocess
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import lz4.frame
import pytest
import zstandard

PACKED = {
    "gzip": (gzip.compress, gzip.decompress),
    "deflate": (zlib.compress, zlib.decompress),
    "zstd": (
        zstandard.compress,
        lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    ),
    "lz4": (lz4.frame.compress, lz4.frame.decompress),
}


@pytest.fixture(scope="module")
def http(served: Any) -> Iterator[httpx.Client]:
    with served.http() as client:
        client.post(
            "/", content="CREATE TABLE kept (a UInt64, s String) ENGINE = MergeTree ORDER BY a"
        )
        yield client


@pytest.fixture
def kept(http: httpx.Client) -> httpx.Client:
    assert http.post("/", content="TRUNCATE TABLE kept").status_code == 200
    return http


def total(http: httpx.Client) -> list[int]:
    answer = http.post("/", content="SELECT count(), sum(a) FROM kept FORMAT JSONCompactEachRow")
    return [int(each) for each in answer.json()]


def test_ping_and_the_root_answer_anyone(served: Any) -> None:
    for path in ("/ping", "/replicas_status", "/"):
        answer = httpx.get(f"http://127.0.0.1:{served.port}{path}")
        assert (answer.status_code, answer.text) == (200, "Ok.\n")
    assert httpx.get(f"http://127.0.0.1:{served.port}/elsewhere").status_code == 404


def test_the_url_and_the_body_are_one_statement(http: httpx.Client) -> None:
    assert http.get("/", params={"query": "SELECT 1"}).text == "1\n"
    assert http.post("/", params={"query": "SELECT"}, content="2").text == "2\n"
    assert http.post("/", params={"query": "SELECT {a:Int8} + 1", "param_a": "2"}).text == "3\n"


def test_the_headers_are_those_of_a_server(http: httpx.Client) -> None:
    answer = http.post("/", params={"query_id": "q-1"}, content="SELECT 1 AS a FORMAT JSONEachRow")
    headers = answer.headers
    assert headers["x-clickhouse-query-id"] == "q-1"
    assert headers["x-clickhouse-format"] == "JSONEachRow"
    assert headers["x-clickhouse-timezone"] == "UTC"
    assert headers["x-clickhouse-server-display-name"]
    assert json.loads(headers["x-clickhouse-summary"])["read_rows"] == "1"
    assert answer.json() == {"a": 1}


def test_the_format_is_the_statements_or_the_requests_or_tsv(http: httpx.Client) -> None:
    def form(sql: str, **asked: Any) -> str:
        return http.post("/", content=sql, **asked).headers["x-clickhouse-format"]

    assert form("SELECT 1") == "TabSeparated"
    assert form("SELECT 1", params={"default_format": "CSV"}) == "CSV"
    assert form("SELECT 1", headers={"X-ClickHouse-Format": "JSON"}) == "JSON"
    assert form("SELECT 1 AS format ORDER BY format ASC") == "TabSeparated"
    assert form("SELECT 'FORMAT JSON'") == "TabSeparated"
    assert (
        form("SELECT 1 FORMAT CSV SETTINGS max_threads = 1", params={"default_format": "JSON"})
        == "CSV"
    )
    assert form("DESCRIBE TABLE kept FORMAT JSON") == "JSON"


@pytest.mark.parametrize(
    "form",
    [
        "JSON",
        "CSVWithNames",
        "Parquet",
        "Arrow",
        "ArrowStream",
        "XML",
        "RowBinary",
    ],
)
def test_any_format_comes_whole(http: httpx.Client, form: str) -> None:
    query = "SELECT number AS a, toString(number) AS s FROM numbers(200000)"
    streamed = http.post("/", content=f"{query} FORMAT {form}")
    waited = http.post(
        "/", params={"default_format": form, "wait_end_of_query": "1"}, content=query
    )
    assert streamed.status_code == waited.status_code == 200
    assert len(streamed.content) > 500_000
    if form == "JSON":
        assert streamed.json()["rows"] == waited.json()["rows"] == 200_000
    else:
        assert abs(len(streamed.content) - len(waited.content)) < 20  # XML tells the time taken


@pytest.mark.parametrize("encoding", PACKED)
def test_answers_are_packed_as_the_client_takes_them(http: httpx.Client, encoding: str) -> None:
    query, unpack = "SELECT number FROM numbers(300000)", PACKED[encoding][1]
    params = {"enable_http_compression": "1"}
    asked = http.build_request(
        "POST", "/", params=params, content=query, headers={"Accept-Encoding": encoding}
    )
    answer = http.send(asked, stream=True)
    raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == encoding
    assert len(raw) < 1_700_000
    assert unpack(raw).count(b"\n") == 300_000


@pytest.mark.parametrize("encoding", ["", *PACKED])
def test_an_insert_is_unpacked(kept: httpx.Client, encoding: str) -> None:
    data = "".join(f"{n}\tx\n" for n in range(100_000)).encode()
    sent = PACKED[encoding][0](data) if encoding else data
    headers = {"Content-Encoding": encoding} if encoding else {}
    answer = kept.post(
        "/", params={"query": "INSERT INTO kept FORMAT TSV"}, content=sent, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.headers["x-clickhouse-summary"])["written_rows"] == "100000"
    assert total(kept) == [100_000, 4_999_950_000]


@pytest.mark.parametrize(
    "sent",
    [
        "INSERT INTO kept VALUES (1, 'a'), (2, 'b')",
        "insert into kept (s, a) values\n('a', 1)\n,('FORMAT TSV', 2)",
        'INSERT INTO kept SETTINGS max_threads = 1 FORMAT JSONEachRow {"a": 1} {"a": 2}',
        "/* FORMAT */ INSERT INTO `kept` (`a`) -- VALUES\n FORMAT CSV\n1\n2\n",
        "INSERT INTO kept SELECT number + 1, 'x' FROM numbers(2)",
        "WITH x AS (SELECT number + 1 AS a FROM numbers(2)) INSERT INTO kept SELECT a, 'x' FROM x",
    ],
)  # fmt: skip
def test_an_insert_however_it_is_written(kept: httpx.Client, sent: str) -> None:
    answer = kept.post("/", content=sent)
    assert answer.status_code == 200, answer.text
    assert total(kept) == [2, 3]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("SELEC 1", 400, 62),
        ("SELECT * FROM nowhere", 404, 60),
        ("SELECT throwIf(1)", 500, 395),
        ("INSERT INTO kept FORMAT TSV\nx\ty\n", 400, 27),
        ("SELECT 1 INTO OUTFILE 'x'", 501, 48),
        ("", 400, 62),
    ],
)
def test_a_failure_has_its_status_its_code_and_one_line(
    http: httpx.Client, query: str, status: int, code: int
) -> None:
    answer = http.post("/", content=query)
    assert answer.headers["x-clickhouse-exception-code"] == str(code), answer.text
    assert answer.status_code == status
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert "formatQuery" not in answer.text


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"headers": {"Content-Encoding": "br"}}, "89"),
        ({"headers": {"Content-Encoding": "zstd"}}, "117"),
        ({"params": {"compress": "1"}}, "48"),
        ({"params": {"database": "nowhere"}}, "81"),
        ({"params": {"no_such_setting": "1"}}, "115"),
        ({"params": {"bad name": "1"}}, "36"),
        ({"headers": {"Authorization": "Bearer x"}}, "516"),
        ({"headers": {"Authorization": "Basic !"}}, "516"),
    ],
)
def test_what_is_not_understood_is_said(
    http: httpx.Client, asked: dict[str, Any], code: str
) -> None:
    headers = {"X-ClickHouse-User": "admin", "X-ClickHouse-Key": "for-admin"}
    if "Authorization" in asked.get("headers", {}):
        headers = {}
    asked = {**asked, "headers": {**headers, **asked.get("headers", {})}}
    answer = httpx.post(http.base_url, content="SELECT 1", **asked)
    assert answer.headers["x-clickhouse-exception-code"] == code, answer.text


def test_wait_end_of_query_makes_a_late_failure_a_clean_one(http: httpx.Client) -> None:
    query = "SELECT number, throwIf(number = 3000000) FROM numbers(5000000)"
    late = http.post("/", content=query)
    assert late.status_code == 200
    tag = late.headers["x-clickhouse-exception-tag"]
    assert late.text.rstrip().endswith(f"{tag}\r\n__exception__")
    clean = http.post("/", params={"wait_end_of_query": "1"}, content=query)
    assert (clean.status_code, clean.headers["x-clickhouse-exception-code"]) == (500, "395")


def test_curl(served: Any) -> None:
    def curl(*arguments: str) -> str:
        command = [
            "curl",
            "-sS",
            f"http://127.0.0.1:{served.port}/",
            "--user",
            "analyst:for-analyst",
            *arguments,
        ]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=20
        ).stdout

    assert curl("-d", "SELECT count() FROM visits") == "6\n"
    assert curl("--compressed", "-d", "SELECT 1 FORMAT CSV") == "1\n"
    assert "READONLY" in curl("-d", "DROP TABLE visits")
