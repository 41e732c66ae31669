"""From a read model's file to the SQL that runs: the engine's placeholders, filled in.

How corrections are read: every storage also receives the retractions and keeps `corrects`. A fact
counts unless some row of the same storage names it; so a storage is right on its own, however far
the others have come. Few facts are corrected, and the index `corrected` skips the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from projections.definition import RETRACTION, Definition, View
from projections.events_table import SAFE_TABLE
from projections.stretch import Stretch, within

NIL = "toUUID('00000000-0000-0000-0000-000000000000')"
NEVER = "toDateTime64('2299-12-31 00:00:00', 6, 'UTC')"
"""`replaced_at` of a fact that nothing has replaced."""
UNSET = "toDateTime64(0, 6, 'UTC')"
"""What a LEFT JOIN gives where nothing matches."""

_ENVELOPE: tuple[tuple[str, str, str, str], ...] = (
    ("child_id", "UUID", "child_id", "pseudonym of the child, nil where about none"),
    ("event_id", "UUID", "event_id", "the event this fact is, as in events.event_id"),
    ("position", "UInt64", "position", "its place in the log, e.g. 48210"),
    ("type", "LowCardinality(String)", "type", "its stable name, e.g. visit.completed.v1"),
    ("occurred_at", "DateTime64(6, 'UTC')", "occurred_at", "when it happened"),
    ("recorded_at", "DateTime64(6, 'UTC')", "recorded_at", "when we learned it"),
    ("actor", "LowCardinality(String)", "actor", "who recorded it, e.g. D-520526100201"),
    ("place", "LowCardinality(String)", "place", "where, e.g. 520526100201"),
    ("corrects", "UUID", "corrects", "the event it replaces, nil = none"),
)

_ORDER = (
    "bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(occurred_at)), 64), toUInt128(position))"
)

ENVELOPE_TABLE = ",\n    ".join(
    [f"{name} {kind} COMMENT '{comment}'" for name, kind, _, comment in _ENVELOPE]
    + [
        f"sequence UInt128 ALIAS {_ORDER} COMMENT 'order of facts: occurred_at, then position'",
        "INDEX corrected corrects TYPE minmax",
        "INDEX positions position TYPE minmax",
    ]
)
ENVELOPE_SELECT = ",\n    ".join(f"{source} AS {name}" for name, _, source, _ in _ENVELOPE)

COMMON_COMMENTS = {name: comment for name, _, _, comment in _ENVELOPE} | {
    "sequence": "order of facts: occurred_at, then position",
    "replaced_at": "when a correction or retraction of it was recorded; 2299-12-31 = never",
}


def create_table(definition: Definition, storage: str) -> str:
    """CREATE TABLE for one version of a read model."""
    body = definition.table.replace("{table}", storage).replace("{envelope}", ENVELOPE_TABLE)
    grain = definition.grain.replace("'", "''")
    return f"{body}\nSETTINGS {SAFE_TABLE}\nCOMMENT '{grain}'"


def matching(definition: Definition, stretch: Stretch) -> str:
    """The condition on `events`: this read model's types and retractions, in a stretch."""
    types = ", ".join(f"'{each}'" for each in definition.sources)
    return f"type IN ({types}) AND {within(stretch)}"


def select_stretch(definition: Definition, stretch: Stretch) -> str:
    """The SELECT that makes facts of a stretch's events."""
    events = f"(SELECT * FROM events WHERE {matching(definition, stretch)})"  # noqa: S608 - own SQL
    return definition.select.replace("{envelope}", ENVELOPE_SELECT).replace("{events}", events)


def current(storage: str) -> str:
    """The facts of a storage that count now."""
    return (
        f"(SELECT *, sequence FROM {storage} WHERE type != '{RETRACTION}' AND event_id NOT IN"  # noqa: S608
        f" (SELECT corrects FROM {storage} WHERE corrects != {NIL}))"
    )


def history(storage: str) -> str:
    """Every fact of a storage with `replaced_at`."""
    return (
        f"(SELECT f.*, f.sequence AS sequence,"  # noqa: S608 - names come from our files
        f" if(coalesce(c.replaced_at, {UNSET}) = {UNSET}, {NEVER}, assumeNotNull(c.replaced_at))"
        " AS replaced_at"
        f" FROM {storage} AS f LEFT JOIN (SELECT corrects, min(recorded_at) AS replaced_at"
        f" FROM {storage} WHERE corrects != {NIL} GROUP BY corrects) AS c"
        f" ON f.event_id = c.corrects WHERE f.type != '{RETRACTION}')"
    )


AS_OF, AS_KNOWN = "_as_of", "_as_known"
"""Names of the twins of a view: as of a day, as known then; and as known on another day."""
KNOWN_BY = {AS_OF: "as_of", AS_KNOWN: "known_by"}
"""Which parameter is the day of knowledge."""
PARAMETERS = {
    AS_OF: "as_of = {as_of:Date}",
    AS_KNOWN: "as_of = {as_of:Date}, known_by = {known_by:Date}",
}


def _end(day: str) -> str:
    return f"toDateTime64(toString({{{day}:Date}} + 1), 6, 'Asia/Shanghai')"


