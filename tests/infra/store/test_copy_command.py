"""`shouhe copy`: a county moves to PostgreSQL, killed on the way or not, or it is said why not."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from domain.errors import WrongUsageError
from infra import cli, copying
from infra.commands.copy import place, shown
from infra.event_store import EventLog
from infra.home import Home
from infra.settings import Settings
from simulation.county import simulate

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
HELD = 30_000

COPY = """
import sys
from infra.commands.copy import copy
print("ready", flush=True)
sys.exit(copy(from_=sys.argv[1], to=sys.argv[2]))
"""


def url(log: EventLog) -> str:
    return log._where if isinstance(log._where, str) else f"sqlite:///{log._where}"


# --- a county -------------------------------------------------------------------------------


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


# --- kill -9 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("there", "here"), [("sqlite", "postgres"), ("postgres", "sqlite")])
def test_killed_anywhere_and_run_again_it_ends_with_the_same_store(
    *, there: str, here: str, tmp_path: Path, new_log: Any, fill: Any, processes: Any, command: Any
) -> None:
    source, target = new_log(there), new_log(here)
    fill(source, HELD)
    chance, heads = random.Random(7), [0]  # noqa: S311 - a seed
    for goal in (1, HELD // 3, HELD // 2, HELD, HELD):
        process = processes.run(COPY, url(source), url(target))
        processes.ready(process)
        while target.head() < goal:
            assert process.poll() is None
        if goal == HELD:  # then what stands beside the events is copied, and all is compared
            time.sleep(chance.uniform(0, 0.2))
        process.kill()
        process.wait()
        heads.append(target.head())
    assert heads == sorted(heads)
    assert 0 < heads[1] < HELD
    code, out, _ = command(tmp_path, "--from", url(source), "--to", url(target), "--json")
    moved = json.loads(out)
    assert (code, moved["same"], moved["head"]) == (0, True, HELD)
    assert [each["target"]["rows"] > 0 for each in moved["tables"]] == [True] * 4 + [False]


# --- what it says -----------------------------------------------------------------------------


def test_the_output_names_the_next_step_and_the_keys_and_no_password(
    tmp_path: Path, new_log: Callable[[str], EventLog], fill: Any, command: Any
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
    tmp_path: Path, new_log: Callable[[str], EventLog], fill: Any, command: Any, monkeypatch: Any
) -> None:
    source, target = new_log("sqlite"), new_log("sqlite")
    fill(source, 30)
    assert command(tmp_path, "--from", url(source), "--to", url(target))[0] == 0
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
    assert f"--from: there is no event store sqlite:///{tmp_path}/none/events.sqlite" in err
    with closing(psycopg.connect(postgres_database)) as connection:
        found = connection.execute("SELECT to_regclass('stored_events')").fetchone()
    assert found == (None,)
    assert not (tmp_path / "none").exists()


def test_what_is_no_event_store_is_refused_and_stays_as_it_was(
    tmp_path: Path, new_log: Any, new_database: Any, command: Any
) -> None:
    """Keys are not taken for events, nor is anyone else's database."""
    keys, other, log = tmp_path / "keys.sqlite", new_database(), url(new_log("sqlite"))
    with closing(sqlite3.connect(keys)) as db:
        db.execute("CREATE TABLE data_keys (scope TEXT)")
    with psycopg.connect(other, autocommit=True) as server:
        server.execute("CREATE TABLE payroll (id int)")
    before = keys.read_bytes()
    for place_, named in ((str(keys), "data_keys"), (other, "payroll")):
        code, _, err = command(tmp_path, "--from", place_, "--to", tmp_path / "new.sqlite")
        assert (code, "--from: there is no event store" in err) == (1, True)
        code, _, err = command(tmp_path, "--from", log, "--to", place_)
        assert (code, f"holds other tables ({named}); name an empty" in err) == (1, True)
    assert keys.read_bytes() == before
    with psycopg.connect(other) as server:
        assert server.execute("SELECT to_regclass('stored_events')").fetchone() == (None,)
    assert not (tmp_path / "new.sqlite").exists()


def test_a_file_that_is_no_database_is_named(tmp_path: Path, command: Any) -> None:
    (tmp_path / "events.sqlite").write_bytes(b"nothing of the kind" * 100)
    code, _, err = command(tmp_path, "--from", tmp_path, "--to", tmp_path / "new.sqlite")
    assert code == 1
    assert f"--from: event store: {tmp_path / 'events.sqlite'} can't be read: " in err


def test_a_password_file_that_is_missing_is_named_with_the_option(
    tmp_path: Path, new_log: Callable[[str], EventLog], command: Any
) -> None:
    secret = tmp_path / "secret"
    code, _, err = command(
        tmp_path,
        "--from",
        url(new_log("sqlite")),
        "--to",
        f"postgresql://u@h/d?password_file={secret}",
    )
    assert code == 1
    assert f"--to: password_file {secret} can't be read" in err


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


def test_an_address_is_shown_without_its_passwords_and_can_be_used_again() -> None:
    assert shown("postgresql://u:p@h/d?password=p&sslmode=require&sslpassword=p") == (
        "postgresql://u@h/d?sslmode=require"
    )
    kept = "postgresql://u@h:5432/d?password_file=/run/secrets/s"
    assert shown(kept) == kept
    assert place("--to", shown(Path("/srv/a.sqlite"))) == Path("/srv/a.sqlite")
