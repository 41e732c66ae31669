"""clickhouse-connect, unchanged, against the gateway: what it reads, writes and is told."""

# ruff: noqa: E501 - statements and their values stay on one line

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

LATE_FAILURE = "SELECT number, throwIf(number = 3000000) FROM numbers(5000000)"


@pytest.fixture
def table(admin: Any) -> Any:
    admin.command("DROP TABLE IF EXISTS kept SYNC")
    admin.command(
        "CREATE TABLE kept (a UInt64, s LowCardinality(String), t DateTime64(6, 'UTC'), n Nullable(Int8))"
        " ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100"
    )
    return admin


def arrow(*numbers: int) -> pa.Table:
    return pa.table({"a": pa.array(numbers, pa.uint64()), "s": ["守禾"] * len(numbers)})


def rows(client: Any, query: str, **options: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(query, **options).result_rows]


def count(client: Any) -> int:
    return int(client.command("SELECT count() FROM kept"))


@pytest.mark.parametrize("user", ["admin", "analyst"])
def test_values_and_parameters_arrive_as_sent(served: Any, user: str) -> None:
    client = served.client(user)
    query = "SELECT {s:String}, {n:Nullable(Int8)}, {l:Array(String)}, {d:Date}, {t:String}"
    values = {
        "s": "留守\t'\\儿童\n",
        "n": None,
        "l": ["a'", "b\\"],
        "d": date(2026, 3, 1),
        "t": "; --",
    }
    assert rows(client, query, parameters=values) == [tuple(values.values())]
    assert rows(client, "SELECT %(x)s", parameters={"x": "it's"}) == [("it's",)]
    client.close()


def test_parameters_too_long_for_a_url_come_as_a_form(analyst: Any) -> None:
    long = "é" * 50_000
    assert rows(analyst, "SELECT {s:String}", parameters={"s": long}) == [(long,)]


def test_a_data_frame_numpy_and_arrow(analyst: Any) -> None:
    query = "SELECT number AS a, toString(number) AS s FROM numbers(1000)"
    assert analyst.query_df(query)["a"].sum() == 499_500
    assert analyst.query_np(query).shape == (1000,)
    assert analyst.query_arrow(query, use_strings=True).column("s")[-1].as_py() == "999"
    assert rows(analyst, "SELECT 1 AS a WHERE 0") == []
    assert analyst.query("SELECT 1 AS a LIMIT 0").column_names == ("a",)


def test_streams_of_rows_and_of_arrow(analyst: Any) -> None:
    query = "SELECT number, number % 7 AS k FROM numbers(300000)"
    with analyst.query_row_block_stream(query) as blocks:
        assert sum(len(block) for block in blocks) == 300_000
    with analyst.query_arrow_stream(query) as batches:
        assert sum(batch.num_rows for batch in batches) == 300_000


def test_commands_answer_and_make(admin: Any) -> None:
    assert admin.command("SELECT 1 + 1") == 2
    admin.command("CREATE DATABASE IF NOT EXISTS other")
    assert "other" in admin.command("SHOW DATABASES")
    assert admin.command("EXISTS TABLE events") == 1
    assert "Select" in admin.raw_query("EXPLAIN AST SELECT 1").decode()
    admin.command("DROP DATABASE other")


def test_native_rows_go_in(table: Any) -> None:
    at = table.query("SELECT toDateTime64('2026-01-01 00:00:00.000001', 6, 'UTC')").result_rows[0][
        0
    ]
    summary = table.insert("kept", [[1, "甲", at, None], [2, "乙", at, -3]])
    assert int(summary.written_rows) == 2
    assert rows(table, "SELECT a, s, n FROM kept ORDER BY a") == [(1, "甲", None), (2, "乙", -3)]


def test_the_same_arrow_range_with_the_same_token_goes_in_once(table: Any) -> None:
    one_block = {"max_insert_threads": 1, "min_insert_block_size_rows": 10**9}
    for _ in range(3):
        settings = {**one_block, "insert_deduplication_token": "events:1-3"}
        table.insert_arrow("kept", arrow(1, 2, 3), settings=settings)
    assert count(table) == 3
    table.insert_arrow("kept", arrow(1, 2, 3), settings={"insert_deduplication_token": "other"})
    assert count(table) == 6


def test_a_million_rows_go_in_as_one_part_when_asked(table: Any) -> None:
    settings = {"max_insert_threads": 1, "min_insert_block_size_rows": 10**9,
                "min_insert_block_size_bytes": 0, "max_insert_block_size": 10**9}  # fmt: skip
    table.insert_arrow("kept", arrow(*range(100_000)), settings=settings)
    parts = "SELECT count() FROM system.parts WHERE table = 'kept' AND active"
    assert (count(table), table.command(parts)) == (100_000, 1)


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip"])
def test_compressed_both_ways(served: Any, table: Any, compression: str) -> None:
    client = served.client(compress=compression)
    client.insert("kept", [[n, "x", 0, None] for n in range(5000)])
    assert client.query("SELECT sum(a) FROM kept").result_rows == [(12_497_500,)]
    with client.query_row_block_stream("SELECT a FROM kept") as blocks:
        assert sum(len(block) for block in blocks) == 5000
    client.close()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELEC 1", 62),
        ("SELECT 1; SELECT 2", 62),
        ("SELECT * FROM nowhere", 60),
        ("SELECT nothing", 47),
        ("SELECT no_such_function(1)", 46),
        ("SELECT toInt8('x')", 6),
        ("SELECT {x:UInt8}", 456),
        ("SELECT 1 SETTINGS no_such_setting = 1", 115),
        (LATE_FAILURE, 395),
    ],
)
def test_a_failure_has_the_engines_code(admin: Any, query: str, code: int) -> None:
    with pytest.raises(DatabaseError) as failed:
        admin.query(query)
    assert failed.value.code == code


@pytest.mark.parametrize("compress", [False, "zstd", "lz4"])
def test_a_failure_in_the_middle_of_a_stream_is_told(served: Any, compress: Any) -> None:
    client = served.client(compress=compress)
    seen = 0

    def read() -> None:
        nonlocal seen
        with client.query_row_block_stream(LATE_FAILURE) as blocks:
            for block in blocks:
                seen += len(block)

    with pytest.raises(StreamFailureError, match="throwIf"):
        read()
    assert 0 < seen <= 3_000_000
    client.close()


def test_an_insert_that_fails_leaves_nothing(table: Any) -> None:
    with pytest.raises(DatabaseError) as failed:
        table.insert_arrow("kept", pa.table({"a": ["not a number"], "s": ["x"]}))
    assert failed.value.code
    assert count(table) == 0


def test_a_wrong_password_and_an_unknown_user_are_refused_alike(served: Any) -> None:
    for user, password in [("analyst", "for-admin"), ("nobody", "x"), ("analyst", "")]:
        with pytest.raises(DatabaseError, match="516") as refused:
            served.client(user, password=password)
        assert refused.value.code == 516


def test_several_clients_at_once_each_get_their_own(served: Any) -> None:
    clients = [served.client() for _ in range(4)]
    for number, client in enumerate(clients):
        client.set_client_setting("max_threads", number + 1)
    seen = [client.command("SELECT getSetting('max_threads')") for client in clients]
    assert seen == [1, 2, 3, 4]
    for client in clients:
        client.close()
