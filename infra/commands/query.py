"""`shouhe query`: SQL over the read models, read-only."""

from __future__ import annotations

import re
import sys

from clickhouse_connect.driver.exceptions import ClickHouseError

from domain.errors import ShouheError
from infra import warehouse
from infra.settings import from_environment


class QueryError(ShouheError):
    """ClickHouse refused the query; the message is its own."""


def query(sql: str, /, *, format: str = "PrettyCompact") -> int:  # noqa: A002 - the option's name
    """Run a read-only ClickHouse query, e.g. `shouhe query "SELECT * FROM duties LIMIT 5"`.

    Parameters
    ----------
    sql
        Read models are views: children, visits, duties, ...; DESCRIBE tells their columns.
    format
        Any ClickHouse output format: PrettyCompact, TSV, JSONEachRow, CSVWithNames, ...
    """
    client = warehouse.connect(from_environment(), user="analyst")
    try:
        answer: bytes = client.raw_query(sql, fmt=format)
    except ClickHouseError as error:
        raise QueryError(f"query: {_said(error, sql)}") from error
    finally:
        client.close()
    sys.stdout.buffer.write(answer)
    sys.stdout.flush()
    return 0


def _said(error: ClickHouseError, sql: str) -> str:
    """ClickHouse's own words, once."""
    words = (str(error).splitlines() or ["no answer"])[0]
    words = re.sub(r"^(Code: \d+\. DB::Exception: )+", r"\1", words)[:1000]
    if re.search(r"\bFORMAT\s+\w+\s*;?\s*$", sql, re.IGNORECASE):
        words += " (name the format with --format, not in the SQL)"
    return words
