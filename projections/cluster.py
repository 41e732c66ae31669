"""The same read models on a ClickHouse cluster: its DDL, from the same files.

Two databases on every node:

    shouhe       what one machine has, over the events of this shard alone, replicated. Whoever
                 fills it (sink, projector) sees an ordinary home
    shouhe_all   the same names over all shards: what readers use

An event's shard is that of its child, or where it is about none that of its stream. All events of a
report, benefit, agreement or problem are about one child (domain.guards.key_taken), and whatever
corrects an event has its child and its stream. So every fact stands beside what replaces it, a view
asked shard by shard says what the whole would say, and only then are the shards' rows put together.
It is not so for views that look from one child to another (`ACROSS`): there the shards say which
facts count, and the rest happens where the question was asked.

The texts are ClickHouse's own: everything is made in an empty scratch database, then read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.errors import ShouheError
from domain.event import event_class
from projections.checkpoints import Checkpoints
from projections.definition import Definition, View, load
from projections.events_table import create_events
from projections.reference import load_references, references
from projections.rendering import (
    KNOWN_BY,
    NIL,
    PARAMETERS,
    TODAY,
    as_of,
    current,
    dated,
    view_texts,
)
from projections.storages import Shelf, Storage, read_storage

ACROSS = frozenset({"visit_list"})
"""Views whose rows depend on other children: of a village's lists of a week, the latest."""

TOGETHER = frozenset(
    {
        "director_load", "entitlement_numbers", "indicators", "obligations", "settings",
        "visit_supervision",
    }
)  # fmt: skip
"""Read models about places and what stands in them: no shard knows all of a county. They are made
anew over all shards, of what is there."""

EVENTS_KEY = f"cityHash64(if(child_id = {NIL}, stream_id, child_id))"
CHILD_KEY = "cityHash64(child_id)"
"""Where a child's rows lie: for reading (`optimize_skip_unused_shards`), nobody inserts there."""

TOKENS = "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800"
"""As many tokens as on one machine, for a week (ClickHouse: an hour). Older ones are read back."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_MERGE_TREE = re.compile(r"^(\w*MergeTree)(?:\(([^)]*)\))?")
_MARK = re.compile(r" ?\[\w* [0-9a-f]{8}\]$")


class ClusterError(ShouheError):
    """A name that no cluster, database or user can have."""


@dataclass(frozen=True)
class Cluster:
    """What a cluster is called in its configuration, and the names used on it."""

    name: str
    owner: str = "shouhe"
    """the user that fills the tables; the views read as this user"""
    home: str = "shouhe"
    whole: str = "shouhe_all"

    def __post_init__(self) -> None:
        """Raises ClusterError."""
        for field in ("name", "owner", "home", "whole"):
            value = getattr(self, field)
            if not _NAME.fullmatch(value):
                raise ClusterError(
                    f"cluster: {field} {value[:64]!r} is no name; use letters, digits and _"
                )

    @property
    def on(self) -> str:
        """Said of every statement, so that it runs on every node."""
        return f"ON CLUSTER {self.name}"


class Layout(NamedTuple):
    """Statements, in their order: databases and tables first, then views, then all shards'."""

    tables: list[str]
    views: list[str]
    whole: list[str]


def as_owner(name: str) -> bool:
    """Whether a name over all shards is a view that asks them as the owner.

    The policies of the shards don't hold for it: it needs its own.
    """
    return name in ACROSS or name in TOGETHER or bool(dated(name))


class Relation(NamedTuple):
    """A table or view of the scratch database, as ClickHouse tells it."""

    name: str
    engine: str
    create: str
    tail: str
    """of a table: its engine with order and settings"""
    select: str
    """of a view"""
    comment: str

    @property
    def is_view(self) -> bool:
        """Rather than a table."""
        return self.engine == "View"


def lay_out(
    client: Any,
    cluster: Cluster,
    *,
    generation: int = 1,
    definitions: Sequence[Definition] | None = None,
) -> Layout:
    """The whole DDL.

    client      an empty database named `cluster.home`; everything is made in it
    generation  of the storages: a rebuild fills the next one beside the old one
    """
    chosen = list(load() if definitions is None else definitions)
    _make(client, chosen, generation)
    found = relations(client)
    fixed = [each.name for each in references()]
    tables = [found[name] for name in found if not found[name].is_view and name not in fixed]
    databases = [
        f"CREATE DATABASE IF NOT EXISTS {each} {cluster.on} ENGINE = Atomic"
        for each in (cluster.home, cluster.whole)
    ]
    parameterised = {name for name in found if dated(name)}
    views = [
        *(_reference_view(client, cluster, found[name]) for name in fixed),
        *(_home_view(cluster, found[name], parameterised) for name in _view_names(chosen)),
    ]
    whole = [
        _distributed(cluster, each.name, each.comment, _key(each.name, chosen)) for each in tables
    ]
    whole += [_distributed(cluster, name, found[name].comment, "", once=True) for name in fixed]
    whole += _whole_views(cluster, chosen, found, generation)
    return Layout([*databases, *(_local(cluster, each) for each in tables)], views, whole)


