"""The road walked by its commands, on a simulated county.

What is about processes (killed, two at once, nothing left behind) is done by processes of their
own; for the rest a command is called as `shouhe` calls it, and so saves a process its beginning.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
import time
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.cli import run
from infra.settings import Settings
from infra.warehouse import connect

ROOT = Path(__file__).resolve().parents[2]
TABLES = "SELECT name FROM system.tables WHERE database = 'shouhe' AND engine LIKE '%MergeTree'"
PERSONAL = ("name", "id_number", "phone", "address", "note", "reporter_name", "reporter_phone")


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "infra", *arguments],
        env={"SHOUHE_HOME": str(home), "PATH": "/usr/bin:/bin"},
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    """What a process said, once it has ended."""
    out, err = process.communicate(timeout=250)
    assert process.returncode == code, err
    assert "Traceback" not in err
    return out


def shouhe(home: Path, *arguments: str, code: int = 0) -> str:
    """What a command says, called in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [each for each in os.environ if each.startswith("SHOUHE_")]:
            patch.delenv(name)
        patch.setenv("SHOUHE_HOME", str(home))
        returned = run(list(arguments))
    said, told = (each.buffer.getvalue().decode() for each in (out, err))
    assert returned == code, told
    assert "Traceback" not in told
    return said


def answer(home: Path, *arguments: str, code: int = 0) -> Any:
    """The one JSON value that a command prints."""
    return json.loads(shouhe(home, *arguments, "--json", code=code))


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of 150 children."""
    path = tmp_path_factory.mktemp("events") / "county.jsonl"
    made = start(path.parent, "simulate", "--children", "150", "--from", "2024-09-01",
                 "--until", "2025-09-01", "--seed", "5", "--json", str(path))  # fmt: skip
    assert json.loads(ended(made))["events"] > 5000
    return path


@pytest.fixture(scope="module")
def count(events: Path) -> int:
    return events.read_bytes().count(b"\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, events: Path, count: int) -> Path:
    """A home in which the county has landed."""
    folder = tmp_path_factory.mktemp("home")
    counts = json.loads(ended(start(folder, "import", str(events), "--json")))
    assert counts == {"accepted": count, "duplicate": 0, "rejected": 0}
    return folder


def test_the_same_file_again_brings_only_duplicates(home: Path, events: Path, count: int) -> None:
    again = answer(home, "import", str(events))
    assert again == {"accepted": 0, "duplicate": count, "rejected": 0}


def test_projecting_and_rebuilding_bring_every_read_model_to_the_head(
    home: Path, count: int
) -> None:
    projected = json.loads(ended(start(home, "project", "--json")))
    assert projected["head"] == count
    assert set(projected["projections"].values()) == {count}
    rebuilt = answer(home, "rebuild", "visits", "children")
    assert rebuilt["projections"] == projected["projections"]
    said = answer(home, "verify")
    assert (said["events"], said["differences"]) == (count, 0)
    assert said["children"] >= 150


def test_lists_come_as_json_as_csv_and_as_tables(home: Path) -> None:
    rows = answer(home, "list", "--week", "2025-W36")
    assert rows
    assert list(rows[0])[:7] == [
        "village_code", "worker_id", "child_id", "rank", "duty", "score", "reasons",
    ]  # fmt: skip
    village = rows[0]["village_code"]
    own = answer(home, "list", "--week", "2025-W36", "--village", village)
    assert own == [row for row in rows if row["village_code"] == village]
    table = csv.DictReader(io.StringIO(shouhe(home, "list", "--week", "2025-W36", "--csv")))
    assert [row["child_id"] for row in table] == [row["child_id"] for row in rows]
    assert "走访清单" in shouhe(home, "list", "--week", "2025-W36", "--village", village)


def test_queries_are_answered_in_any_format_and_change_nothing(home: Path) -> None:
    assert shouhe(home, "query", "SELECT count() > 0 FROM visits", "--format", "TSV") == "1\n"
    line = shouhe(home, "query", "SELECT 1 AS one", "--format", "JSONEachRow")
    assert json.loads(line) == {"one": 1}
    for statement in ("DROP TABLE events", "INSERT INTO events (id) VALUES ('x')"):
        shouhe(home, "query", statement, code=1)


def test_a_rejection_is_listed_and_lands_by_replay_after_the_fix(home: Path) -> None:
    from domain.event import child_id
    from domain.identity import make_id_number

    number = make_id_number("529909", date(2016, 6, 1), 77)
    envelope = {"specversion": "1.0", "source": "/school", "time": "2025-08-30T08:00:00+08:00"}
    visit = {**envelope, "id": "v1", "type": "visit.completed.v1", "subject": number,
             "data": {"by": "director", "child_seen": True}}  # fmt: skip
    child = {**envelope, "id": "c1", "type": "child.registered.v1", "source": "/civil",
             "data": {"name": "苗后到", "id_type": "resident_id", "id_number": number,
                      "sex": "male", "birth_date": "2016-06-01", "hukou_type": "rural",
                      "hukou_division": "520526",
                      "residence_division": "520526001201"}}  # fmt: skip
    early, late = home / "early.json", home / "late.json"
    early.write_text(json.dumps(visit))
    late.write_text(json.dumps(child))
    assert answer(home, "import", str(early), code=3)["rejected"] == 1
    (kept,) = answer(home, "rejected")
    assert {"source", "id", "type", "code", "field", "message"} <= set(kept)
    assert (kept["code"], kept["field"]) == ("child_unknown", "subject")
    assert number not in json.dumps(kept)
    assert answer(home, "import", str(late))["accepted"] == 1
    assert answer(home, "rejected", "replay") == {"accepted": 1, "duplicate": 0, "rejected": 0}
    assert answer(home, "rejected") == []
    early.unlink()
    late.unlink()
    shouhe(home, "forget", str(child_id("/civil", "c1")))


def readable(folder: Path, wanted: list[str]) -> list[str]:
    """Which of the texts can be read in any file of a folder, and in ClickHouse's tables."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    with closing(connect(Settings(folder))) as client:
        tables = client.query(TABLES).result_columns[0]
        assert "events" in tables
        contents += [client.raw_query(f"SELECT * FROM `{each}`", fmt="TSV") for each in tables]
    return [text for text in wanted if any(text.encode() in content for content in contents)]


