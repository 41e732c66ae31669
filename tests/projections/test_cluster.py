"""The DDL of a cluster: accepted by the engine, whole, and saying what one machine says.

What can't be had in one process: Keeper, so replicated tables are made as plain ones (and asked for
as they are, until Keeper is missed); shards that answer, so two databases play two shards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from domain.event import NO_CHILD, event_class, stable_id, stream_id
from domain.foresight import ChildListed, Duty
from domain.terms import WorkerRole
from domain.workforce import WorkerAppointed, WorkerEnded
from infra.warehouse import pinned
from projections import cluster
from projections.cluster import (
    TOGETHER,
    Cluster,
    ClusterError,
    Layout,
    Relation,
    as_owner,
    lay_out,
    relations,
)
from projections.definition import load
from projections.engine import Engine
from projections.reference import references
from projections.rendering import AS_KNOWN, AS_OF, dated

CLUSTER = Cluster("guizhou")
CHILDREN = 12
DAYS = ("2026-01-20", "2026-03-31", "2026-06-30")
NO_KEEPER = 225
REPLICATED = re.compile(r"Replicated(\w*MergeTree)\('[^']*', '\{replica\}'(?:, )?([^)]*)\)")

CONFIG = """
<clickhouse>
    <users_config>{users}</users_config>
    <user_directories><users_xml><path>{users}</path></users_xml></user_directories>
    <remote_servers><guizhou><shard><replica>
        <host>127.0.0.1</host><port>9</port>
    </replica></shard></guizhou></remote_servers>
    <macros><shard>1</shard><replica>1</replica></macros>
</clickhouse>
"""
USERS = """
<clickhouse>
    <profiles><default/></profiles><quotas><default/></quotas>
    <users>
        <default><password/><networks><ip>::/0</ip></networks><profile>default</profile>
            <quota>default</quota><access_management>1</access_management></default>
        <shouhe><password/><networks><ip>::/0</ip></networks><profile>default</profile>
            <quota>default</quota><access_management>1</access_management></shouhe>
    </users>