def _make(client: Any, definitions: Sequence[Definition], generation: int) -> None:
    """What the engine makes on one machine, empty."""
    create_events(client)
    Checkpoints(client)
    load_references(client)
    shelf = Shelf(client)
    marks = shelf.marks()
    for each in definitions:
        storage = Storage(each.name, each.hash, generation) if each.stored else None
        if storage:
            shelf.create(each, storage)
        shelf.show(each, storage, marks)


def relations(client: Any) -> dict[str, Relation]:
    """Every table and view of a client's database, by name."""
    rows = client.query(
        "SELECT name, engine, create_table_query, engine_full, as_select, comment"
        " FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    ).result_rows
    return {row[0]: Relation(*row) for row in rows}


def _view_names(definitions: Sequence[Definition]) -> Iterator[str]:
    """Views in an order in which they can be made: those that others are made of first."""
    for each in definitions:
        texts = view_texts(each, "s" if each.stored else "")
        yield from sorted(texts, key=lambda name: (name == each.name, name))


# --- on each shard ----------------------------------------------------------------------------


def _local(cluster: Cluster, table: Relation) -> str:
    """CREATE TABLE of a shard: the same engine, replicated; the same tokens, in Keeper."""
    head, _, rest = table.create.partition(f" ENGINE = {table.tail}")
    return f"{_named(cluster, head, table.name)} ENGINE = {replicated(table)}{rest}"


def replicated(table: Relation) -> str:
    """A table's engine, order and settings, of the same family and replicated."""
    path = f"'/clickhouse/tables/{{shard}}/{{database}}/{table.name}', '{{replica}}'"
    tail = _MERGE_TREE.sub(
        lambda found: f"Replicated{found[1]}({', '.join(filter(None, (path, found[2])))})",
        table.tail,
    )
    return tail.replace("non_replicated_deduplication_window = 10000", TOKENS)


def _named(cluster: Cluster, head: str, name: str) -> str:
    """The statement's beginning, made for the cluster and harmless to repeat."""
    was = f"CREATE TABLE {cluster.home}.{name} "
    return head.replace(was, f"CREATE TABLE IF NOT EXISTS {cluster.home}.{name} {cluster.on} ", 1)


def _home_view(cluster: Cluster, view: Relation, parameterised: set[str]) -> str:
    """CREATE VIEW of a shard. Its readers need no right to what it is made of.

    A view with a parameter is called by its bare name: ClickHouse would look for it where the
    question was asked, which is the database of all shards.
    """
    head = view.create.partition(f" AS {view.select}")[0]
    was, made = (
        f"CREATE VIEW {cluster.home}.{view.name}",
        _replace_view(cluster, cluster.home, view.name),
    )
    select = re.sub(
        r"(?<![\w.])(\w+)\(as_of = ",
        lambda call: f"{cluster.home}.{call[0]}" if call[1] in parameterised else call[0],
        view.select,
    )
    head, comment = head.replace(was, made, 1), ""
    quoted = _quoted(view.comment)
    if head.endswith(f" COMMENT {quoted}"):
        head, comment = head.removesuffix(f" COMMENT {quoted}"), f" COMMENT {quoted}"
    return f"{head} {_as_owner(cluster)} AS {select}{comment}"


def _reference_view(client: Any, cluster: Cluster, table: Relation) -> str:
    """A reference table: the same on every node, so it is written into the DDL, changes whole."""
    name = table.name
    columns = client.query(f"DESCRIBE TABLE {name}").result_rows
    structure = ", ".join(f"{column} {kind}" for column, kind, *_ in columns)
    rows = client.query(f"SELECT * FROM {name} ORDER BY ALL").result_rows  # noqa: S608 - own name
    values = ", ".join(f"({', '.join(_literal(each) for each in row)})" for row in rows)
    comments = ", ".join(f"{row[0]} {row[1]} COMMENT {_quoted(row[4])}" for row in columns)
    return (
        f"{_replace_view(cluster, cluster.home, name)} ({comments}) {_as_owner(cluster)}"  # noqa: S608
        f" AS SELECT * FROM values({_quoted(structure)}, {values}) COMMENT {_quoted(table.comment)}"
    )


def _replace_view(cluster: Cluster, database: str, name: str) -> str:
    return f"CREATE OR REPLACE VIEW {database}.{name} {cluster.on}"


def _as_owner(cluster: Cluster) -> str:
    return f"DEFINER = {cluster.owner} SQL SECURITY DEFINER"


# --- over all shards --------------------------------------------------------------------------


def _distributed(cluster: Cluster, name: str, comment: str, key: str, *, once: bool = False) -> str:
    """One name over all shards. `once`: every node has all of it, so it is asked for here alone."""
    if once:
        made = _replace_view(cluster, cluster.whole, name)
        text = f"{made} {_as_owner(cluster)} AS SELECT * FROM {cluster.home}.{name}"  # noqa: S608
        return f"{text} COMMENT {_quoted(comment)}"
    sharding = f", {key}" if key else ""
    return (
        f"CREATE OR REPLACE TABLE {cluster.whole}.{name} {cluster.on} AS {cluster.home}.{name}"
        f" ENGINE = Distributed({cluster.name}, {cluster.home}, {name}{sharding})"
        f" COMMENT {_quoted(_MARK.sub('', comment))}"
    )


def _key(table: str, definitions: Sequence[Definition]) -> str:
    """The sharding key of a table or view over all shards; none where rows are of no child."""
    if table == "events":
        return EVENTS_KEY
    storage = read_storage(table)
    name = storage.name if storage else table
    about = {each.name: _about_children(each) for each in definitions}
    return CHILD_KEY if about.get(name) else ""


def _about_children(definition: Definition) -> bool:
    """Whether every fact of a read model is about a child."""
    return definition.stored and all(event_class(each).ABOUT_CHILD for each in definition.types)


def _whole_views(
    cluster: Cluster, definitions: Sequence[Definition], found: dict[str, Relation], generation: int
) -> Iterator[str]:
    for each in definitions:
        storage = Storage(each.name, each.hash, generation).table if each.stored else ""
        texts = view_texts(each, storage)
        about = _about_children(each) or not each.stored
        for name in sorted(texts, key=lambda one: (one == each.name, one)):
            (select, view), comment = texts[name], found[name].comment
            if view is not None and each.name in TOGETHER:
                yield _asked(cluster, name, _qualified(cluster, select, found), comment)
            elif view is not None and view.name in ACROSS:
                yield _across(cluster, view, name, storage, comment)
            elif dated(name):
                yield _called(cluster, name, comment)
            else:
                yield _distributed(cluster, name, comment, CHILD_KEY if about else "")


def _qualified(cluster: Cluster, select: str, found: dict[str, Relation]) -> str:
    """A view's text, reading what lies over all shards."""
    return re.sub(
        r"\b(FROM|JOIN) (\w+)",
        lambda said: f"{said[1]} {cluster.whole}.{said[2]}" if said[2] in found else said[0],
        select,
    )


def _called(cluster: Cluster, name: str, comment: str) -> str:
    """A view with a parameter: each shard answers for its own children."""
    shard = f"SELECT * FROM {cluster.home}.{name}({PARAMETERS[dated(name)]})"  # noqa: S608 - own SQL
    return _asked(cluster, name, f"SELECT * FROM {_shards(cluster, shard)}", comment)  # noqa: S608


def _across(cluster: Cluster, view: View, name: str, storage: str, comment: str) -> str:
    """Which facts count is the shards' matter; what they add up to is known here alone."""
    table = f"{cluster.home}.{storage}"
    twin = dated(name)
    facts = as_of(table, KNOWN_BY[twin]) if twin else current(table)
    facts = facts.removeprefix("(").removesuffix(")")
    select = view.select.replace("{facts}", _shards(cluster, facts))
    return _asked(
        cluster, name, select.replace("{day}", "{as_of:Date}" if twin else TODAY), comment
    )


def _asked(cluster: Cluster, name: str, select: str, comment: str) -> str:
    made = f"{_replace_view(cluster, cluster.whole, name)} {_as_owner(cluster)}"
    return f"{made} AS {select}\nCOMMENT {_quoted(_MARK.sub('', comment))}"


def _shards(cluster: Cluster, select: str) -> str:
    return f"cluster({cluster.name}, view({select}))"


def _literal(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
