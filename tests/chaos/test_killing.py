"""kill -9 at random moments over every process of the road, under load from two sides."""

from __future__ import annotations

import os
import time
from collections import Counter
from random import Random
from typing import Any

import pytest

SEED = int(os.environ.get("CHAOS_SEED", "20261124"))
VICTIMS = ("relay", "sink", "project", "serve", "intake", "relay", "sink", "project", "serve",
           "intake", "kafka", "postgres", "clickhouse")  # fmt: skip
"""Brokers and databases less often: their return takes the longest."""


def chaos(road: Any, kit: Any, rounds: list[Any], *, children: int, pace: float) -> int:
    """Load; kill and start again, round after round; then audit. → events."""
    random = Random(SEED)  # noqa: S311 - a seed is the point
    events = kit.simulated(children, seed=SEED % 97)
    by_http, by_kafka = kit.sides(events)
    senders = [kit.HttpSender(road, by_http, pace), kit.KafkaSender(road, by_kafka, pace)]
    for each in senders:
        each.start()
    for victims in rounds:
        time.sleep(random.uniform(0.0, 1.5))
        for victim in victims:
            road.kill(victim)
        time.sleep(random.choice((0.0, 0.2, 0.8)))
        for victim in sorted(victims, key=road.names.index):
            road.start(victim)
    for each in senders:
        each.halt.set()
        each.join(120)
        assert not each.is_alive()
        assert not each.failure
        assert each.answered
    audit = kit.Audit(road)
    audit.settle()
    answered = [event for each in senders for event in each.answered]
    count: int = audit.check(answered, senders[1].answered)
    killed = Counter(victim for victims in rounds for victim in victims)
    print(f"seed {SEED}: {killed.total()} kills {dict(killed)}; {count} events,"
          f" {[each.tries for each in senders]} batches sent again; nothing lost, doubled or"
          " out of order")  # fmt: skip
    return count


def test_each_process_killed_once_costs_nothing(road: Any, kit: Any) -> None:
    rounds = [{"relay", "serve", "kafka"}, {"sink", "intake"},
              {"postgres", "project", "clickhouse"}]  # fmt: skip
    assert chaos(road, kit, rounds, children=60, pace=60) > 200


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_hundred_kills_cost_nothing(road: Any, kit: Any) -> None:
    random = Random(SEED + 1)  # noqa: S311 - as above
    rounds = [set(random.sample(sorted(set(VICTIMS)), 2) if random.random() < 0.2
                  else [random.choice(VICTIMS)]) for _ in range(180)]  # fmt: skip
    assert sum(map(len, rounds)) >= 200
    assert chaos(road, kit, rounds, children=1_500, pace=40) > 5_000
