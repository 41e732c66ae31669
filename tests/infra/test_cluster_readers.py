"""Readers of a cluster: the DDL is whole, and its policies, tried on the engine, let nothing by."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import clickhouse_connect
import pytest

from domain.errors import SettingsError
from infra.cluster_readers import Reader, access, read_readers
from infra.commands.cluster import ddl
from infra.gateway.engine import Engine as Gateway
from infra.gateway.places import Relation, relations, shown
from infra.warehouse import embedded
from projections.cluster import ACROSS, TOGETHER, Cluster, lay_out
from projections.engine import Engine
from projections.reference import references
from projections.rendering import dated

HASH = hashlib.sha256(b"a long password").hexdigest()
CLUSTER = Cluster("guizhou")
READERS = {
    "weining": Reader(HASH, "520526"),
    "bijie": Reader(HASH, "5205"),
    "province": Reader(HASH),
}
HERE, ELSEWHERE = "520526100201", "520102001001"
POLICY = re.compile(
    r"CREATE ROW POLICY OR REPLACE (\S+) ON CLUSTER guizhou ON (\S+)\.(\S+)"
    r" FOR SELECT USING (.+) TO (.+)"
)
Policies = dict[tuple[str, str], str]
"""(database, table) → condition."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Relation]:
    """What the home database has, as the gateway reads it."""
    folder = tmp_path_factory.mktemp("scratch")
    client = embedded(folder)
    lay_out(client, CLUSTER)
    gateway = Gateway(folder)
    read = relations(gateway, "shouhe")
    gateway.close()
    client.close()
    return read


@pytest.fixture(scope="module")
def statements(found: dict[str, Relation]) -> list[str]:
    return access(CLUSTER, found, READERS)


def policies(statements: list[str], whom: str) -> Policies:
    """Those that hold for exactly these."""
    read = [POLICY.fullmatch(each) for each in statements if " ROW POLICY " in each]
    assert all(read)
    return {(each[2], each[3]): each[4] for each in read if each and each[5] == whom}


# --- the texts --------------------------------------------------------------------------------


def test_the_engine_can_read_every_statement(statements: list[str], tmp_path: Path) -> None:
    client = embedded(tmp_path)
    try:
        for each in statements:
            client.query("SELECT formatQuery({text:String})", parameters={"text": each})
    finally:
        client.close()
    assert all(" ON CLUSTER guizhou" in each for each in statements)


def test_a_reader_reads_and_does_no_more_than_the_limits(statements: list[str]) -> None:
    profile, *rest = statements
    assert "readonly = 2 CONST" in profile
    assert "max_execution_time = 300 MIN 1 MAX 300" in profile
    assert all(
        "PROFILE 'shouhe_analyst'" in each for each in rest if each.startswith("CREATE ROLE")
    )
    rights = {
        each.split()[4] for each in rest if each.startswith("GRANT ON CLUSTER guizhou SELECT")
    }
    assert rights == {"SELECT"}


def test_a_reader_of_a_place_has_a_right_to_what_the_gateway_would_show(
    statements: list[str], found: dict[str, Relation]
) -> None:
    grant = re.compile(r"GRANT ON CLUSTER guizhou SELECT ON (\S+) TO shouhe_place_520526")
    granted = {match[1] for each in statements if (match := grant.fullmatch(each))}
    names = shown(found, "520526")
    assert granted == {f"{base}.{name}" for base in ("shouhe", "shouhe_all") for name in names}
    assert not any("__" in each for each in granted)


def test_what_tells_of_a_report_is_kept_from_a_reader_of_a_place(statements: list[str]) -> None:
    placed = policies(statements, "shouhe_place_520526")
    for name in ("cases", "cases_as_of", "obligations", "obligations_as_of", "timeline", "events"):
        assert " AND NOT (" in placed["shouhe", name], name
    whole = {name for _, name in placed if name.startswith(("reports", "case_steps"))}
    assert whole == {"reports_history", "case_steps_history"}
    assert all(" AND NOT (" in placed["shouhe", name] for name in whole)


def test_each_user_gets_the_role_of_its_place_and_no_password_is_told(
    statements: list[str],
) -> None:
    for name, role in {
        "weining": "shouhe_place_520526",
        "bijie": "shouhe_place_5205",
        "province": "shouhe_analyst",
    }.items():
        assert f"GRANT ON CLUSTER guizhou {role} TO {name}" in statements
        (made,) = (each for each in statements if f"CREATE USER OR REPLACE {name} " in each)
        assert made.endswith(f"IDENTIFIED WITH sha256_hash BY '{HASH}'")