def test_no_personal_text_of_the_county_can_be_read_in_the_home(home: Path, events: Path) -> None:
    wanted: set[str] = set()
    with events.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            wanted |= {event["data"][each] for each in PERSONAL if event["data"].get(each)}
            wanted |= {event["subject"]} if len(event.get("subject", "")) == 18 else set()
    assert len(wanted) > 400
    shouhe(home, "project")
    assert readable(home, sorted(wanted)) == []
    planted = home / "planted.log"
    planted.write_text("x" + min(wanted) + "x")
    assert readable(home, [min(wanted)]) == [min(wanted)]
    planted.unlink()


def killed_import(home: Path, events: Path, kills: int, seed: int) -> int:
    """Import, kill -9 at a random moment, again. → how often it was in the middle."""
    begun = time.monotonic()
    ended(start(home / "measured", "import", str(events)))
    whole, dice, cut = time.monotonic() - begun, random.Random(seed), 0  # noqa: S311
    for _ in range(kills):
        process = start(home, "import", str(events), "--json")
        time.sleep(dice.uniform(0.2, 1) * whole)
        cut += process.poll() is None
        process.kill()
        process.communicate()
    return cut


def killed_and_whole(home: Path, events: Path, count: int, kills: int, seed: int) -> None:
    assert killed_import(home, events, kills, seed) > 0
    counts = answer(home, "import", str(events))
    assert counts["rejected"] == 0
    assert counts["accepted"] + counts["duplicate"] == count
    said = answer(home, "verify")
    assert (said["events"], said["differences"]) == (count, 0)


