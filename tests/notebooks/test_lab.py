"""`python -m notebooks`: the rooms open, answer only to their token, and end together."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parents[2]


def lab(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "notebooks"],
        env={**os.environ, "SHOUHE_HOME": str(home)},
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_the_rooms_open_and_end_together(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("events.sqlite", "keys.sqlite", "master.key"):
        (home / name).write_bytes((folder / name).read_bytes())
    process = lab(home)
    try:
        addresses = []
        for _ in range(2):
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, process.communicate(timeout=30)
            addresses.append(found[0])
        assert (home / "serve.json").exists()
        for address in addresses:
            assert httpx.get(address, follow_redirects=True).status_code == 200
            bare = urlsplit(address)._replace(query="").geturl()
            refused = httpx.get(bare, follow_redirects=True)
            assert refused.status_code in (401, 403) or "login" in str(refused.url)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert not (home / "serve.json").exists()
    for address in addresses:
        try:
            httpx.get(address)
        except httpx.ConnectError:
            continue
        raise AssertionError(f"{address} still answers")


def test_without_data_it_says_what_to_do(tmp_path: Path) -> None:
    process = lab(tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "make demo" in err
