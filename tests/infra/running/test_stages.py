"""A stage opened anew, over and over, on a real home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

AGAIN = """
import os, signal, sys
from infra.running import stages, worker
from infra.settings import from_environment

worker.FIRST_PAUSE = worker.LONGEST_PAUSE = 0.001
opened, held = 0, {}

def open_things():
    return len(os.listdir("/proc/self/fd")) + len(os.listdir("/proc/self/task"))

def fails(stage):
    global opened
    opened += 1
    held[opened] = open_things()
    if opened == 20:
        os.kill(os.getpid(), signal.SIGTERM)
    raise OSError("again")

name = sys.argv[1]
open_stage = stages.STAGES[name]

def opens(home, telemetry):
    stage = open_stage(home, telemetry)
    stage.step = lambda: fails(stage)
    return stage

stages.STAGES[name] = opens
code = stages.follow(name, from_environment(), host="127.0.0.1", port=0)
print(code, held[20] - held[8])
"""


@pytest.mark.parametrize("name", ["sink", "project"])
def test_the_embedded_engine_does_not_leave_more_behind_each_time(
    name: str, tmp_path: Path
) -> None:
    kept = {each: value for each, value in os.environ.items() if not each.startswith("SHOUHE_")}
    ended = subprocess.run(
        [sys.executable, "-c", AGAIN, name], capture_output=True, text=True,
        timeout=120, check=False, env=kept | {"SHOUHE_HOME": str(tmp_path)},
    )  # fmt: skip
    code, grown = map(int, ended.stdout.split())
    assert code == 0
    assert grown < 30  # 14 each time, were the engine let go of