def test_an_import_killed_in_the_middle_loses_and_doubles_nothing(
    tmp_path: Path, events: Path, count: int
) -> None:
    killed_and_whole(tmp_path, events, count, kills=3, seed=1)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_an_import_killed_twenty_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    events = tmp_path / "county.jsonl"
    made = answer(tmp_path, "simulate", "--children", "800", "--from", "2024-09-01",
                  "--until", "2025-09-01", "--seed", "6", str(events))  # fmt: skip
    for turn in range(10):
        killed_and_whole(tmp_path / str(turn), events, made["events"], kills=2, seed=turn)


def test_two_imports_at_once_take_every_event_in_once(
    tmp_path: Path, events: Path, count: int
) -> None:
    both = [start(tmp_path, "import", str(events), "--json") for _ in range(2)]
    counts = []
    for each in both:
        out, err = each.communicate(timeout=250)
        assert each.returncode == 0, err
        counts.append(json.loads(out))
    assert sum(each["accepted"] for each in counts) == count
    assert sum(each["duplicate"] for each in counts) == count
    assert sum(each["rejected"] for each in counts) == 0


# --- who owes what, and how far the tasks are --------------------------------------------------


@pytest.fixture(scope="module")
def due(home: Path) -> Any:
    """What is due in a county on a day."""
    return answer(home, "duties", "--as-of", "2025-06-01", "--place", "520526")


@pytest.fixture(scope="module")
def counted(home: Path) -> Any:
    """That county's indicators of the day."""
    return answer(home, "indicators", "--as-of", "2025-06-01", "--place", "520526")


def test_what_is_due_is_listed_with_who_owes_it_and_why_most_overdue_first(
    home: Path, due: Any
) -> None:
    rows = due
    late = [row["overdue_days"] for row in rows]
    assert late == sorted(late, reverse=True)
    assert late[0] > 0
    assert {row["state"] for row in rows} == {"open", "overdue"}
    assert {"T8.6", "T8.5", "T5.5", "T13.3", "T8.9"} <= {row["rule"] for row in rows}
    assert all(row["actor"] and row["what"] and row["place"].startswith("520526") for row in rows)
    one = answer(home, "duties", "--as-of", "2025-06-01", "--rule", "T8.9")
    assert {row["check"] for row in one} == {"T8.9"}


def test_cases_say_what_is_next_and_who_has_to_do_it(home: Path) -> None:
    rows = answer(home, "cases", "--as-of", "2025-06-01", "--place", "520526", "--open")
    assert rows
    assert all(each["next_step"] and each["actor"] for each in rows)
    one = answer(home, "cases", "--as-of", "2025-06-01", "--kind", "agreement")
    assert {each["kind"] for each in one} == {"agreement"}
    assert "办理事项" in shouhe(home, "cases", "--place", "520526")


def test_indicators_count_what_the_duties_list(due: Any, counted: Any) -> None:
    rows, shown = due, counted
    county = [each for each in shown if each["place"] == "520526"]
    late = sum(row["state"] == "overdue" for row in rows)
    assert sum(each["overdue"] for each in county) == late
    assert any(len(each["place"]) == 9 for each in shown), "and the townships in it"
    assert [each["rule"] for each in county if each["check"] == "T8.5"] == ["T8.5"]
    for each in county:
        assert each["subjects"] == each["met"] + each["late"] + each["open"] + each["overdue"]


def test_the_hardship_allowance_is_met_and_broken_in_a_county(counted: Any) -> None:
    """T9.2, the one hard rule that claims and not events of a subject decide."""
    shown = [each for each in counted if each["rule"] == "T9.2"]
    assert sum(each["met"] for each in shown) > 0
    assert sum(each["overdue"] for each in shown) > 0


def test_a_place_or_a_rule_that_cannot_be_is_wrong_usage(home: Path) -> None:
    for arguments in (("--place", "威宁"), ("--rule", "T99.1")):
        shouhe(home, "duties", *arguments, code=2)


def test_people_read_the_same_as_a_table(home: Path) -> None:
    assert "应办事项" in shouhe(home, "duties", "--place", "520526")
    assert "十八项任务指标" in shouhe(home, "indicators", "--place", "520526", "--rule", "T8.6")
