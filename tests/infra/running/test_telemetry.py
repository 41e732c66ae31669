"""What a stage tells of itself."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import urllib.request
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.errors import WrongUsageError
from infra.running import telemetry as module
from infra.running.telemetry import FORMAT, SAMPLES, SLOW, STUCK, Progress, Telemetry, served


class Clock:
    """Goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def telemetry(clock: Clock) -> Telemetry:
    return Telemetry("sink", clock)


def test_lag_is_as_old_as_the_first_event_that_waits(clock: Clock, telemetry: Telemetry) -> None:
    telemetry.reached(Progress(10, 10))
    assert telemetry.lag_seconds() == 0
    for at, head in ((10, 12), (10, 15), (12, 16)):
        telemetry.reached(Progress(at, head))
        clock.now += 1
    assert telemetry.lag_seconds() == 2  # since there was 15; 12 has been reached
    telemetry.reached(Progress(16, 16))
    assert telemetry.lag_seconds() == 0


def test_while_steps_fail_lag_grows_although_nobody_knows_what_there_is(
    clock: Clock, telemetry: Telemetry
) -> None:
    telemetry.moved(3, 0.1)
    clock.now += 4
    assert telemetry.lag_seconds() == 0
    telemetry.failed(OSError("no broker"))
    clock.now += 30
    assert telemetry.lag_seconds() == 34
    telemetry.moved(0, 0.1)
    assert telemetry.lag_seconds() == 0


def test_ready_means_lease_and_last_step(clock: Clock, telemetry: Telemetry) -> None:
    seen = [telemetry.ready]
    for told in (
        telemetry.leads,
        lambda: telemetry.failed(OSError()),
        lambda: telemetry.moved(0, 0),
        telemetry.stands_by,
    ):
        told()
        seen.append(telemetry.ready)
    assert seen == [False, True, False, True, False]
    assert telemetry.alive
    clock.now += STUCK + 1
    assert not telemetry.alive


def test_a_backlog_of_days_is_days_old(clock: Clock, telemetry: Telemetry) -> None:
    began = clock.now
    for head in range(1, 3 * SAMPLES):
        telemetry.reached(Progress(0, head))
        clock.now += 1
    assert telemetry.lag_seconds() == clock.now - began
    telemetry.reached(Progress(2 * SAMPLES, 3 * SAMPLES))
    assert telemetry.lag_seconds() == pytest.approx(SAMPLES, abs=10)


def test_after_a_failure_it_is_ready_again_once_a_step_went_well(
    clock: Clock, telemetry: Telemetry
) -> None:
    telemetry.moved(1, 0.1)
    clock.now += 60
    telemetry.failed(OSError("no broker"))
    telemetry.leads()
    clock.now += 2
    assert not telemetry.ready
    assert telemetry.lag_seconds() == 62
    telemetry.moved(0, 0.1)
    assert telemetry.ready


def test_a_server_that_nobody_sends_to_is_not_behind(clock: Clock) -> None:
    telemetry = Telemetry("serve", clock)
    telemetry.leads()
    clock.now += 3_600
    telemetry.reached(Progress(10, 10))  # as /metrics does
    assert telemetry.ready
    assert telemetry.lag_seconds() == 0


def test_a_step_that_does_not_end_makes_it_not_ready_and_its_lag_grow(
    clock: Clock, telemetry: Telemetry
) -> None:
    telemetry.moved(1, 0.1)
    clock.now += SLOW + 1
    assert (telemetry.ready, telemetry.alive) == (False, True)
    assert telemetry.lag_seconds() == SLOW + 1
    telemetry.moved(1, 0.1)
    assert telemetry.ready
    assert telemetry.lag_seconds() == 0


def test_prometheus_reads_it(telemetry: Telemetry) -> None:
    telemetry.moved(5, 0.2)
    telemetry.rejected("child_unknown")
    telemetry.reached(Progress(5, 9, 2))
    families = {f.name: f for f in text_string_to_metric_families(telemetry.render().decode())}
    samples = {(s.name, s.labels.get("code", "")): s.value
               for f in families.values() for s in f.samples if "le" not in s.labels}  # fmt: skip
    assert samples["shouhe_events_total", ""] == 5
    assert samples["shouhe_rejections_total", "child_unknown"] == 1
    assert samples["shouhe_lag_events", ""] == 4
    assert samples["shouhe_parked_events", ""] == 2
    assert samples["shouhe_batch_seconds_count", ""] == 1
    assert samples["shouhe_build_info", ""] == 1
    assert samples["process_resident_memory_bytes", ""] > 1_000_000
    own = [s for f in families.values() for s in f.samples if s.name.startswith("shouhe_")]
    assert {s.labels["stage"] for s in own} == {"sink"}


def asked(url: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
            return answer.status, answer.headers["content-type"], answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers["content-type"], error.read().decode()


def test_it_answers_over_http(clock: Clock, telemetry: Telemetry) -> None:
    with served(telemetry, "127.0.0.1", 0) as base:
        assert asked(f"{base}/healthz")[0] == 200
        assert asked(f"{base}/readyz")[0] == 503
        telemetry.leads()
        assert asked(f"{base}/readyz")[0] == 200
        telemetry.failed(OSError("secret"))
        status, _, body = asked(f"{base}/readyz")
        assert (status, json.loads(body)) == (
            503, {"stage": "sink", "state": "failing", "failure": "OSError"},
        )  # fmt: skip
        assert asked(f"{base}/metrics")[:2] == (200, FORMAT)
        assert asked(f"{base}/else")[0] == 404
        clock.now += STUCK + 1
        assert asked(f"{base}/healthz")[0] == 503
        taken = int(base.rpartition(":")[2])
        with pytest.raises(WrongUsageError, match="can't be used"):
            served(telemetry, "127.0.0.1", taken).__enter__()


def test_who_only_holds_the_line_holds_no_thread(
    telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASKS", 0.3)
    before = threading.active_count()
    with served(telemetry, "127.0.0.1", 0) as base:
        where = ("127.0.0.1", int(base.rpartition(":")[2]))
        lines = [socket.create_connection(where) for _ in range(10)]
        ends = time.monotonic() + 5
        while threading.active_count() > before + 1 and time.monotonic() < ends:
            time.sleep(0.05)
        assert [line.recv(1) for line in lines] == [b""] * 10  # let go by the server
        for line in lines:
            line.close()
    assert threading.active_count() <= before + 1


def test_who_hangs_up_in_the_middle_is_no_news(
    telemetry: Telemetry, capfd: pytest.CaptureFixture[str]
) -> None:
    with served(telemetry, "127.0.0.1", 0) as base:
        for _ in range(20):
            line = socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])))
            line.sendall(b"GET /metrics HTTP/1.1\r\n")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
        time.sleep(0.3)
        assert asked(f"{base}/metrics")[0] == 200
    assert capfd.readouterr().err == ""
