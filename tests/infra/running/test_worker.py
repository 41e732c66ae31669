"""The loop of a stage: it lives through failures, stands by, and stops when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from domain.errors import ShouheError
from infra.lease import NotHeldError
from infra.running import worker
from infra.running.telemetry import Progress, Telemetry


class DisagreeError(ShouheError):
    """Repeating can't heal it."""


class Script:
    """A stage that does what it is told, step by step: a count, or an error to raise."""

    def __init__(self, stop: threading.Event, *lines: Any) -> None:
        self.stop, self.lines = stop, list(lines)
        self.opened = self.closed = 0

    @contextmanager
    def open(self) -> Iterator[Script]:
        self.opened += 1
        if self.lines and self.lines[0] is NotHeldError:
            self.lines.pop(0)
            raise NotHeldError("lease: another process holds it")
        try:
            yield self
        finally:
            self.closed += 1

    def step(self) -> int:
        if not self.lines:
            self.stop.set()
            return 0
        line = self.lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return int(line)

    def progress(self) -> Progress:
        return Progress(7, 9, 1)


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(worker, "STANDBY", 0.001)


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    return telemetry.registry.get_sample_value(name, {"stage": telemetry.stage, **labels})


def test_after_a_failure_the_stage_is_closed_and_opened_anew(stop: threading.Event) -> None:
    telemetry = Telemetry("relay")
    script = Script(stop, 5, OSError("gone"), 7, ValueError("13812345678"), 0, 1)
    assert worker.run(script.open, telemetry, stop) == 0
    assert (script.opened, script.closed, script.lines) == (3, 3, [])
    assert value(telemetry, "shouhe_events_total") == 13
    assert value(telemetry, "shouhe_failures_total", error="OSError") == 1
    assert value(telemetry, "shouhe_failures_total", error="ValueError") == 1
    assert value(telemetry, "shouhe_position") == 7
    assert value(telemetry, "shouhe_lag_events") == 2
    assert value(telemetry, "shouhe_parked_events") == 1


def test_what_repeating_can_not_mend_ends_the_process(stop: threading.Event) -> None:
    script = Script(stop, 1, DisagreeError("the log was replaced"), 1)
    assert worker.run(script.open, Telemetry("sink"), stop, (DisagreeError,)) == 1
    assert script.lines == [1]


def test_standing_by_is_no_failure_and_not_ready(stop: threading.Event) -> None:
    telemetry, seen = Telemetry("sink"), []
    script = Script(stop, NotHeldError, NotHeldError, 3)
    stands_by = telemetry.stands_by

    def told() -> None:
        stands_by()
        seen.append((telemetry.alive, telemetry.ready))

    telemetry.stands_by = told  # type: ignore[method-assign]
    assert worker.run(script.open, telemetry, stop) == 0
    assert seen == [(True, False)] * 2
    assert value(telemetry, "shouhe_events_total") == 3


def test_pauses_grow_and_begin_anew_after_success(
    stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 10.0)
    pauses: list[float] = []
    monkeypatch.setattr(stop, "wait", pauses.append)
    script = Script(stop, *[OSError()] * 7, 1, OSError())
    worker.run(script.open, Telemetry("relay"), stop)
    bounds = [0.5, 1, 2, 4, 8, 10, 10, 0.5]
    assert len(pauses) == len(bounds)
    for pause, bound in zip(pauses, bounds, strict=True):
        assert bound / 2 <= pause <= bound


def test_two_hundred_reopenings_leave_nothing_open(stop: threading.Event) -> None:
    script = Script(stop, *[OSError()] * 200)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted alone
    threads = threading.active_count()
    worker.run(script.open, Telemetry("relay"), stop)
    assert script.opened == script.closed == 201
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # noqa: PTH208
    assert threading.active_count() <= threads


PROCESS = """
import sys, time
from contextlib import contextmanager
from infra.running import logs, worker
from infra.running.telemetry import Progress, Telemetry

class Stage:
    def step(self):
        print("step", flush=True)
        time.sleep(float(sys.argv[1]))
        print("done", flush=True)
        return 1
    def progress(self):
        return Progress(0, 0)

@contextmanager
def opened():
    yield Stage()
    print("closed", flush=True)

logs.configure()
with worker.stopping(patience=1.0) as stop:
    sys.exit(worker.run(opened, Telemetry("relay"), stop))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_the_step_at_work_and_closes(number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, "0.4"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "step\n"
    process.send_signal(number)
    process.send_signal(number)
    said, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert said.splitlines()[-2:] == ["done", "closed"]


def test_a_step_that_does_not_end_is_cut_off() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, "60"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    process.terminate()
    said, logged = process.communicate(timeout=10)
    assert process.returncode == 0
    assert time.monotonic() - began < 5
    assert "done" not in said
    assert "cut off in the middle of a step" in logged


IN_THE_LOCK = """
import os, signal
from infra.running import worker

with worker.stopping(patience=5) as stop:
    release = stop._cond._release_save
    def while_it_is_held():
        os.kill(os.getpid(), signal.SIGTERM)
        return release()
    stop._cond._release_save = while_it_is_held
    stop.wait(30)
print("ended", flush=True)
"""


def test_a_signal_at_the_worst_moment_of_a_pause_ends_it() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", IN_THE_LOCK], capture_output=True, text=True, timeout=20, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "ended\n")


def test_what_has_stopped_is_not_cut_off_later() -> None:
    with worker.stopping(patience=0.2) as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
    time.sleep(0.5)  # cut off, these tests would end here, and well
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