</clickhouse>
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The engine with a cluster in its configuration, and a user who owns the views."""
    folder = tmp_path_factory.mktemp("server")
    users, config = folder / "users.xml", folder / "config.xml"
    users.write_text(USERS)
    config.write_text(CONFIG.format(users=users))
    client = clickhouse_connect.get_client(
        interface="chdb", path=str(folder / "data"), chdb_options={"config-file": str(config)}
    )
    for name, value in pinned().items():
        client.set_client_setting(name, value)
    yield client
    client.close()


@pytest.fixture(scope="module")
def layout(server: Any) -> Layout:
    """The DDL, of a scratch database."""
    server.command("CREATE DATABASE shouhe")
    server.database = "shouhe"
    return lay_out(server, CLUSTER)


@pytest.fixture(scope="module")
def statements(layout: Layout) -> list[str]:
    return [each for part in layout for each in part]


def here(statement: str, on: str = CLUSTER.on) -> str:
    """A statement as this process can run it: here alone, with tables that are not replicated."""
    statement = REPLICATED.sub(r"\1(\2)", statement.replace(f" {on}", ""))
    return statement.replace(cluster.TOKENS, "non_replicated_deduplication_window = 10000")


def made(layout_part: list[str]) -> dict[str, str]:
    """What each statement makes, `shouhe.events`, and the statement."""
    found = re.compile(r"CREATE (?:OR REPLACE )?(?:DATABASE|TABLE|VIEW) (?:IF NOT EXISTS )?(\S+)")
    return {found.match(each)[1]: each for each in layout_part}  # type: ignore[index]


def test_the_engine_can_read_every_statement(server: Any, statements: list[str]) -> None:
    def read(statement: str) -> None:
        server.query("SELECT formatQuery({text:String})", parameters={"text": statement})

    for each in statements:
        read(each)
    with pytest.raises(DatabaseError):
        read(statements[-1].replace("CREATE", "CERATE"))


def test_every_statement_is_for_every_node_and_may_be_repeated(statements: list[str]) -> None:
    for each in statements:
        assert f" {CLUSTER.on} " in each
        assert re.match(r"CREATE (DATABASE IF NOT EXISTS|TABLE IF NOT EXISTS|OR REPLACE) ", each)


def test_every_table_is_replicated_under_its_shard_and_keeps_its_tokens(layout: Layout) -> None:
    tables = {name: each for name, each in made(layout.tables).items() if "." in name}
    stored = [each.name for each in load() if each.stored]
    names = {name.partition(".")[2].partition("__")[0] for name in tables}
    assert names == {*stored, "events", "checkpoints", "parked"}
    for name, each in tables.items():
        path = f"/clickhouse/tables/{{shard}}/{{database}}/{name.partition('.')[2]}"
        assert re.search(
            rf" ENGINE = Replicated\w*MergeTree\('{re.escape(path)}', '{{replica}}'", each
        )
        assert "non_replicated" not in each
        if not name.startswith(("shouhe.checkpoints", "shouhe.parked")):
            assert cluster.TOKENS in each


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        ("MergeTree ORDER BY a", "ReplicatedMergeTree({}) ORDER BY a"),
        ("AggregatingMergeTree ORDER BY a", "ReplicatedAggregatingMergeTree({}) ORDER BY a"),
        ("ReplacingMergeTree ORDER BY a", "ReplicatedReplacingMergeTree({}) ORDER BY a"),
        ("ReplacingMergeTree(v) ORDER BY a", "ReplicatedReplacingMergeTree({}, v) ORDER BY a"),
        (
            "MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10000",
            "ReplicatedMergeTree({}) ORDER BY a SETTINGS " + cluster.TOKENS,
        ),
    ],
)
def test_a_table_keeps_its_kind(engine: str, expected: str) -> None:
    table = Relation("t", engine.partition(" ")[0], "", engine, "", "")
    where = "'/clickhouse/tables/{shard}/{database}/t', '{replica}'"
    assert cluster.replicated(table) == expected.replace("{}", where)


def test_the_engine_takes_the_replicated_tables_until_it_misses_keeper(
    server: Any, layout: Layout
) -> None:
    def code(statement: str) -> int:
        with pytest.raises(DatabaseError) as error:
            server.command(
                statement.replace(f" {CLUSTER.on}", "").replace(" shouhe.", " shouhe.r_")
            )
        return int(error.value.code or 0)

    for name, each in made(layout.tables).items():
        if "." in name:
            assert code(each) == NO_KEEPER, name
            assert code(each.replace("ORDER BY (", "ORDER BY (nothing, ", 1)) != NO_KEEPER


def test_every_table_and_view_of_a_shard_is_there_over_all_shards(layout: Layout) -> None:
    home = {each.partition(".")[2] for each in made([*layout.tables, *layout.views])} - {""}
    whole = {each.partition(".")[2] for each in made(layout.whole)}
    assert whole == home
    for name, each in made(layout.whole).items():
        bare = name.partition(".")[2]
        if bare in {table.name for table in references()}:
            assert f"AS SELECT * FROM shouhe.{bare}" in each
            continue
        if as_owner(bare) and bare.removesuffix(dated(bare)) not in {
            *TOGETHER,
            "subjects",
            "judged",
        }:
            assert "cluster(guizhou, view(SELECT" in each
        if as_owner(bare):
            assert "DEFINER = shouhe SQL SECURITY DEFINER" in each
        else:
            assert f"ENGINE = Distributed(guizhou, shouhe, {bare}" in each


def test_events_are_sharded_by_child_and_those_about_none_by_their_stream(layout: Layout) -> None:
    (events,) = (each for name, each in made(layout.whole).items() if name.endswith(".events"))
    assert f"Distributed(guizhou, shouhe, events, {cluster.EVENTS_KEY})" in events


def test_all_about_one_worker_is_one_stream_so_it_is_on_one_shard() -> None:
    events = [
        WorkerAppointed(
            worker_id="D-1", role=WorkerRole.DIRECTOR, place="520526100201", weekly_hours=6
        ),
        WorkerEnded(worker_id="D-1"),
    ]
    streams = {stream_id(type(each), NO_CHILD, each, stable_id("x", str(n)))
               for n, each in enumerate(events)}  # fmt: skip
    assert len(streams) == 1
    # a read model of events about no child, which are streams of their own, would be torn apart
    for each in load():
        kinds = [event_class(name) for name in each.types]
        # nothing is added up on a shard: each of their rows stands alone
        if each.name in {"evidence", "surroundings", "standards", "tightened_settings"}:
            continue
        assert all(kind.ABOUT_CHILD or kind.KEY for kind in kinds), each.name


def test_what_is_over_all_shards_can_be_made_and_has_the_columns_of_a_shard(
    server: Any, layout: Layout
) -> None:
    server.command("CREATE DATABASE shouhe_all")
    for each in layout.whole:
        # a shard is asked what its answer looks like; here none answers but this process
        server.command(here(each).replace("cluster(guizhou, ", "remote('127.0.0.1', "))
    found = {
        (base, table): columns
        for base, table, columns in server.query(
            "SELECT database, table, groupArray((name, type)) FROM system.columns"
            " WHERE startsWith(database, 'shouhe') GROUP BY ALL"
        ).result_rows
    }
    for name in relations(server):
        if not dated(name):
            assert found["shouhe_all", name] == found["shouhe", name], name


# --- two shards and one home ------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(server: Any, helpers: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One machine that knows everything."""
    server.command("CREATE DATABASE house")
    server.database = "house"
    found = helpers.House(server, tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    helpers.live_on(found.log, helpers.dice(11), 900, children=CHILDREN)
    for number in range(CHILDREN):
        # a week's list, and on the next day another one in its stead, of another child
        for child, hour in ((number, 0), ((number + 1) % CHILDREN, 24)):
            line = ChildListed(
                week=f"2026-W{number + 1:02d}", village_code=helpers.VILLAGE, worker_id="D-1",
                rank=1, duty=Duty.NONE,
            )  # fmt: skip
            found.log.write(line, helpers.kid(child), helpers.START + timedelta(hours=hour))
    found.catch_up()
    return found


@pytest.fixture(scope="module")
def shards(server: Any, house: Any) -> list[str]:
    """Two databases, laid out as shards are, each with its part of the events and no more."""
    names = ["shard_1", "shard_2"]
    columns = ", ".join(
        row[0] for row in server.query("DESCRIBE TABLE house.events").result_rows
        if row[2] not in ("EPHEMERAL", "ALIAS")
    )  # fmt: skip
    for number, name in enumerate(names):
        server.command(f"CREATE DATABASE {name}")
        server.database = name
        one = lay_out(server, Cluster("guizhou", home=name))
        for relation in relations(server).values():
            server.command(f"DROP TABLE {relation.name}")
        for each in [*one.tables, *one.views]:
            server.command(here(each))
        key = f"{cluster.EVENTS_KEY} % {len(names)}"
        server.command(
            f"INSERT INTO {name}.events ({columns})"
            f" SELECT {columns} FROM house.events WHERE {key} = {number}"
        )
    return names


@pytest.fixture(scope="module")
def filled(server: Any, shards: list[str]) -> list[str]:
    for name in shards:
        server.database = name
        Engine(server).advance()
    return shards


@pytest.fixture(scope="module")
def whole(server: Any, filled: list[str]) -> str:
    """A database over the two: what asks all shards asks these, and puts their rows together."""

    def together(_: Cluster, select: str) -> str:
        parts = (select.replace("scratch.", f"{name}.") for name in filled)
        return f"({' UNION ALL '.join(parts)})"

    for name in ("whole", "scratch"):
        server.command(f"CREATE DATABASE {name}")
    server.database = "scratch"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "_shards", together)
        one = lay_out(server, Cluster("guizhou", home="scratch", whole="whole"))
    for name, each in made(one.whole).items():
        if " ENGINE = Distributed(" in each:
            select = together(CLUSTER, f"SELECT * FROM scratch.{name.partition('.')[2]}")
            server.command(f"CREATE VIEW {name} AS SELECT * FROM {select}")
        else:
            server.command(here(each))
    return "whole"


