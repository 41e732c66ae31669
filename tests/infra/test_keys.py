"""Keys: what is encrypted stays so, and what is destroyed is gone from the disk."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.keys import KeyDestroyedError, KeyRing, KeyRingError


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[KeyRing]:
    opened = open_ring(tmp_path)
    yield opened
    opened.close()


def open_ring(folder: Path) -> KeyRing:
    return KeyRing(folder / "keys.sqlite", folder / "master.key")


def wrapped(folder: Path, scope: str) -> bytes | None:
    db = sqlite3.connect(folder / "keys.sqlite")
    row = db.execute("SELECT wrapped FROM data_keys WHERE scope = ?", (scope,)).fetchone()
    db.close()
    return row[0] if row else None


def on_disk(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.iterdir())


def test_a_text_comes_back_under_its_own_scope_only(ring):
    token = ring.encrypt("child/a", "苗苗")
    assert token.startswith("enc1:")
    assert "苗苗" not in token
    assert ring.decrypt("child/a", token) == "苗苗"
    ring.ensure(["child/b"])
    with pytest.raises(KeyRingError):
        ring.decrypt("child/b", token)
    assert ring.encrypt("child/a", "苗苗") != token


def test_keys_outlive_the_process(tmp_path, ring):
    token = ring.encrypt("child/a", "苗苗")
    again = open_ring(tmp_path)
    assert again.decrypt("child/a", token) == "苗苗"
    assert again.blind_index("529901201503070016") == ring.blind_index("529901201503070016")
    again.close()


def test_the_master_key_is_for_its_owner_alone(tmp_path, ring):
    for name in ("master.key", "keys.sqlite"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert len((tmp_path / "master.key").read_bytes()) == 32
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("master")) == [
        "master.key"
    ]


def test_commits_of_keys_are_durable(ring):
    assert ring._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ring._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ring._db.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_destroyed_key_is_gone_from_the_disk_and_never_made_again(tmp_path, ring):
    token = ring.encrypt("child/a", "苗苗")
    bytes_of_key = wrapped(tmp_path, "child/a")
    assert bytes_of_key is not None
    assert on_disk(tmp_path, bytes_of_key)  # the scan does find what is there
    ring.destroy("child/a")
    assert not on_disk(tmp_path, bytes_of_key)
    assert ring.decrypt("child/a", token) is None
    for attempt in (lambda: ring.ensure(["child/a"]), lambda: ring.encrypt("child/a", "x")):
        with pytest.raises(KeyDestroyedError):
            attempt()
    ring.destroy("child/a")
    again = open_ring(tmp_path)
    assert again.decrypt("child/a", token) is None
    again.close()


def test_another_process_notices_that_a_key_was_destroyed(tmp_path, ring):
    token = ring.encrypt("child/a", "苗苗")
    other = open_ring(tmp_path)
    assert other.decrypt("child/a", token) == "苗苗"
    ring.destroy("child/a")
    assert other.decrypt("child/a", token) is None
    other.close()


def test_a_lost_master_key_is_never_replaced_in_silence(tmp_path, ring):
    ring.encrypt("child/a", "苗苗")
    ring.close()
    (tmp_path / "master.key").unlink()
    with pytest.raises(KeyRingError, match="backup"):
        open_ring(tmp_path)


def test_a_foreign_master_key_is_noticed_at_the_start(tmp_path, ring):
    (tmp_path / "master.key").write_bytes(b"x" * 32)
    with pytest.raises(KeyRingError, match="same backup"):
        open_ring(tmp_path)


def test_the_blind_index_does_not_show_the_number(ring):
    number = "529901201503070016"
    index = ring.blind_index(number)
    assert len(index) == 64
    assert number not in index
    assert index != ring.blind_index("529901201503070031")
