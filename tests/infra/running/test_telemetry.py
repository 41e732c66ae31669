"""What a stage tells of itself."""

from __future__ import annotations

import json
import urllib.request
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.errors import WrongUsageError
from infra.running.telemetry import FORMAT, SLOW, STUCK, Progress, Telemetry, served


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
    assert all(s.labels["stage"] == "sink" for f in families.values() for s in f.samples)


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