def contents(server: Any, base: str, names: list[str]) -> dict[str, list[Any]]:
    """All that the views of a database say, now and on some days."""
    days = {AS_OF: "", AS_KNOWN: f", known_by = '{max(DAYS)}'"}
    asked = {
        f"{name} {day}": f"{name}(as_of = '{day}'{days[dated(name)]})"
        for name in names for day in DAYS if dated(name)
    } | {name: name for name in names if not dated(name)}  # fmt: skip
    return {
        key: server.query(f"SELECT * FROM {base}.{source} ORDER BY ALL").result_rows
        for key, source in asked.items()
    }


def test_events_are_on_both_shards_and_each_on_one(server: Any, shards: list[str]) -> None:
    counts = [
        server.query(f"SELECT count() FROM {name}.events").result_rows[0][0]
        for name in ("house", *shards)
    ]
    assert counts[0] == counts[1] + counts[2]
    assert min(counts) > 100


def test_whoever_fills_a_shard_finds_an_ordinary_home(server: Any, shards: list[str]) -> None:
    def texts(name: str) -> dict[str, str]:
        server.database = name
        return {each.name: each.create for each in relations(server).values()}

    for name in shards:
        before = texts(name)
        engine = Engine(server)
        engine.advance()
        assert not any(engine.behind().values())
        assert texts(name) == before


