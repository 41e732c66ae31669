"""`shouhe copy`: a whole event store moves, whatever dies on the way, or says why it can't."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from domain.errors import WrongUsageError
from infra import cli, copying
from infra.commands.copy import place, shown
from infra.copying import CopyError, Report, copy
from infra.event_store import EventLog, StoreError
from infra.home import Home
from infra.settings import Settings
from simulation.county import simulate

ROOT = Path(__file__).resolve().parents[2]
TABLES = ["stored_events", "seen", "children", "rejections", "sink_ledger"]
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)

COPY = """
import sys
from infra.commands.copy import copy
print("ready", flush=True)
sys.exit(copy(from_=sys.argv[1], to=sys.argv[2]))
"""


def silent(done: int, total: int | None = None) -> None: ...


def unmoved(position: int) -> None:
    pytest.fail(f"the source moved to {position}")


def run(source: EventLog, target: EventLog) -> Report:
    return copy(source, target, silent, unmoved)


def fill(log: EventLog, count: int, seed: int = 1) -> None:
    """Events and what stands beside them, without asking a guard."""
    chance, at = random.Random(seed), log.head()  # noqa: S311 - a seeded generator is the point
    states = [chance.randbytes(chance.randint(0, 900)) for _ in range(count)]
    rows = [(chance.randbytes(16).hex(), 1, "visit.completed.v1", each) for each in states]
    with log.store.writing() as cursor:
        log.store.append(cursor, at, rows)
        cursor.executemany(
            "INSERT INTO seen VALUES (?, ?)",
            [(chance.randbytes(16), at + n) for n in range(1, count, 3)],
        )
        cursor.executemany(
            "INSERT INTO children VALUES (?, ?, ?, ?)",
            [(chance.randbytes(16), chance.choice([None, chance.randbytes(32)]), "520526100201", 1)
             for _ in range(0, count, 7)],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO rejections (key, source, id, type, code, field, value, message,"
            " received_at, attempts, body) VALUES (?, '/县', ?, 't', 'c', 'f', '', 'm', 'r', 1, ?)",
            [(chance.randbytes(16), str(n), chance.choice([None, "密" * chance.randint(1, 50)]))
             for n in range(0, count, 11)],
        )  # fmt: skip


@pytest.fixture
def new_log(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Callable[[str], EventLog]]:
    """Opens an empty store of a kind."""
    opened: list[EventLog] = []

    def make(kind: str) -> EventLog:
        where = new_database() if kind == "postgres" else tmp_path / f"{uuid4().hex}.sqlite"
        opened.append(EventLog(where))
        return opened[-1]

    yield make
    for log in opened:
        log.close()


WAYS = pytest.mark.parametrize(
    ("there", "here"),
    [
        ("sqlite", "postgres"),
        ("postgres", "sqlite"),
        ("sqlite", "sqlite"),
        ("postgres", "postgres"),
    ],
)


# --- what arrives -----------------------------------------------------------------------------


@WAYS
def test_everything_arrives_and_both_digests_say_so(there, here, new_log, monkeypatch) -> None:
    monkeypatch.setattr(copying, "PAGE", 70)
    source, target = new_log(there), new_log(here)
    fill(source, 500)
    report = run(source, target)
    assert (report.same, report.head, report.copied) == (True, 500, 500)
    assert report.first_difference is None
    assert [each.table for each in report.tables] == TABLES
    assert [each.target.rows for each in report.tables] == [500, 167, 72, 46, 0]
    assert target.rows(0, None, 1000) == source.rows(0, None, 1000)
    for table, key in (("seen", "event_id"), ("children", "child_id"), ("rejections", "seq")):
        assert content(target, table, key) == content(source, table, key)


def content(log: EventLog, table: str, key: str) -> list[Any]:
    with log.store.reading() as cursor:
        return cursor.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall()


def test_the_digest_does_not_depend_on_the_database_or_the_page(new_log, monkeypatch) -> None:
    logs = [new_log(kind) for kind in ("sqlite", "postgres", "sqlite")]
    fill(logs[0], 300)
    found = []
    for source, target, page in ((logs[0], logs[1], 70), (logs[1], logs[2], 299)):
        monkeypatch.setattr(copying, "PAGE", page)
        found.append([each.target for each in run(source, target).tables])
    assert found[0] == found[1]


@WAYS
def test_an_empty_store_is_copied_too(there, here, new_log) -> None:
    report = run(new_log(there), new_log(here))
    assert (report.same, report.head, report.copied) == (True, 0, 0)


@WAYS
def test_the_numbers_of_kept_rejections_go_on_after_the_last_one(there, here, new_log) -> None:
    source, target = new_log(there), new_log(here)
    fill(source, 100)
    run(source, target)
    last = content(source, "rejections", "seq")[-1][0]
    with target.store.writing() as cursor:
        cursor.execute(
            "INSERT INTO rejections (key, source, id, type, code, field, value, message,"
            " received_at, attempts) VALUES (?, '/s', 'new', 't', 'c', 'f', '', 'm', 'r', 1)",
            (b"new",),
        )
    assert content(target, "rejections", "seq")[-1][0] == last + 1


@WAYS
def test_the_log_goes_on_in_the_copy_without_a_gap(there, here, new_log) -> None:
    source, target = new_log(there), new_log(here)
    fill(source, 20)
    run(source, target)
    assert target.store.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")]) == [21]


def test_a_second_copy_brings_only_what_is_new(new_log) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 300)
    run(source, target)
    assert run(source, target).copied == 0
    fill(source, 40, seed=2)
    with source.store.writing() as cursor:  # one landed after all; one child moved
        cursor.execute("DELETE FROM rejections WHERE seq = 1")
        cursor.execute("UPDATE children SET village = '520526100202'")
    report = run(source, target)
    assert (report.same, report.copied, report.head) == (True, 40, 340)
    assert content(target, "children", "child_id") == content(source, "children", "child_id")


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("here", ["sqlite", "postgres"])
def test_a_target_with_other_events_is_refused_and_the_position_named(here, new_log) -> None:
    source, target = new_log("sqlite"), new_log(here)
    fill(source, 50)
    with target.store.writing() as cursor:
        rows = [row[1:] for row in source.rows(0, 20, 100)]
        rows[6] = (rows[6][0], rows[6][1], rows[6][2], b"{}")
        target.store.append(cursor, 0, rows)
    with pytest.raises(CopyError, match="--to: its event at position 7 is not the source's"):
        run(source, target)
    assert target.head() == 20


def test_a_target_that_holds_more_than_the_source_is_refused(new_log) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    run(source, target)
    target.store.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")])
    with pytest.raises(CopyError, match="position 51 is not the source's"):
        run(source, target)


@pytest.mark.parametrize("here", ["sqlite", "postgres"])
def test_a_rejection_that_the_target_kept_for_itself_is_not_thrown_away(here, new_log) -> None:
    source, target = new_log("sqlite"), new_log(here)
    fill(source, 50)
    run(source, target)
    with target.store.writing() as cursor:
        cursor.execute("UPDATE rejections SET attempts = 2 WHERE seq = 1")
    fill(source, 1, seed=3)
    said = r"--to: its table rejections \(5 rows\) holds what no copy"
    with pytest.raises(CopyError, match=said):
        run(source, target)
    assert content(target, "rejections", "seq")[0][10] == 2


def test_a_target_with_children_and_no_events_is_refused(new_log) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    with target.store.writing() as cursor:
        cursor.execute("INSERT INTO children VALUES (?, NULL, '520526100201', 1)", (b"x",))
    with pytest.raises(CopyError, match=r"table children \(1 rows\)"):
        run(source, target)


def test_a_hole_in_the_source_is_named(new_log, tmp_path) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    with source.store.writing() as cursor:
        cursor.execute("DELETE FROM stored_events WHERE rowid = 31")
    with pytest.raises(CopyError, match="--from: no event at position 31"):
        run(source, target)


def test_another_writer_on_the_target_is_noticed(new_log, monkeypatch) -> None:
    monkeypatch.setattr(copying, "PAGE", 10)
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)

    def interfere(done: int, total: int | None = None) -> None:
        if done == 20:
            target.store.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")])

    with pytest.raises(CopyError, match="--to: another process writes to this store"):
        copy(source, target, interfere, unmoved)


@pytest.mark.parametrize("table", ["stored_events", "seen", "children", "rejections"])
def test_a_row_that_changed_on_the_way_is_found(table, new_log, monkeypatch) -> None:
    """The check reads both sides again: here the target is damaged just before."""
    damage = {
        "stored_events": "UPDATE stored_events SET state = 'x' WHERE rowid = 17",
        "seen": "UPDATE seen SET position = 3 WHERE position = 4",
        "children": "UPDATE children SET status = 0",
        "rejections": "UPDATE rejections SET body = NULL",
    }[table]
    source, target = new_log("postgres"), new_log("sqlite")
    fill(source, 50)
    real = copying._copy_sides

    def damaged(*given: Any) -> Any:
        brought = real(*given)
        with target.store.writing() as cursor:
            cursor.execute(damage)
        return brought

    monkeypatch.setattr(copying, "_copy_sides", damaged)
    report = run(source, target)
    assert not report.same
    assert [each.table for each in report.tables if each.source != each.target] == [table]
    assert report.first_difference == (17 if table == "stored_events" else None)


# --- a source that moves ----------------------------------------------------------------------


def test_a_source_that_moves_is_gone_after_until_it_stands_still(new_log, monkeypatch) -> None:
    monkeypatch.setattr(copying, "PAUSE", 0.0)
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 200)
    said: list[int] = []
    seeds, sides = iter((101, 102)), copying._copy_sides

    def sides_while_others_write(*given: Any) -> Any:
        brought = sides(*given)
        for seed in seeds:
            fill(source, 5, seed=seed)
            break
        return brought

    monkeypatch.setattr(copying, "_copy_sides", sides_while_others_write)
    report = copy(source, target, silent, said.append)
    assert said == [205, 210]
    assert report.same
    assert report.head == target.head()
    final = run(source, target)
    assert (final.same, final.head) == (True, 210)


def test_a_change_beside_the_events_counts_as_movement(new_log, monkeypatch) -> None:
    monkeypatch.setattr(copying, "PAUSE", 0)
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    real, said = copying._Chain.extend, list[int]()

    def meddled(chain: Any, upto: int) -> None:
        if not said:
            with source.store.writing() as cursor:
                cursor.execute("DELETE FROM rejections WHERE seq = 1")
        real(chain, upto)

    monkeypatch.setattr(copying._Chain, "extend", meddled)
    assert copy(source, target, silent, said.append).same
    assert said == [50]
    assert content(target, "rejections", "seq")[0][0] == 2


def test_a_source_that_never_stands_still_is_refused_with_the_remedy(new_log, monkeypatch) -> None:
    monkeypatch.setattr(copying, "PAUSE", 0)
    monkeypatch.setattr(copying, "ROUNDS", 3)
    source, target = new_log("sqlite"), new_log("sqlite")
    seeds = iter(range(100))
    fill(source, 50)
    real = copying._Chain.extend

    def moving(chain: Any, upto: int) -> None:
        real(chain, upto)
        fill(source, 1, seed=1000 + next(seeds))

    monkeypatch.setattr(copying._Chain, "extend", moving)
    with pytest.raises(CopyError, match="--from: something still writes to this store; stop it"):
        copy(source, target, silent, lambda position: None)
    monkeypatch.undo()
    assert run(source, target).same


# --- kill -9 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("there", "here"), [("sqlite", "postgres"), ("postgres", "sqlite")])
def test_killed_anywhere_and_run_again_it_ends_with_the_same_store(
    there: str, here: str, new_log: Callable[[str], EventLog]
) -> None:
    source, target = new_log(there), new_log(here)
    for seed in range(4):
        fill(source, 15_000, seed)
    chance, heads = random.Random(7), [0]  # noqa: S311 - a seed
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", COPY, url(source), url(target)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 0.45))
        process.kill()
        _, said = process.communicate()
        assert "Traceback" not in said
        heads.append(target.head())
        assert heads[-1] >= heads[-2]
    assert any(0 < at < 60_000 for at in heads)  # it was in the middle at least once
    report = run(source, target)
    assert (report.same, report.head) == (True, 60_000)
    assert report.copied == 60_000 - heads[-1]


def url(log: EventLog) -> str:
    return log._where if isinstance(log._where, str) else f"sqlite:///{log._where}"


def test_killed_between_the_events_and_what_stands_beside_them(new_log, monkeypatch) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 100)
    real = copying._replace

    def die(side: Any, *given: Any) -> Any:
        if side.table == "rejections":
            raise StoreError("the power is gone")
        return real(side, *given)

    monkeypatch.setattr(copying, "_replace", die)
    with pytest.raises(StoreError):
        run(source, target)
    assert target.head() == 100
    assert content(target, "seen", "event_id") == []  # all of them or none
    monkeypatch.undo()
    assert run(source, target).same


# --- a county, by the command -----------------------------------------------------------------


def shouhe(home: Path, store: str, *arguments: str) -> Any:
    """Run a command in a process of its own. → the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "infra", *arguments, "--json"],
        env={"SHOUHE_HOME": str(home), "SHOUHE_EVENT_STORE": store, "PATH": os.defpath},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a year of 40 children, one CloudEvent a line; one child's registration comes last."""
    path = tmp_path_factory.mktemp("county") / "events.jsonl"
    lines = list(
        simulate(
            county="520526", children=40, start=date(2024, 9, 1), until=date(2025, 3, 1), seed=5
        )
    )
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[..., tuple[int, str, str]]:
    """`shouhe copy …` → exit code, output, remarks."""
    monkeypatch.setitem(cli.COMMANDS, "copy", ("copy:copy", "Move a whole event store."))

    def call(home: Path, *arguments: object) -> tuple[int, str, str]:
        monkeypatch.setenv("SHOUHE_HOME", str(home))
        code = cli.run(["copy", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_a_county_moves_to_postgres_and_its_road_goes_on_there(
    county: Path, tmp_path: Path, postgres_database: str, command: Any
) -> None:
    """Its read models go on, what it has is a duplicate, what it kept as rejected can land."""
    home, count = tmp_path / "home", county.read_bytes().count(b"\n")
    orphan = {
        "specversion": "1.0", "id": "o-1", "source": "/test", "type": "visit.completed.v1",
        "time": "2025-02-01T08:00:00+08:00", "subject": str(uuid4()),
        "data": {"by": "director", "child_seen": True},
    }  # fmt: skip
    with Home(Settings(home), clock=lambda: NOW) as old:
        counts = old.intake.import_file(county)
        assert (counts.accepted, counts.rejected) == (count, 0)
        assert [each.status for each in old.intake.submit([json.dumps(orphan).encode()])] == [
            "rejected"
        ]
        kept = list(old.intake.rejected())
    checked = shouhe(home, "", "verify")
    assert checked["differences"] == 0

    code, out, _ = command(home, "--from", home, "--to", postgres_database, "--json")
    moved = json.loads(out)
    assert (code, moved["same"], moved["copied"], moved["head"]) == (0, True, count, count)
    rows = {each["table"]: each["target"]["rows"] for each in moved["tables"]}
    assert rows["stored_events"] == count
    assert rows["children"] == 40
    assert rows["rejections"] == 1
    assert rows["sink_ledger"] > 0
    assert moved["keys"] == str(home / "keys.sqlite")

    with Home(Settings(home, event_store=postgres_database), clock=lambda: NOW) as new:
        assert list(new.intake.rejected()) == kept
        again = new.intake.import_file(county)
        assert (again.accepted, again.duplicate, again.rejected) == (0, count, 0)
        assert new.intake.submit([json.dumps(orphan).encode()])[0].status == "rejected"
    assert shouhe(home, postgres_database, "verify") == checked


def test_the_output_names_the_next_step_and_the_keys_and_no_password(
    tmp_path: Path, new_log: Callable[[str], EventLog], command: Any
) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 30)
    secret = url(target).replace("shouhe@", "shouhe:korn-und-reis@")
    code, out, err = command(tmp_path, "--from", url(source), "--to", secret)
    assert (code, err) == (0, "")
    assert "30 events copied, 0 were there before" in out
    assert "the stores are the same, up to position 30" in out
    assert f"SHOUHE_EVENT_STORE={url(target)} " in out
    assert f"{tmp_path / 'keys.sqlite'} and {tmp_path / 'master.key'}" in out
    assert "korn-und-reis" not in out


def test_a_difference_ends_with_one_and_names_the_position(
    tmp_path: Path, new_log: Callable[[str], EventLog], command: Any, monkeypatch: Any
) -> None:
    source, target = new_log("sqlite"), new_log("sqlite")
    fill(source, 30)
    run(source, target)
    monkeypatch.setattr(copying, "PAGE", 10)  # the last page is looked at before: not position 5
    with target.store.writing() as cursor:
        cursor.execute("UPDATE stored_events SET state = x'00' WHERE rowid = 5")
    code, out, _ = command(tmp_path, "--from", url(source), "--to", url(target))
    assert code == 1
    assert "the stores DIFFER, first at position 5" in out


def test_a_store_that_is_not_there_is_named_and_nothing_is_made(
    tmp_path: Path, command: Any, postgres_database: str
) -> None:
    code, _, err = command(tmp_path, "--from", tmp_path / "none", "--to", postgres_database)
    assert code == 1
    assert f"--from: there is no event store {tmp_path / 'none' / 'events.sqlite'}" in err
    with closing(psycopg.connect(postgres_database)) as connection:
        found = connection.execute("SELECT to_regclass('stored_events')").fetchone()
    assert found == (None,)
    assert not (tmp_path / "none").exists()


def test_a_target_that_does_not_answer_is_named(
    tmp_path: Path, new_log: Callable[[str], EventLog], command: Any
) -> None:
    source = url(new_log("sqlite"))
    code, _, err = command(
        tmp_path, "--from", source, "--to", "postgresql://s:geheim@127.0.0.1:1/s"
    )
    assert code == 1
    assert "--to: event store: PostgreSQL" in err
    assert "Connection refused" in err
    assert "geheim" not in err


def test_db_functions_are_refused_for_a_copy_too(
    tmp_path: Path, new_log: Any, command: Any, postgres_database: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    code, _, err = command(tmp_path, "--from", url(new_log("sqlite")), "--to", postgres_database)
    assert code == 1
    assert "POSTGRES_ENABLE_DB_FUNCTIONS: 'y' is refused" in err


@pytest.mark.parametrize("to", ["mysql://u:geheim@h/d", "SAME"])
def test_a_target_that_makes_no_sense_is_wrong_usage(
    to: str, tmp_path: Path, new_log: Callable[[str], EventLog], command: Any
) -> None:
    source = url(new_log("sqlite"))
    code, _, err = command(tmp_path, "--from", source, "--to", to.replace("SAME", source))
    assert code == 2
    assert "--to: " in err
    assert "geheim" not in err


def test_places_are_read_as_the_settings_read_them() -> None:
    assert place("--to", "sqlite:////srv/a/events.sqlite") == Path("/srv/a/events.sqlite")
    assert place("--to", "/srv/a") == Path("/srv/a/events.sqlite")
    assert place("--to", "/srv/a/old.sqlite") == Path("/srv/a/old.sqlite")
    assert place("--to", "postgresql://u@h/d") == "postgresql://u@h/d"
    with pytest.raises(WrongUsageError, match="--from: 'file' is no event store"):
        place("--from", "file:///srv/a")
    assert Settings(Path("var"), event_store=shown(Path("/srv/a.sqlite"))).store == Path(
        "//srv/a.sqlite"
    )
    assert shown("postgresql://u:p@h/d?password=p&sslmode=require") == (
        "postgresql://u@h/d?sslmode=require"
    )


def test_a_file_written_before_there_was_a_ledger_is_copied(new_log, tmp_path) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 30)
    path = source._where
    with closing(sqlite3.connect(path)) as db:
        assert (
            db.execute("SELECT name FROM sqlite_master WHERE name = 'sink_ledger'").fetchall() == []
        )
    report = run(source, target)
    assert report.same
    assert report.tables[-1].target.rows == 0
