"""A user of one place sees rows of that place: filters that the engine adds to whatever is read.

`additional_table_filters` reach a view wherever it stands (sub-query, IN, join, alias, CTE), and
can't be taken off once the session is locked. They also reach a view inside another one: where a
named view is made of others (`duties` of visits wherever they were made), those stay whole, for the
outer filter decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from infra.gateway.engine import Engine
from infra.gateway.policy import quoted
from projections.rendering import dated

LOG = "events"
"""The one table that is shown itself; the other tables are shown by their views."""

_WORD = re.compile(r"\w+")


class Relation(msgspec.Struct, frozen=True):
    """A table or view. `condition`: what keeps it to a place, with the prefix left open."""

    name: str
    is_view: bool
    definition: str
    columns: frozenset[str]

    def condition(self, place: str) -> str | None:
        """None where its rows have no place. What is secret is no user of a place's to read."""
        column = _PLACE_OF.get(self.columns & _PLACES)
        if column is None:
            return None
        said = [f"startsWith({column}::String, {quoted(place)})"]
        said += [f"NOT ({hidden})" for needed, hidden in SECRET if needed <= self.columns]
        return " AND ".join(said)


SECRET: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"type"}), "match(type::String, '^(report|protection|temp_guardianship)[.]')"),
    (frozenset({"kind", "state", "next_step"}), "kind::String IN ('report', 'guardianship')"),
    (frozenset({"rule", "subject", "subject_id"}),
     "startsWith(rule::String, 'T6.') AND subject::String IN ('child', 'case')"),
)  # fmt: skip
"""Columns → which rows tell of a report or a temporary guardianship (ADV 14; domain.md T6): of an
event, a case, an obligation. `reports` has no place, so nobody of a place reads it either."""

_PLACES = frozenset({"village_code", "place"})
_PLACE_OF = {
    frozenset({"village_code"}): "village_code",
    frozenset({"place"}): "place",
    _PLACES: "if(village_code = '', place, village_code)",
}


def relations(engine: Engine, database: str) -> dict[str, Relation]:
    """Every table and view of a database, by name. An as-of view has the columns of its model."""
    asked = {"d": database}
    columns = {
        str(table): frozenset(names)
        for table, names in engine.rows(
            "SELECT table, groupArray(name) FROM system.columns WHERE database = {d:String}"
            " GROUP BY table",
            asked,
        )
    }
    tables = engine.rows(
        "SELECT name, engine, create_table_query FROM system.tables WHERE database = {d:String}",
        asked,
    )
    return {
        name: Relation(
            name,
            kind == "View",
            definition,
            columns.get(name) or columns.get(name.removesuffix(dated(name)), frozenset()),
        )
        for name, kind, definition in tables
    }


def shown(found: Mapping[str, Relation], place: str) -> frozenset[str]:
    """Those that a user of a place may read."""
    return frozenset(
        each.name
        for each in found.values()
        if (each.is_view or each.name == LOG) and each.condition(place)
    )


def filters(
    found: Mapping[str, Relation], database: str, place: str, named: Iterable[str]
) -> dict[str, str]:
    """`additional_table_filters` for a statement that names some relations."""
    asked = {each.removeprefix(f"{database}.") for each in named}
    inside = _inside(found, asked)
    visible = shown(found, place)
    result = {}
    for each in found.values():
        if each.name in inside - asked:
            continue
        if each.name in visible:
            result[f"{database}.{each.name}"] = each.condition(place) or "0"
        elif each.is_view:
            result[f"{database}.{each.name}"] = "0"
    listed = ", ".join(map(quoted, sorted(visible))) or "''"
    result["system.tables"] = f"database = 'system' OR name IN ({listed})"
    result["system.columns"] = f"database = 'system' OR table IN ({listed})"
    return result


def as_setting(conditions: Mapping[str, str]) -> str:
    """The value of `additional_table_filters`."""
    return "{" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in conditions.items()) + "}"


def _inside(found: Mapping[str, Relation], names: Iterable[str]) -> set[str]:
    """Relations that the definitions of some others speak of, and theirs in turn."""
    seen: set[str] = set()
    ahead = list(names)
    while ahead:
        each = found.get(ahead.pop())
        if each is None or not each.is_view:
            continue
        new = set(_WORD.findall(each.definition)) & found.keys() - seen - {each.name}
        seen |= new
        ahead.extend(new)
    return seen