@pytest.mark.long  # every view, planned anew on each of two shards: minutes
@pytest.mark.timeout(1500)
def test_all_shards_say_what_one_machine_says(server: Any, whole: str) -> None:
    server.database = "house"
    views = [each.name for each in relations(server).values() if each.is_view]
    one, several = contents(server, "house", views), contents(server, whole, views)
    assert sum(map(len, one.values())) > 1500
    filled = {each.partition(" ")[0] for each, rows in one.items() if rows}
    assert filled >= {"children", "visits", "duties", "obligations", "indicators", "timeline",
                      "visit_list", "duties_as_of", "indicators_as_known"}  # fmt: skip
    print(f"{len(filled)} of {len(views)} views have rows")
    assert {name for name, rows in one.items() if several[name] != rows} == set()


def test_a_shard_alone_would_say_too_much_of_lists(server: Any, filled: list[str]) -> None:
    """Why `ACROSS`: of two lists of a week, the older one may be the latest that a shard has."""
    server.database = "house"
    rows = {
        base: server.query(f"SELECT count() FROM {base}.visit_list").result_rows[0][0]
        for base in ("house", *filled)
    }
    assert rows["house"] < sum(rows[name] for name in filled)


# --- a read model anew ------------------------------------------------------------------------


def test_the_next_generation_is_filled_beside_the_one_that_is_read(
    server: Any, helpers: Any
) -> None:
    server.command("CREATE DATABASE again")
    server.database = "again"
    home = Cluster("guizhou", home="again")
    layouts = [lay_out(server, home, generation=number) for number in (1, 2)]
    for relation in relations(server).values():
        server.command(f"DROP TABLE {relation.name}")
    first, second = layouts
    for each in [*first.tables, *first.views]:
        server.command(here(each))
    Engine(server).advance()
    for each in second.tables:
        server.command(here(each))
    shown = {each.name: each.select for each in relations(server).values() if each.is_view}
    assert not any(re.search(r"__[0-9a-f]{8}_2\b", select) for select in shown.values())
    Engine(server).advance()
    shown = {each.name: each.select for each in relations(server).values() if each.is_view}
    assert not any(re.search(r"__[0-9a-f]{8}_1\b", select) for select in shown.values())
    # the projector showed it on its own replica; the same DDL shows it on all
    for each in second.views:
        server.command(here(each))
    marks = {each.name: each.comment for each in relations(server).values() if each.is_view}
    Engine(server).advance()
    left = relations(server).values()
    assert marks == {each.name: each.comment for each in left if each.is_view}
    assert not any(re.search(r"__[0-9a-f]{8}_1$", each.name) for each in left)


@pytest.mark.parametrize("field", ["name", "owner", "home", "whole"])
def test_a_name_that_could_be_more_than_a_name_is_refused(field: str) -> None:
    with pytest.raises(ClusterError, match=f"{field} 'x; DROP'.* use letters"):
        Cluster(**{"name": "guizhou", field: "x; DROP"})