def test_who_has_no_role_sees_nothing_and_whoever_fills_the_tables_everything(
    statements: list[str],
) -> None:
    closed = policies(statements, "ALL EXCEPT shouhe, shouhe_analyst")
    opened = policies(statements, "shouhe, shouhe_analyst")
    placed = policies(statements, "shouhe_place_520526")
    assert set(closed) == set(opened) == set(placed)
    assert (set(closed.values()), set(opened.values())) == ({"0"}, {"1"})
    assert all("startsWith(" in each and "'520526'" in each for each in placed.values())


def test_a_view_that_asks_all_shards_as_its_owner_has_a_policy_of_its_own(
    statements: list[str], found: dict[str, Relation]
) -> None:
    placed = policies(statements, "shouhe_place_520526")
    over_all = {name for base, name in placed if base == "shouhe_all"}
    visible = shown(found, "520526")
    asking = {each for each in visible if dated(each)} | (ACROSS | TOGETHER) & visible
    assert over_all == asking
    assert {name for base, name in placed if base == "shouhe"} == visible


# --- the file and the command -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[weining]\nplace = '520526'\n", "[weining] Object missing required field"),
        (f"[weining]\npassword_sha256 = '{HASH}'\nrole = 'admin'\n", "unknown field `role`"),
        (
            f"[weining]\nplace = '52x'\npassword_sha256 = '{HASH}'\n",
            "place must be a division code",
        ),
        ("[weining]\npassword_sha256 = 'secret'\n", "password_sha256 must be the 64 hex digits"),
        (f"['a; DROP']\npassword_sha256 = '{HASH}'\n", "its name must be of letters"),
        ("[weining\n", "can't be read"),
    ],
)
def test_a_file_of_readers_that_is_wrong_says_where(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "readers.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        read_readers(path)
    assert said in str(error.value)
    assert "'secret'" not in str(error.value)


def test_the_command_prints_all_of_it_in_an_order_in_which_it_can_be_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "readers.toml"
    path.write_text(f"[weining]\nplace = '520526'\npassword_sha256 = '{HASH}'\n")
    assert ddl(cluster="guizhou", readers=path) == 0
    lines = capsys.readouterr().out.split(";\n\n")[:-1]
    first = {kind: next(n for n, each in enumerate(lines) if each.startswith(f"CREATE {kind}"))
             for kind in ("DATABASE", "TABLE", "OR REPLACE VIEW", "OR REPLACE TABLE",
                          "SETTINGS PROFILE", "ROLE", "ROW POLICY", "USER")}  # fmt: skip
    assert list(first.values()) == sorted(first.values())
    assert lines[-1] == "GRANT ON CLUSTER guizhou shouhe_place_520526 TO weining"


def test_before_a_rebuild_it_prints_the_tables_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert ddl(cluster="guizhou", generation=2, tables=True) == 0
    lines = capsys.readouterr().out.split(";\n\n")[:-1]
    assert all(re.match("CREATE (DATABASE|TABLE) IF NOT EXISTS", each) for each in lines)
    assert any("visits__" in each and "_2 ON CLUSTER" in each for each in lines)


# --- tried on the engine ----------------------------------------------------------------------

CONFIG = """
<clickhouse>
    <users_config>{users}</users_config>
    <user_directories><users_xml><path>{users}</path></users_xml></user_directories>
</clickhouse>
"""
USERS = """
<clickhouse>
    <profiles><default/></profiles><quotas><default/></quotas>
    <users>
        <default><password/><networks><ip>::/0</ip></networks><profile>default</profile>
            <quota>default</quota><access_management>1</access_management>{reader}</default>
        <shouhe><password/><networks><ip>::/0</ip></networks><profile>default</profile>
            <quota>default</quota><access_management>1</access_management>{owner}</shouhe>
    </users>
</clickhouse>
"""


def opened(folder: Path, reader: Policies, owner: Policies) -> Any:
    """The engine, whose only user, `default`, has a reader's policies.

    It takes policies from a file alone; the same that CREATE ROW POLICY would make.
    """

    def filters(chosen: Policies) -> str:
        said: dict[str, list[str]] = {}
        for (base, name), condition in chosen.items():
            text = f"<{name}><filter>{escape(condition)}</filter></{name}>"
            said.setdefault(base, []).append(text)
        inner = "".join(f"<{base}>{''.join(each)}</{base}>" for base, each in said.items())
        return f"<databases>{inner}</databases>" if inner else ""

    users, config = folder / "users.xml", folder / "config.xml"
    users.write_text(USERS.format(reader=filters(reader), owner=filters(owner)))
    config.write_text(CONFIG.format(users=users))
    return clickhouse_connect.get_client(
        interface="chdb", path=str(folder / "data"), chdb_options={"config-file": str(config)}
    )


DATA = {
    "child.registered.v1": '{"birth_date":"2015-03-07","residence_division":"PLACE"}',
    "visit.completed.v1": '{"by":"director","child_seen":true}',
    "contact.logged.v1": '{"by":"director","channel":"phone"}',
    "visit_list.child_listed.v1": '{"week":"2026-W12","village_code":"PLACE","worker_id":"D-1",'
    '"rank":1,"duty":"none"}',
}


def fill(client: Any) -> None:
    """A child here and a child elsewhere, each with a few events."""
    rows = []
    for number, (place, (type_, data)) in enumerate(product((HERE, ELSEWHERE), DATA.items()), 1):
        rows.append(
            f"({number}, {number}, '{type_}', generateUUIDv4(),"
            f" toUUID('00000000-0000-0000-0000-0000{place[:8]}'), '2026-03-01', '2026-03-01',"
            f" '{place}', '{data.replace('PLACE', place)}')"
        )
    client.command(
        "INSERT INTO shouhe.events (offset, position, type, event_id, child_id, occurred_at,"
        f" recorded_at, place, data) VALUES {', '.join(rows)}"
    )


@pytest.fixture(scope="module")
def reader(statements: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster of one shard, filled, and read as Weining reads it."""
    folder = tmp_path_factory.mktemp("cluster")
    everything = policies(statements, "shouhe, shouhe_analyst")
    client = opened(folder, {}, {})
    client.command("CREATE DATABASE shouhe")
    client.command("CREATE DATABASE shouhe_all")
    client.database = "shouhe"
    layout = lay_out(client, CLUSTER)
    fill(client)
    Engine(client).advance()
    for each in (*layout.views, *layout.whole):
        statement = each.replace(f" {CLUSTER.on}", "")
        if " ENGINE = Distributed(" in statement:
            # who asks a shard asks as himself, so that its policies hold
            name = re.findall(r"TABLE shouhe_all\.(\S+)", statement)[0]
            statement = (
                f"CREATE VIEW shouhe_all.{name} SQL SECURITY INVOKER AS SELECT * FROM shouhe.{name}"
            )
        elif any(f"VIEW shouhe.{table.name} " in statement for table in references()):
            continue
        client.command(statement.replace("cluster(guizhou, ", "remote('127.0.0.1', "))
    client.close()
    client = opened(folder, policies(statements, "shouhe_place_520526"), everything)
    yield client
    client.close()


ASKED = [
    *(f"{base}.{name}" for base in ("shouhe", "shouhe_all")
      for name in ("events", "children", "children_history", "visits", "contacts", "visit_list",
                   "duties")),
    *(f"{base}.{name}(as_of = '2026-06-30')" for base in ("shouhe", "shouhe_all")
      for name in ("children_as_of", "visits_as_of", "contacts_as_of", "duties_as_of",
                   "visit_list_as_of")),
    *(f"{base}.{name}_as_known(as_of = '2026-06-30', known_by = '2026-07-31')"
      for base in ("shouhe", "shouhe_all") for name in ("children", "visits", "duties")),
]  # fmt: skip


@pytest.mark.parametrize("source", ASKED)
def test_a_reader_of_a_place_sees_its_rows_and_no_others(reader: Any, source: str) -> None:
    column = "place" if "events" in source or "contacts" in source else "village_code"
    places = {row[0] for row in reader.query(f"SELECT {column} FROM {source}").result_rows}
    assert places == {HERE}
    counted = reader.query(f"SELECT count() FROM {source}").result_rows[0][0]
    here = reader.query(f"SELECT countIf({column} = '{HERE}') FROM {source}").result_rows[0][0]
    assert counted == here > 0
