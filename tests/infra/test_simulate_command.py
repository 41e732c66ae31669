"""`shouhe simulate`: the same stream, in whatever file is asked for."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import zstandard

from infra.cli import run

ARGS = ["simulate", "--children", "40", "--from", "2024-03-01", "--until", "2024-06-01"]


def test_plain_packed_and_piped_streams_are_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("e.jsonl", "e.jsonl.gz", "e.jsonl.zst"):
        assert run([*ARGS, str(tmp_path / name)]) == 0
    plain = (tmp_path / "e.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "e.jsonl.gz").read_bytes()) == plain
    with zstandard.open(tmp_path / "e.jsonl.zst", "rb") as packed:
        assert packed.read() == plain
    command = [sys.executable, "-m", "infra", *ARGS, "-"]
    piped = subprocess.run(command, capture_output=True, check=True)
    assert piped.stdout == plain


def test_json_says_how_many_events_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*ARGS, str(tmp_path / "e"), "--truth", str(tmp_path / "t"), "--json"]) == 0
    said = msgspec.json.decode(capsys.readouterr().out)
    assert said["events"] == len((tmp_path / "e").read_bytes().splitlines())
    assert said["children"] == 40
    assert (tmp_path / "t").read_bytes().startswith(b'{"kind":"')


def test_json_and_a_stream_do_not_share_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([*ARGS, "-", "--json"]) == 2
    assert "OUT" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*ARGS, str(tmp_path / "no" / "e")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