def as_of(storage: str, known_by: str = "as_of") -> str:
    """The facts that counted at the end of a Shanghai day, as known at the end of another.

    known_by   which parameter is the day of knowledge; the same as the day asked about: known then
    """
    known = _end(known_by)
    return (
        f"(SELECT *, sequence FROM {storage} WHERE type != '{RETRACTION}'"  # noqa: S608 - own SQL
        f" AND occurred_at < {_end('as_of')} AND recorded_at < {known} AND event_id NOT IN"
        f" (SELECT corrects FROM {storage} WHERE corrects != {NIL} AND recorded_at < {known}))"
    )


def as_known(select: str) -> str:
    """A view as known then, made to speak of what was known on another day, all the way down."""
    return select.replace(f"{AS_OF}({PARAMETERS[AS_OF]})", f"{AS_KNOWN}({PARAMETERS[AS_KNOWN]})")


def dated(name: str) -> str:
    """The ending of a view's name that asks for a day; empty where it asks for none."""
    return next((each for each in (AS_OF, AS_KNOWN) if name.endswith(each)), "")


def rows(storage: str) -> str:
    """Every row of a storage with `replaced_at`, retractions too: a child's are read alone.

    A correction is about the child of what it corrects, so a filter by child reaches the table.
    """
    named = (
        f"arrayFilter(c -> c.1 = event_id, groupArrayIf((corrects, recorded_at), corrects != {NIL})"
    )
    return (
        f"(SELECT *, {named} OVER (PARTITION BY child_id)) AS naming,"  # noqa: S608 - own SQL
        f" if(empty(naming), {NEVER}, arrayMin(naming.2)) AS replaced_at FROM {storage})"
    )


def rows_as_of(storage: str, known_by: str = "as_of") -> str:
    """Of `rows`, those that counted at the end of a day, as known at the end of another."""
    known = _end(known_by)
    return (
        f"(SELECT * FROM {rows(storage)} WHERE type != '{RETRACTION}' AND replaced_at >= {known}"  # noqa: S608 - own SQL
        f" AND occurred_at < {_end('as_of')} AND recorded_at < {known})"
    )


class Comments:
    """Comments for the columns of views: written in the view, or inherited from the table."""

    def __init__(
        self, client: Any, storage: str, shown: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        """`shown`: the database's views as they are now, on which a column's type may rest."""
        self._client = client
        self._shown = hash(frozenset((shown or {}).items()))
        version = storage.rpartition("_")[0]
        if storage and version not in _INHERITED:
            rows = client.query(f"DESCRIBE TABLE {storage}").result_rows
            _INHERITED[version] = {row[0]: row[4] for row in rows}
        self._inherited = COMMON_COMMENTS | _INHERITED.get(version, {})

    def columns(self, select: str, own: dict[str, str]) -> str:
        """The column list of a view, each with its type and comment."""
        described = self._described(select)
        comments = self._inherited | own
        return ", ".join(
            f"`{name}` {kind} COMMENT '{_quoted(comments.get(name, ''))}'"
            for name, kind in described
        )

    def _described(self, select: str) -> list[tuple[str, str]]:
        """Name and type of each column. Asked once a process: there are many views."""
        key = (select, self._shown)
        if key not in _DESCRIBED:
            _DESCRIBED[key] = self._typed(select) or [
                (row[0], row[1])
                for row in self._client.query(f"DESCRIBE TABLE ({select})").result_rows
            ]
        return _DESCRIBED[key]

    def _typed(self, select: str) -> list[tuple[str, str]]:
        """Columns by the analysed query alone: DESCRIBE plans it as well, and takes four times as
        long. Empty for a union, which the analysis shows otherwise.
        """
        told = self._client.query(f"EXPLAIN QUERY TREE passes = 1 {select}").result_rows
        lines = [row[0] for row in told]
        if lines[1:2] != ["  PROJECTION COLUMNS"]:
            return []
        own = takewhile(lambda line: line.startswith("    "), lines[2:])
        return [(name, kind) for name, kind in (line.strip().split(" ", 1) for line in own)]


_INHERITED: dict[str, dict[str, str]] = {}
"""A storage's name without its generation → the comments of its columns."""

_DESCRIBED: dict[tuple[str, int], list[tuple[str, str]]] = {}
"""(a view's SELECT, the views around it) → its columns."""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


TODAY = "toDate(now('Asia/Shanghai'))"


def view_texts(definition: Definition, storage: str) -> dict[str, tuple[str, View | None]]:
    """View name → its SELECT (and the declaration it comes from), over a storage."""
    texts: dict[str, tuple[str, View | None]] = {}
    if storage:
        selected = f"SELECT * EXCEPT (corrects, sequence) FROM {history(storage)}"  # noqa: S608
        texts[f"{definition.name}_history"] = (selected, None)
    for view in definition.views:
        if view.over_facts:
            for twin, known_by in KNOWN_BY.items():
                asked = view.select.replace("{facts}", as_of(storage, known_by))
                asked = asked.replace("{rows}", rows_as_of(storage, known_by))
                texts[f"{view.name}{twin}"] = (asked.replace("{day}", "{as_of:Date}"), view)
        elif view.name.endswith(AS_OF):
            texts[f"{view.name.removesuffix(AS_OF)}{AS_KNOWN}"] = (as_known(view.select), view)
        asked = view.select.replace("{rows}", rows(storage)).replace("{day}", TODAY)
        texts[view.name] = (asked.replace("{facts}", current(storage)), view)
    return texts
