"""One byte changed anywhere in the store is found, and its place is named."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from infra.audit import Verdict, verify
from infra.audit.anchors import Anchors
from infra.audit.chain import RECORD
from infra.home import Home
from infra.settings import Settings
from simulation.county import simulate

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with some 750 events, sealed on two days."""
    folder = tmp_path_factory.mktemp("sealed")
    lines = list(simulate(children=20, start=date(2025, 1, 1), until=date(2025, 6, 1), seed=3))
    with Home(Settings(folder), lambda: NOW) as home:
        home.intake.submit(lines[:700])
        home.seal()
    with Home(Settings(folder), lambda: NOW + timedelta(days=1)) as home:
        home.intake.submit(lines[700:])
        home.seal()
    with sqlite3.connect(folder / "events.sqlite") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return folder


@pytest.fixture
def home(sealed: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy to be tampered with."""
    copy = tmp_path / "home"
    shutil.copytree(sealed, copy)
    yield copy
    shutil.rmtree(copy)


def proven(folder: Path) -> Verdict:
    with Home(Settings(folder)) as home:
        return verify(
            home.log, home.chain, list(home.anchors), key=home.anchors.key,
            file=home.settings.events_path, keys=home.keys,
        )  # fmt: skip


def change(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / "events.sqlite") as db:
        db.execute(statement, values)
    db.close()


def test_an_untouched_log_is_sound(home: Path) -> None:
    verdict = proven(home)
    assert verdict.faults == []
    assert verdict.events == verdict.chained > 700
    assert verdict.anchors == 2


def test_what_came_after_the_seal_is_no_fault(home: Path) -> None:
    lines = list(simulate(children=20, start=date(2025, 1, 1), until=date(2025, 6, 20), seed=3))
    with Home(Settings(home), lambda: NOW) as opened:
        opened.intake.submit(lines)
    verdict = proven(home)
    assert verdict.sound
    assert verdict.events > verdict.chained


@pytest.mark.parametrize("position", [1, 2, 699, 700, 701, 750])
def test_a_flipped_byte_of_an_event_is_located(home: Path, position: int) -> None:
    with sqlite3.connect(home / "events.sqlite") as db:
        (state,) = db.execute(
            "SELECT state FROM stored_events WHERE rowid = ?", (position,)
        ).fetchone()
    db.close()
    dice = random.Random(position)  # noqa: S311 - a seeded die
    for _ in range(3):
        place = dice.randrange(len(state))
        flipped = bytearray(state)
        flipped[place] ^= 1 << dice.randrange(8)
        change(home, "UPDATE stored_events SET state = ? WHERE rowid = ?", bytes(flipped), position)
        assert proven(home).first_broken == position


@pytest.mark.parametrize(
    "statement",
    ["UPDATE stored_events SET topic = 'visit.completed.v2' WHERE rowid = 500",
     "UPDATE stored_events SET originator_version = 9 WHERE rowid = 500",
     "UPDATE stored_events SET originator_id = '0' WHERE rowid = 500",
     "UPDATE stored_events SET topic = CAST(x'ff' AS TEXT) WHERE rowid = 500",
     "UPDATE stored_events SET state = NULL WHERE rowid = 500",
     "DELETE FROM stored_events WHERE rowid = 500"],
)  # fmt: skip
def test_a_changed_or_dropped_row_is_located(home: Path, statement: str) -> None:
    try:
        change(home, statement)
    except sqlite3.IntegrityError:
        pytest.skip("the database itself refuses it")
    assert proven(home).first_broken == 500


def test_a_log_cut_at_its_end_is_shorter_than_its_chain(home: Path) -> None:
    change(home, "DELETE FROM stored_events WHERE rowid > 720")
    assert proven(home).first_broken == 721


def test_a_chain_made_anew_over_a_changed_log_does_not_fit_the_anchors(home: Path) -> None:
    change(home, "UPDATE stored_events SET originator_version = 9 WHERE rowid = 650")
    (home / "audit" / "chain.bin").unlink()
    with Home(Settings(home), lambda: NOW + timedelta(days=2)) as opened:
        opened.seal()
    verdict = proven(home)
    assert {each.what for each in verdict.faults} == {"anchor"}
    assert verdict.first_broken == 700, "the first anchor after it"


def test_an_anchor_signed_by_another_key_or_changed_is_seen(home: Path, tmp_path: Path) -> None:
    path = home / "audit" / "anchors.jsonl"
    first, second = path.read_bytes().splitlines()
    forged = {**json.loads(first), "position": 300}
    path.write_bytes(json.dumps(forged).encode() + b"\n" + second + b"\n")
    assert [each.what for each in proven(home).faults] == ["anchor"]
    foreign = Anchors(tmp_path / "foreign.jsonl", b"\1" * 32).drop((300, b"\2" * 32), NOW)
    path.write_bytes(msgspec.json.encode(foreign) + b"\n")
    assert [each.what for each in proven(home).faults] == ["anchor"]


def test_damage_to_the_chain_itself_is_told_from_damage_to_the_log(home: Path) -> None:
    path = home / "audit" / "chain.bin"
    held = bytearray(path.read_bytes())
    held[RECORD.size * 499 + 20] ^= 4
    path.write_bytes(held)
    verdict = proven(home)
    assert [(each.what, each.position) for each in verdict.faults] == [("chain", 500)]


def test_a_torn_record_is_made_again(home: Path) -> None:
    path = home / "audit" / "chain.bin"
    whole = path.read_bytes()
    path.write_bytes(whole[:-13])
    with Home(Settings(home), lambda: NOW + timedelta(days=1)) as opened:
        opened.seal()
    assert path.read_bytes() == whole


def test_one_bit_anywhere_in_the_file_is_found_or_was_of_nothing_stored(home: Path) -> None:
    """Free pages and unused bytes hold nothing; there, and only there, a flip changes nothing."""
    path, dice = home / "events.sqlite", random.Random(20261125)  # noqa: S311 - a seeded die
    whole, before = path.read_bytes(), content(home)
    found = 0
    for _ in range(60):
        flipped = bytearray(whole)
        flipped[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        path.write_bytes(flipped)
        try:
            sound = proven(home).sound
        except Exception:  # noqa: BLE001 - it can't even be opened: found as well
            sound = False
        found += not sound
        if sound:
            assert content(home) == before
    path.write_bytes(whole)
    assert found > 30


def content(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "events.sqlite") as db:
        rows = [
            row
            for table in ("stored_events", "seen", "children")
            for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
        ]
    db.close()
    return rows
