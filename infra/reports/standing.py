"""Where a report stands: a log position, the day it judges, and the day by which things were known.

Everything a report says is read through one `Snapshot`. Facts after its position don't exist for
it, whatever has come into the log since: so the same report can be made again, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from domain.errors import WrongUsageError
from infra.home import Home
from infra.oversight import asked_of
from infra.warehouse import Warehouse

FACTS = """
SELECT table FROM system.columns
WHERE database = {database:String} AND name = 'position' AND table IN (
    SELECT name FROM system.tables WHERE database = {database:String} AND engine NOT LIKE '%View'
)
ORDER BY table
"""
KNOWN = """
SELECT max(position), maxIf(position, startsWith(place, {place:String})) FROM events
WHERE recorded_at < toDateTime64(toString({known_by:Date} + 1), 6, 'Asia/Shanghai')
"""
REMEDY = "take its events in first (`shouhe import FILE`), or name another place or day"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a report stands on.

    as_of      the Shanghai day that is judged
    known_by   what was recorded by the end of this day counts
    position   what stands in the log up to here counts
    """

    place: str
    as_of: date
    known_by: date
    position: int


class Snapshot:
    """ClickHouse as it was at a position of the log."""

    def __init__(self, client: Warehouse, standing: Standing) -> None:
        self.standing = standing
        self._client = client
        self._only = {"additional_table_filters": _up_to(client, standing.position)}

    def rows(self, sql: str, **given: Any) -> Sequence[Sequence[Any]]:
        """The rows of a query. `as_of`, `known_by` and `place` are given unless said otherwise."""
        standing = msgspec.structs.asdict(self.standing)
        asked = {"place": standing["place"], "as_of": standing["as_of"],
                 "known_by": standing["known_by"]} | given  # fmt: skip
        found: Sequence[Sequence[Any]] = self._client.query(
            sql, asked, settings=self._only
        ).result_rows
        return found


def stand(
    home: Home, place: str, as_of: date, *, known_by: date | None = None, position: int = 0
) -> Snapshot:
    """A snapshot for a report; brings the read models to the head of the log first.

    known_by   `as_of` if None
    position   the last that was recorded by then, if 0

    Raises WrongUsageError for a position that the log has not reached, and where nothing is
    recorded of the place by then: a report without facts would read as if all were well.
    """
    head = home.log.head()
    if not head:
        raise WrongUsageError(f"the log is empty: nothing to report of {place}; {REMEDY}")
    asked_of(home, place)
    known = known_by or as_of
    if known < as_of:
        raise WrongUsageError(f"--known-by: {known} is before {as_of}, the day to judge")
    if not 0 <= position <= head:
        raise WrongUsageError(f"--position: the log ends at {head}; {position} is not in it")
    last, here = home.warehouse.query(KNOWN, {"known_by": known, "place": place}).result_rows[0]
    if not here:
        raise WrongUsageError(f"--place: nothing is recorded of {place} by {known}; {REMEDY}")
    standing = Standing(place=place, as_of=as_of, known_by=known, position=position or last)
    return Snapshot(home.warehouse, standing)


def _up_to(client: Warehouse, position: int) -> str:
    """The engine's own filter on every table of facts, under all views (a Map, as text)."""
    database = client.database
    tables = client.query(FACTS, {"database": database}).result_rows
    return "{" + ", ".join(f"'{database}.{t}': 'position <= {position:d}'" for (t,) in tables) + "}"
