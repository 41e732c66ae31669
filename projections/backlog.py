"""What of `events` a checkpoint has not taken: how far, how much, of which types, in what cuts.

All of these are asked again and again while nothing much is new: their conditions leave nearly all
of `events` to its primary key (type, partition, offset) and the index on `position`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from projections.definition import Definition
from projections.rendering import matching
from projections.stretch import Places, Span, Stretch, beyond, within


class Backlog(NamedTuple):
    """What is not taken yet: rows by type, and the least log position among them; 0 when none."""

    types: dict[str, int]
    first: int


def last_position(client: Any) -> int:
    """The greatest log position in `events`; 0 when empty."""
    rows = client.query("SELECT position FROM events ORDER BY position DESC LIMIT 1").result_rows
    return int(rows[0][0]) if rows else 0


def heads(client: Any, after: Places) -> Places:
    """Partition → its last offset, given places known to have been reached."""
    rows = client.query(
        "SELECT partition, max(offset) FROM events"  # noqa: S608 - integers
        f" WHERE {beyond(after)} GROUP BY partition"
    ).result_rows
    return after | {int(partition): int(last) for partition, last in rows}


def counts(client: Any, stretch: Stretch) -> dict[str, int]:
    """Event type → rows of it in a stretch."""
    rows = client.query(
        f"SELECT type, count() FROM events WHERE {within(stretch)} GROUP BY type"  # noqa: S608
    ).result_rows
    return {name: int(count) for name, count in rows}


def backlog(client: Any, places: Places) -> Backlog:
    """What lies past these places."""
    rows = client.query(
        "SELECT type, count(), minIf(position, position > 0) FROM events"  # noqa: S608 - integers
        f" WHERE {beyond(places)} GROUP BY type"
    ).result_rows
    firsts = [int(first) for _, _, first in rows if first]
    return Backlog({name: int(count) for name, count, _ in rows}, min(firsts, default=0))


def cuts(client: Any, definition: Definition, stretch: Stretch, size: int) -> Iterator[Stretch]:
    """A stretch in parts of at most `size` of a read model's events, however thinly they lie.

    Partition after partition: a part ends where the next `size` offsets would be too many.
    """
    buckets = _buckets(client, definition, stretch, size)
    part: list[Span] = []
    filled = 0
    for partition, first, last in stretch:
        begin = first
        for start, count in buckets.get(partition, ()):
            if filled and filled + count > size:
                if begin < start:
                    part.append(Span(partition, begin, start - 1))
                yield tuple(part)
                part, filled, begin = [], 0, max(begin, start)
            filled += count
        part.append(Span(partition, begin, last))
    yield tuple(part)


def _buckets(
    client: Any, definition: Definition, stretch: Stretch, size: int
) -> dict[int, list[tuple[int, int]]]:
    """Partition → (first offset of a bucket of `size` offsets, own events in it), in order."""
    rows = client.query(
        f"SELECT partition, intDiv(offset, {size}) AS bucket, count() FROM events"  # noqa: S608
        f" WHERE {matching(definition, stretch)}"
        " GROUP BY partition, bucket ORDER BY partition, bucket"
    ).result_rows
    found: dict[int, list[tuple[int, int]]] = {}
    for partition, bucket, count in rows:
        found.setdefault(int(partition), []).append((int(bucket) * size, int(count)))
    return found
