"""What an analyst may say. An allow-list over the engine's own syntax tree, in two walls.

The engine's `readonly` refuses most of it again, but not all: with it chDB still reads a file by
`file('/etc/passwd')`, by a table's name in the database `default`, by `arrayMap(file, …)`, still
runs `SYSTEM` and `KILL`, and ignores SETTINGS of a sub-query in silence (tried with 26.9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from infra.gateway.errors import ACCESS_DENIED, READONLY, GatewayError
from infra.gateway.statement import Statement
from infra.gateway.words import words

KINDS = re.compile(
    r"SelectWithUnionQuery|SelectIntersectExceptQuery|ShowTables|ShowColumns|ShowFunctions"
    r"|DescribeQuery|Exists(?:Table|View|Database)Query .*|ShowCreate(?:Table|View)Query .*"
    r"|Explain EXPLAIN(?: AST| SYNTAX| QUERY TREE| PIPELINE)?"
)
NODES = re.compile(
    r"Select\w+|ExpressionList|Identifier|TableIdentifier|Literal|Function|Subquery|Tables\w+"
    r"|TableExpression|TableJoin|ArrayJoin|Asterisk|QualifiedAsterisk|Columns\w+(?:::\w+)?"
    r"|QualifiedColumns\w+|WithElement|Window\w+|OrderByElement|Interpolate\w*|SampleRatio"
    r"|Explain|DescribeQuery|Exists\w+|Show\w+|NameTypePair|DataType|TTLElement"
)
SYSTEM = words(
    "one numbers numbers_mt zeros zeros_mt primes tables columns databases functions keywords"
    " table_functions formats settings data_type_families time_zones collations build_options"
    " aggregate_function_combinators table_engines database_engines documentation contributors"
    " merge_tree_settings licenses unicode"
)
"""Tables of `system` that say how things are named and nothing of who does what."""

SCHEMA = ("information_schema", "INFORMATION_SCHEMA")
TABLE_FUNCTIONS = words(
    "numbers numbers_mt zeros zeros_mt primes generate_series generateseries generaterandom"
    " values null view"
)
FUNCTIONS = re.compile(
    r"file|dictget\w*|dicthas|dictisin|joinget\w*|hascolumnintable|catboostevaluate|evalmlmethod"
    r"|getclienthttpheader|showcertificate|logtrace|addressto\w+|ai[a-z]+|python|executable"
    r"|filesystem\w+|getserversetting|getmergetreesetting|structureto\w+schema|lemmatize|synonyms"
    r"|fuzzquery|tcpport|getserverport|getmacro|sleep|sleepeachrow|stem|region\w+to\w+"
)
"""Functions that reach files, network, other tables, the log, or only hold a thread."""

_IN = re.compile(r"(?:global)?(?:not)?(?:null)?(?:not)?in(?:ignoreset)?")
_LINE = re.compile(r"( *)(.*?)(?: \(alias .*\))?(?: \(children \d+\))?$")


class Names(msgspec.Struct, frozen=True):
    """What there is, as the check needs to know it."""

    database: str
    databases: frozenset[str]
    table_functions: frozenset[str]
    """lower case"""
    relations: frozenset[str] = frozenset()
    """of the database"""
    shown: frozenset[str] | None = None
    """those of them that a user of a place may read; None for all"""


def check(statement: Statement, names: Names) -> frozenset[str]:
    """The relations it names, as `name` or `database.name`. Raises GatewayError."""
    if not KINDS.fullmatch(statement.kind):
        raise GatewayError(READONLY, "Cannot execute query in readonly mode: analysts only read")
    read = frozenset(_tables(statement))
    for table in read:
        _table(table, names)
    _nodes(statement, names)
    _words(statement, names)
    return read


def _nodes(statement: Statement, names: Names) -> None:
    """The first wall: the tree."""
    before = ""
    for line in statement.tree:
        text = _split(line)[1]
        kind, _, rest = text.partition(" ")
        if kind == "Set":
            raise GatewayError(
                READONLY, "SETTINGS in a query are not for analysts: send them with the request"
            )
        if not NODES.fullmatch(kind):
            raise GatewayError(READONLY, f"{kind!r} is not something that an analyst may say")
        if kind == "Function":
            _function(rest, names, table=before == "TableExpression")
        before = kind


def _function(called: str, names: Names, *, table: bool) -> None:
    name = called.lower()
    if FUNCTIONS.fullmatch(name):
        raise GatewayError(ACCESS_DENIED, f"Not enough privileges: function {called}")
    unknown = name in names.table_functions and name not in TABLE_FUNCTIONS
    if unknown and (table or name != "format"):
        raise GatewayError(ACCESS_DENIED, f"Not enough privileges: table function {called}")
    if table and name not in TABLE_FUNCTIONS:
        _table(called, names)  # a view with parameters


def _tables(statement: Statement) -> Iterator[str]:
    """Every table the tree names, those on either side of IN included."""
    lists: dict[int, bool] = {}
    after_table = False
    for line in statement.tree:
        depth, text = _split(line)
        kind, _, rest = text.partition(" ")
        named = kind == "TableIdentifier" or (kind == "Identifier" and lists.get(depth - 2))
        view = kind == "Function" and after_table and rest.lower() not in TABLE_FUNCTIONS
        if named or view:
            yield rest
        lists[depth] = kind == "Function" and _IN.fullmatch(rest.lower()) is not None
        after_table = kind == "TableExpression"


def _table(table: str, names: Names) -> None:
    """Refuse a table that is not the user's to read."""
    database, dot, name = table.partition(".")
    if not dot or database not in names.databases:
        database, name = names.database, table if not dot else database
    if database == names.database:
        name = name.split(".")[0] if name not in names.relations else name
        if names.shown is not None and name in names.relations - names.shown:
            raise GatewayError(
                ACCESS_DENIED,
                f"Not enough privileges: {name} has no place, so it is not shown to a user of one",
            )
    elif not _of_the_system(database, name):
        raise GatewayError(ACCESS_DENIED, f"Not enough privileges: SELECT on {database}.{name}")


def _of_the_system(database: str, name: str) -> bool:
    return (database == "system" and name in SYSTEM) or database in SCHEMA


def _words(statement: Statement, names: Names) -> None:
    """The second wall: the canonical text, for what the tree does not print (APPLY, lambdas)."""
    pieces = statement.tokens
    open_to_all = {names.database, "system", *SCHEMA}
    for index, piece in enumerate(pieces):
        name, after = piece.name, [each.text for each in pieces[index + 1 : index + 2]]
        if FUNCTIONS.fullmatch(name.lower()):
            raise GatewayError(ACCESS_DENIED, f"Not enough privileges: function {name}")
        called = name.lower()
        if after == ["("] and called in names.table_functions and called != "format":
            _function(name, names, table=False)
        if statement.kind.startswith("Show") and name in names.databases - open_to_all:
            raise GatewayError(ACCESS_DENIED, f"Not enough privileges: SHOW of {name}")
        if after == ["."] and name in names.databases and name != names.database:
            _table(f"{name}.{''.join(each.name for each in pieces[index + 2 : index + 3])}", names)


def _split(line: str) -> tuple[int, str]:
    found = _LINE.fullmatch(line)
    return (len(found[1]), found[2]) if found else (0, line)
