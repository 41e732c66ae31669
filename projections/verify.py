"""`shouhe verify`: the log, folded in Python, against ClickHouse, row by row.

Compared are every event (count, types, a checksum of ids in the order of positions, no position
twice), and the current rows of every read model: states column by column, facts as count, last day
and sums per child.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any
from uuid import UUID

import projections.steps as _steps  # noqa: F401 - importing it declares what each event means
from domain.ageing import held_on, off_ledger_on
from domain.child_file import Category
from domain.event import SHANGHAI
from projections.fold import Book, Log, Rows, Sheet, fold

SHOWN = 20
"""Explanations kept; all differences are counted."""

Row = tuple[Any, ...]


@dataclass
class Report:
    """What verify found."""

    events: int = 0
    children: int = 0
    differences: int = 0
    first: list[str] = field(default_factory=list)

    def differ(self, what: str) -> None:
        """Count a difference; keep the first explanations."""
        self.differences += 1
        if len(self.first) < SHOWN:
            self.first.append(what)


@dataclass(frozen=True)
class Comparison:
    """One read model: the SELECT (key columns first), and the same row made of a sheet."""

    model: str
    keys: int
    columns: str
    row: Callable[[Any, Sheet], Iterator[Row]]
    group: str = ""

    @property
    def query(self) -> str:
        """What to ask ClickHouse."""
        return f"SELECT {self.columns} FROM {self.model} {self.group}"  # noqa: S608 - our own names


def _child(key: UUID, sheet: Sheet) -> Iterator[Row]:
    if "registered" not in sheet:
        return
    kept, reason = sheet.get("turn")
    born, today = sheet.get("registered")[1], datetime.now(SHANGHAI).date()

    def held(kind: str) -> list[str]:
        pairs = [name for name in sheet.latest if isinstance(name, tuple) and name[0] == kind]
        return sorted(name[1] for name in pairs if sheet.get(name))

    names = held("category")
    on_file = frozenset(each for each in Category if each.value in names)
    categories = sorted(each.value for each in held_on(born, on_file, today))
    aged_out_on = off_ledger_on(born, on_file)
    on_ledger = kept and today < aged_out_on
    left_at = datetime.combine(aged_out_on, time(), SHANGHAI).astimezone(UTC).replace(tzinfo=None)
    yield (
        key, *sheet.get("registered"), sheet.get("village_code"), categories, held("factor"),
        sheet.get("tier"), *sheet.get("health", ("", 0)), *sheet.get("school", ("", 0)),
        *sheet.get("class", ("", 0, 0)), sheet.get("plan", None), int(on_ledger),
        "" if on_ledger else "aged_out" if kept else reason, sheet.get("registered_at"),
        None if on_ledger else left_at if kept else sheet.get("left_at"), sheet.sums["forgotten"],
    )  # fmt: skip


def _absences(key: tuple[UUID, str], sheet: Sheet) -> Iterator[Row]:
    turns: list[Any] = [*sorted(sheet.listed), None]
    for turn, following in pairwise(turns):
        if turn[1]:
            back = None if following is None else following[2]
            yield (*key, turn[0][1], turn[2], back, turn[0][0])


def _agreement(key: str, sheet: Sheet) -> Iterator[Row]:
    if "signed" in sheet:
        ended_at, reason = sheet.get("ended", (None, ""))
        yield (
            key, *sheet.get("signed"), sheet.get("end"), sheet.get("signed_at"),
            sheet.get("filed_at", None),
            sheet.get("disqualified", 0), sheet.get("deficiency"), ended_at, reason,
        )  # fmt: skip


def _report(key: str, sheet: Sheet) -> Iterator[Row]:
    if "submitted" in sheet:
        measures = [name[1] for name in sheet.latest if isinstance(name, tuple)]
        yield (
            key, *sheet.get("submitted"), sheet.get("desk"), sheet.get("state"),
            sheet.get("submitted_at"), sheet.get("finding"), sorted(measures),
            *sheet.get("disposed", (None, "")),
        )  # fmt: skip


def _benefit(key: str, sheet: Sheet) -> Iterator[Row]:
    yield (
        key, sheet.get("child"), sheet.get("type"), sheet.get("eligibility"),
        *sheet.get("amount", (0, "")), sheet.sums["paid_fen"], sheet.sums["payments"],
        sheet.listed[0][0] if sheet.listed else "", int("stopped" in sheet), sheet.get("stopped"),
    )  # fmt: skip


def _problem(key: str, sheet: Sheet) -> Iterator[Row]:
    if "found" in sheet:
        yield (key, *sheet.get("found"), *sheet.get("resolved", (None, "")))


def _guardian(key: Row, sheet: Sheet) -> Iterator[Row]:
    linked = sheet.get("linked", ("", 0))
    yield (*key, linked[0], sheet.get("capacity"), linked[1], sheet.get("grade"))


def _worker(key: str, sheet: Sheet) -> Iterator[Row]:
    if "appointed" in sheet:
        yield (key, *sheet.get("appointed"), sheet.get("active"))


def _tally(*names: str) -> Callable[[UUID, Sheet], Iterator[Row]]:
    def row(key: UUID, sheet: Sheet) -> Iterator[Row]:
        yield (key, sheet.sums["count"], sheet.listed[0][0], *(sheet.sums[each] for each in names))

    return row


BY_CHILD = "GROUP BY child_id"
TALLY = "child_id, count(), max(day)"

COMPARISONS = (
    Comparison("children", 1, "child_id, sex, birth_month, ethnicity, hukou_type, village_code,"
        " categories, risk_factors, tier, health, disability_grade, school_code, in_school,"
        " school_stage, grade, boarding, visit_interval_days, on_ledger, left_reason,"
        " registered_at, left_at, forgotten", _child),
    Comparison("residences", 2, "child_id, village_code, since",
        lambda key, sheet: iter([(*key, sheet.get("since"))])),
    Comparison("guardians", 2, "child_id, guardian_id, relation, capacity, is_legal, grade",
        _guardian),
    Comparison("parent_absences", 3,
        "child_id, parent, position, departed_on, returned_on, departed_at",
        _absences),
    Comparison("parent_statuses", 2, "child_id, parent, status",
        lambda key, sheet: iter([(*key, sheet.get("status"))])),
    Comparison("risk_factors", 2, "child_id, factor, present, since",
        lambda key, sheet: iter([(*key, *sheet.get("since"))])),
    Comparison("care_agreements", 1, "agreement_id, child_id, relation, start_date, end_date,"
        " signed_at, filed_at, disqualified, deficiency, ended_at, ended_reason", _agreement),
    Comparison("visits", 1, f"{TALLY}, sum(child_seen), sum(spoken_alone), sum(carer_present),"
        " sum(length(concerns)), sum(ifNull(minutes, 0))",
        _tally("child_seen", "child_spoken_alone", "carer_present", "concerns", "minutes"),
        BY_CHILD),
    Comparison("visit_attempts", 1, TALLY, _tally(), BY_CHILD),
    Comparison("contacts", 1, f"{TALLY}, sum(ifNull(minutes, 0))", _tally("minutes"), BY_CHILD),
    Comparison("parent_contacts", 1, f"{TALLY}, sum(ifNull(minutes, 0))", _tally("minutes"),
        BY_CHILD),
    Comparison("problems", 1, "problem_id, child_id, kind, severity, found_by, found_on,"
        " resolved_on, outcome", _problem),
    Comparison("reports", 1, "report_id, child_id, situation, severity, desk, state, submitted_at,"
        " finding, measures, disposed_at, outcome", _report),
    Comparison("subsidies", 1, "benefit_id, child_id, type, eligibility, amount_fen, from_month,"
        " paid_fen, payments, last_period, stopped, stop_reason", _benefit),
    Comparison("workers", 1, "worker_id, role, place, weekly_hours, active", _worker),
    Comparison("scores", 3, "child_id, model_id, as_of, score, log_position",
        lambda key, sheet: iter([(*key, *sheet.get("score"))])),
)  # fmt: skip


class _Events:
    """Checks the raw log while it is read for the fold."""

    def __init__(self, client: Any, report: Report) -> None:
        self._client, self._report = client, report

    def __call__(self, rows: Rows, ids: list[UUID]) -> None:
        first, last = rows[0][0], rows[-1][0]
        query = (
            "SELECT count(), uniqExact(position), CRC32(lower(arrayStringConcat(arrayMap("  # noqa: S608
            "x -> hex(x.2), arraySort(groupArray((position, event_id))))))) FROM events"
            f" WHERE position BETWEEN {first} AND {last}"
        )
        count, distinct, checksum = map(int, self._client.query(query).result_rows[0])
        if count != distinct:
            self._report.differ(
                f"events {first} to {last}: {count - distinct} more than one at their position,"
                f" first {self._twice(first, last)}"
            )
        if distinct != len(rows):
            self._report.differ(
                f"events {first} to {last}: {len(rows)} in the log, {distinct} in ClickHouse"
            )
        elif count == distinct and checksum != zlib.crc32("".join(e.hex for e in ids).encode()):
            self._report.differ(f"events {first} to {last}: the ids or their order differ")

    def _twice(self, first: int, last: int) -> str:
        query = (
            "SELECT position, groupArray((partition, offset)) FROM events"  # noqa: S608 - integers
            f" WHERE position BETWEEN {first} AND {last}"
            " GROUP BY position HAVING count() > 1 ORDER BY position LIMIT 1"
        )
        position, places = self._client.query(query).result_rows[0]
        words = ", ".join(f"{offset} of partition {partition}" for partition, offset in places)
        return f"{position}: offset {words}"


def verify(log: Log, client: Any, upto: int) -> Report:
    """Fold the log up to a position and compare it with ClickHouse, which must be that far."""
    report = Report()
    book = fold(log, upto, _Events(client, report))
    report.events = book.events
    _types(book, client, report)
    for each in COMPARISONS:
        found = _compare(each, book.sheets.pop(each.model, {}), client, report)
        if each.model == "children":
            report.children = found
    return report


def _types(book: Book, client: Any, report: Report) -> None:
    rows = client.query("SELECT type, count() FROM events GROUP BY type").result_rows
    there = Counter({name: int(count) for name, count in rows})
    for name in sorted(set(book.types) | set(there)):
        if book.types[name] != there[name]:
            report.differ(f"events {name}: {book.types[name]} in the log, {there[name]} there")


def _compare(each: Comparison, sheets: dict[Any, Sheet], client: Any, report: Report) -> int:
    """One read model. Returns the number of its rows according to the log."""
    wanted = {row[: each.keys]: row[each.keys :] for row in _rows(each, sheets)}
    total = len(wanted)
    with client.query_row_block_stream(each.query) as blocks:
        for block in blocks:
            for found in block:
                key, values = tuple(found[: each.keys]), tuple(found[each.keys :])
                expected = wanted.pop(key, None)
                if expected is None:
                    report.differ(f"{each.model} {_name(key)}: not in the log")
                elif not _same(expected, values):
                    names = _columns(each.columns)[each.keys :]
                    report.differ(f"{each.model} {_name(key)}: {_words(names, expected, values)}")
    for key in wanted:
        report.differ(f"{each.model} {_name(key)}: missing in ClickHouse")
    return total


def _rows(each: Comparison, sheets: dict[Any, Sheet]) -> Iterator[Row]:
    for key, sheet in sheets.items():
        yield from each.row(key, sheet)


def _same(expected: Row, found: Row) -> bool:
    return all(map(_equal, expected, found))


def _equal(expected: Any, found: Any) -> bool:
    if isinstance(expected, float) and isinstance(found, float):
        return abs(expected - found) <= 1e-6 * max(1.0, abs(expected))
    return bool(expected == found)


def _columns(columns: str) -> list[str]:
    depth, names = 0, [""]
    for letter in columns:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            names.append("")
        else:
            names[-1] += letter
    return [each.strip() for each in names]


def _name(key: Row) -> str:
    return " ".join(str(each) for each in key)


def _words(names: list[str], expected: Row, found: Row) -> str:
    pairs = zip(names, expected, found, strict=True)
    return "; ".join(
        f"{name} is {there} and should be {here}"
        for name, here, there in pairs
        if not _equal(here, there)
    )
