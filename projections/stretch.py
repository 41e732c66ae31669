"""Where in `events`: slices of partitions.

Each partition of the topic grows at its own pace, and its offsets have gaps. What a read model has
taken is one offset a partition; what it takes next is a stretch, a slice of each that has grown.
On one machine there is partition 0 alone, and its offsets are log positions.
"""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """One slice: offsets first to last of a partition, both included."""

    partition: int
    first: int
    last: int


Stretch = tuple[Span, ...]
"""Slices of different partitions, in their order."""

Places = dict[int, int]
"""Partition → the last offset taken, or the last there is."""


def between(after: Places, upto: Places) -> Stretch:
    """What lies between two places, partition by partition; a partition not taken yet, whole."""
    spans = (Span(each, after.get(each, -1) + 1, upto[each]) for each in sorted(upto))
    return tuple(span for span in spans if span.first <= span.last)


def least(several: list[Places]) -> Places:
    """The places that all of these have reached; without a partition that one hasn't begun."""
    if not several:
        return {}
    shared = set(several[0]).intersection(*several[1:])
    return {each: min(places[each] for places in several) for each in shared}


def within(stretch: Stretch) -> str:
    """The condition on `events` for a stretch, which is not empty."""
    slices = [
        f"partition = {each.partition} AND offset BETWEEN {each.first} AND {each.last}"
        for each in stretch
    ]
    return slices[0] if len(slices) == 1 else "(" + " OR ".join(f"({e})" for e in slices) + ")"


def beyond(places: Places) -> str:
    """The condition on `events` for what is not taken yet, in these partitions and any other."""
    if not places:
        return "1"
    slices = [f"partition = {each} AND offset > {places[each]}" for each in sorted(places)]
    others = f"partition NOT IN ({', '.join(map(str, sorted(places)))})"
    return "(" + " OR ".join(f"({each})" for each in [*slices, others]) + ")"


def worded(stretch: Stretch) -> str:
    """Every slice, for a deduplication token: `0:1-100,3:7-9`."""
    return ",".join(f"{each.partition}:{each.first}-{each.last}" for each in stretch)


def halves(stretch: Stretch) -> tuple[Stretch, ...]:
    """Two halves: of its slices, or of the only slice's offsets; none of a single offset."""
    if len(stretch) > 1:
        middle = len(stretch) // 2
        return stretch[:middle], stretch[middle:]
    (span,) = stretch
    if span.first == span.last:
        return ()
    half = (span.first + span.last) // 2
    return (span._replace(last=half),), (span._replace(first=half + 1),)
