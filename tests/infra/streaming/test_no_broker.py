"""Where no broker answers, nothing is left open, however often it is tried again."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from infra.streaming import broker as module
from infra.streaming.broker import Broker, BrokerError, parse


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Broker:
    caplog.set_level("CRITICAL", "kafka")  # what is kept of its log holds its connections
    monkeypatch.setattr(module, "CONNECT_MS", 200)
    return parse("kafka://127.0.0.1:1")


@pytest.mark.parametrize(
    "tried",
    [
        lambda broker: broker.consumer(),
        lambda broker: broker.producer("x"),
        lambda broker: broker.ensure_topics(),
    ],
    ids=["consumer", "producer", "admin"],
)
def test_a_client_that_could_not_be_made_leaves_no_thread_and_no_file(
    nobody: Broker, tried: Callable[[Broker], Any]
) -> None:
    seen = []
    for _ in range(4):
        with pytest.raises(BrokerError):
            tried(nobody)
        gc.collect()
        seen.append((len(os.listdir("/proc/self/fd")), threading.active_count()))  # noqa: PTH208
    assert seen[3] == seen[0]


def test_a_producer_that_gets_no_transactions_is_closed(
    nobody: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[object] = []

    class Sender:
        def force_close(self) -> None:
            closed.append("sender")

        def join(self, timeout: float) -> None:
            """Has ended."""

    class Producer:
        _sender = Sender()

        def __init__(self, **_: Any) -> None:
            """As the library's."""

        def init_transactions(self) -> None:
            raise KafkaTimeoutError("no coordinator")

        def close(self, timeout: float) -> None:
            closed.append(timeout)

    monkeypatch.setattr(module, "KafkaProducer", Producer)
    with pytest.raises(BrokerError, match="no coordinator"):
        nobody.producer("x")
    assert closed == ["sender", 0]
