"""The events behind a reason: those that the features which gave it were made of.

So deleting them takes away what the feature said. Only a child's own events are named: what
siblings and other children of the village lived through is theirs, and stands in their files.

One pass over each history for everyone: a fact comes with a bit for each aggregate it has part in
(risk/aggregates.py), and is dropped where nobody asks; grouping and the latest of each are numpy's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from risk.aggregates import behind
from risk.ahead import ahead
from risk.feature import Feature, Part, Source
from risk.sources import COHORT
from risk.statement import seen

MOST_EVENTS = 6
"""Of one feature; there may be more."""

BITS = 64

Wanted = Mapping[str, Collection[str]]
"""Child → names of the features whose events are asked for."""
Blocks = list[pa.RecordBatch]
Rows = NDArray[np.int64]
Masks = NDArray[np.uint64]


class Facts(NamedTuple):
    """Facts in the order of children, of each the latest first; one entry of each array a fact."""

    child: Rows
    at: Rows
    position: Rows
    event: NDArray[np.void]
    """16 bytes, the id as it is written."""

    def take(self, places: Any) -> Facts:
        """Some of them, by place or mask."""
        return Facts(*(each[places] for each in self))


class Evidence:
    """The events behind some features of some children."""

    def __init__(self, children: Sequence[str], found: Mapping[str, Facts]) -> None:
        self._number = {child: number for number, child in enumerate(children)}
        self._ids: list[str] = []
        self._places: dict[str, memoryview] = {}
        self._ends: dict[str, memoryview] = {}
        if not found:
            return
        position = np.concatenate([each.position for each in found.values()])
        event = np.concatenate([each.event for each in found.values()])
        _, first, places = np.unique(position, return_index=True, return_inverse=True)
        self._ids = _written(event[first])
        at = 0
        for name, facts in found.items():
            self._places[name] = places[at : at + len(facts.child)].data
            self._ends[name] = np.searchsorted(facts.child, np.arange(len(children) + 1)).data
            at += len(facts.child)

    def of(self, child: str, names: Sequence[str], most: int = MOST_EVENTS) -> list[str]:
        """Ids of the events behind features: of each the latest first, none twice."""
        number = self._number.get(child)
        if number is None:
            return []
        found: dict[int, None] = {}
        for name in names:
            if name in self._places:
                ends = self._ends[name]
                own = self._places[name][ends[number] : ends[number + 1]]
                found.update(dict.fromkeys(own.tolist()))
        return [self._ids[place] for place in list(found)[:most]]


def events_behind(client: Any, day: date, features: Sequence[Feature], wanted: Wanted) -> Evidence:
    """The events behind some features of some children: for each child those wanted."""
    children = sorted(wanted)
    number = {name: place for place, name in enumerate(each.name for each in features)}
    asked = np.zeros((len(features), len(children)), np.bool_)
    for row, child in enumerate(children):
        for name in wanted[child]:
            asked[number[name], row] = True
    looks = [_Look(*each) for each in _by_source(features).items()]
    looks = [look for look in looks if any(asked[number[name]].any() for name in look.masks)]
    found: dict[str, list[Facts]] = {}
    for look, blocks in ahead((look, look.read(client, day)) for look in looks):
        for name, facts in look.sort(blocks, children, asked, number).items():
            found.setdefault(name, []).append(facts)
    return Evidence(children, {name: _together(each) for name, each in found.items()})


def _by_source(features: Sequence[Feature]) -> dict[Source, dict[str, list[Part]]]:
    """Source → feature → its parts. What every file has is named only where nothing else is."""
    found: dict[Source, dict[str, list[Part]]] = {}
    for feature in features:
        own = [part for part in feature.parts if part not in COHORT]
        for part in own or feature.parts:
            if part.source.key == "child_id" and " OVER " not in feature.sql:
                found.setdefault(part.source, {}).setdefault(feature.name, []).append(part)
    return found


class _Look:
    """One pass over a history."""

    def __init__(self, source: Source, parts: Mapping[str, Sequence[Part]]) -> None:
        self._source = source
        made = {
            name: [each for part in own for each in behind(part.sql)] for name, own in parts.items()
        }
        self._kinds = list(dict.fromkeys(each for own in made.values() for each in own))
        if len(self._kinds) > BITS:
            raise ValueError(f"{source.alias}: {len(self._kinds)} aggregates, at most {BITS}")
        self.masks = {
            name: np.uint64(sum(1 << self._kinds.index(each) for each in set(own)))
            for name, own in made.items()
        }

    def read(self, client: Any, day: date) -> Blocks:
        """The facts of everyone on which an aggregate rests."""
        with client.query_arrow_stream(self._sql(day)) as blocks:
            return list(blocks)

    def sort(
        self,
        blocks: Sequence[pa.RecordBatch],
        children: Sequence[str],
        asked: NDArray[np.bool_],
        number: Mapping[str, int],
    ) -> dict[str, Facts]:
        """Feature → the facts it was made of. asked: shape (features, children)."""
        bits_asked = np.zeros(len(children), np.uint64)
        for name, mask in self.masks.items():
            bits_asked[asked[number[name]]] |= mask
        facts, bits = _asked_for(blocks, children, bits_asked)
        bits = self._ends_only(facts, bits)
        found = {}
        for name, mask in self.masks.items():
            own = np.flatnonzero(((bits & mask) != 0) & asked[number[name]][facts.child])
            found[name] = facts.take(own[_rank(facts.child[own]) < MOST_EVENTS])
        return found

    def _sql(self, day: date) -> str:
        bits = " + ".join(
            f"if({each.when}, toUInt64({1 << place}), 0)" for place, each in enumerate(self._kinds)
        )
        return (
            "SELECT UUIDToNum(child_id) AS child, toUnixTimestamp64Micro(occurred_at) AS at,"  # noqa: S608 - our own names
            " toInt64(position) AS position, UUIDToNum(event_id) AS event,"
            f" toUInt64({bits}) AS bits FROM ({seen(self._source, [day])}) WHERE bits != 0"
        )

    def _ends_only(self, facts: Facts, bits: Masks) -> Masks:
        """Of an aggregate that takes the latest or earliest fact, only that one keeps the bit."""
        for place, kind in enumerate(self._kinds):
            if kind.which == "all":
                continue
            bit = np.uint64(1 << place)
            own = np.flatnonzero(bits & bit)
            rank = (
                _rank(facts.child[own]) if kind.which == "latest" else _rank_back(facts.child[own])
            )
            bits[own[rank > 0]] &= ~bit
        return bits


_NO = np.empty(0, np.int64)
_NONE = Facts(_NO, _NO, _NO, np.empty(0, "V16"))


def _asked_for(
    blocks: Sequence[pa.RecordBatch], children: Sequence[str], asked: Masks
) -> tuple[Facts, Masks]:
    """The facts that somebody asks for, each with its bits. asked: the bits, for each child."""
    numbers = {bytes.fromhex(child.replace("-", "")): row for row, child in enumerate(children)}
    facts, bits = [_NONE], [np.empty(0, np.uint64)]
    for block in blocks:
        rows = _rows(block["child"], numbers)
        own = np.where(rows >= 0, block["bits"].to_numpy() & asked[rows], np.uint64(0))
        keep = np.flatnonzero(own)
        at, position = (block[each].to_numpy()[keep] for each in ("at", "position"))
        facts.append(Facts(rows[keep], at, position, _raw(block["event"])[keep]))
        bits.append(own[keep])
    made = _joined(facts)
    order = np.lexsort((-made.position, -made.at, made.child))
    made, own = made.take(order), np.concatenate(bits)[order]
    new = np.flatnonzero(_new(made))
    return made.take(new), np.bitwise_or.reduceat(own, new) if len(new) else own


def _rows(column: pa.FixedSizeBinaryArray, numbers: Mapping[bytes, int]) -> Rows:
    """The number of each fact's child; −1 where it is nobody's we ask for."""
    coded = column.dictionary_encode()
    known = [numbers.get(each, -1) for each in coded.dictionary.to_pylist()]
    found: Rows = np.array(known, np.int64)[coded.indices.to_numpy()]
    return found


def _raw(column: pa.FixedSizeBinaryArray) -> NDArray[np.void]:
    whole = np.frombuffer(column.buffers()[1], "V16")
    return whole[column.offset : column.offset + len(column)]


def _joined(facts: Sequence[Facts]) -> Facts:
    return Facts(*(np.concatenate(each) for each in zip(*facts, strict=True)))


def _new(facts: Facts) -> NDArray[np.bool_]:
    """Which are not the same event as the one before: an event may be several facts."""
    new = np.ones(len(facts.child), np.bool_)
    new[1:] = (facts.position[1:] != facts.position[:-1]) | (facts.child[1:] != facts.child[:-1])
    return new


def _together(each: Sequence[Facts]) -> Facts:
    """A feature's facts of several histories: none twice, of each child the latest."""
    if len(each) == 1:
        return each[0]
    made = _joined(each)
    made = made.take(np.lexsort((-made.position, -made.at, made.child)))
    made = made.take(_new(made))
    return made.take(_rank(made.child) < MOST_EVENTS)


def _rank(child: Rows) -> Rows:
    """How many entries of the same child stand before each one, in an array in their order."""
    places = np.arange(len(child))
    starts = np.ones(len(child), np.bool_)
    starts[1:] = child[1:] != child[:-1]
    found: Rows = places - np.maximum.accumulate(np.where(starts, places, 0))
    return found


def _rank_back(child: Rows) -> Rows:
    return _rank(child[::-1])[::-1]


def _written(events: NDArray[np.void]) -> list[str]:
    """Ids as they are written, 8-4-4-4-12 hex digits."""
    digits = events.tobytes().hex()
    return [
        f"{digits[at : at + 8]}-{digits[at + 8 : at + 12]}-{digits[at + 12 : at + 16]}"
        f"-{digits[at + 16 : at + 20]}-{digits[at + 20 : at + 32]}"
        for at in range(0, len(digits), 32)
    ]
