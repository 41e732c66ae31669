"""The road at a steady 500 events a second: accepted to queryable, and memory over the minutes.

`python -m bench.steady --minutes 10`
"""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any

from bench.measure import Line
from domain.event import child_id
from domain.identity import make_id_number
from infra.console import note
from infra.servers.road import Road
from infra.settings import Settings
from infra.warehouse import connect

RATE, BATCH, CHILDREN = 500, 50, 600
PROMISED = 2.0
"""Seconds from an event's acceptance until its read model shows it, for 99 of 100."""

GROWTH = 1.15
"""Memory at the end may be so many times that after the first quarter."""


class Client:
    """POST /events over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, events: list[dict[str, Any]]) -> None:
        """All must be accepted."""
        header = {"content-type": "application/cloudevents-batch+json"}
        self._connection.request("POST", "/events", json.dumps(events), header)
        answer = json.loads(self._connection.getresponse().read())
        if answer.get("accepted") != len(events):
            raise RuntimeError(f"not all accepted: {str(answer)[:300]}")


def children() -> list[dict[str, Any]]:
    """Registrations."""
    born = datetime(2015, 3, 7, tzinfo=UTC).date()
    return [
        {"specversion": "1.0", "id": f"c{n}", "source": "/steady", "type": "child.registered.v1",
         "time": "2026-01-01T08:00:00+08:00",
         "data": {"name": "苗禾", "id_type": "resident_id", "sex": "male" if n % 2 else "female",
                  "id_number": make_id_number("529901", born, n), "birth_date": str(born),
                  "hukou_type": "rural", "hukou_division": "520526",
                  "residence_division": "520526001201"}}
        for n in range(1, CHILDREN + 1)
    ]  # fmt: skip


def contact(number: int) -> dict[str, Any]:
    """One more contact of one of the children."""
    at = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(seconds=number)
    return {
        "specversion": "1.0", "id": f"k{number}", "source": "/steady", "time": at.isoformat(),
        "type": "contact.logged.v1",
        "subject": str(child_id("/steady", f"c{number % CHILDREN + 1}")),
        "data": {"by": "director", "channel": "phone", "with_whom": "child", "minutes": 6},
    }  # fmt: skip


class Watch(Thread):
    """Looks at the read model: when was each position first there?"""

    def __init__(self, settings: Settings, first: int) -> None:
        super().__init__(daemon=True)
        self._settings, self._low, self._first = settings, first - 1, first
        self.seen: dict[int, float] = {}
        self.halt = Event()

    def run(self) -> None:
        """Until told to stop."""
        client = connect(self._settings)
        while not self.halt.is_set():
            query = f"SELECT position FROM contacts_history WHERE position > {self._low}"
            rows = client.query(query).result_rows
            now = time.perf_counter()
            for (position,) in rows:
                self.seen.setdefault(int(position), now)
            while self._low + 1 in self.seen:
                self._low += 1
            time.sleep(0.02)
        client.close()


def resident(pid: int | None) -> float:
    """MiB in memory now, of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def measure(minutes: float) -> Iterator[Line]:
    """Start the road, load it, look."""
    with tempfile.TemporaryDirectory() as folder:
        road = Road(Path(folder))
        try:
            road.up()
            yield from _load(road, minutes)
        finally:
            for name in reversed(road.names):
                road.kill(name)


def _load(road: Road, minutes: float) -> Iterator[Line]:
    settings = Settings(
        road.home, road.settings["SHOUHE_EVENT_STORE"], road.settings["SHOUHE_KAFKA"],
        road.settings["SHOUHE_CLICKHOUSE"],
    )  # fmt: skip
    client = Client(road.processes["serve"].port)
    client.send(children())
    looking = connect(settings)
    while "contacts_history" not in {row[0] for row in looking.query("SHOW TABLES").result_rows}:
        time.sleep(0.2)
    watch = Watch(settings, CHILDREN + 1)
    watch.start()
    accepted: dict[int, float] = {}
    memory: list[dict[str, float]] = []
    begun, number = time.perf_counter(), 0
    while time.perf_counter() - begun < minutes * 60:
        client.send([contact(n) for n in range(number, number + BATCH)])
        now = time.perf_counter()
        accepted.update((CHILDREN + 1 + n, now) for n in range(number, number + BATCH))
        number += BATCH
        if now - begun > 5 * len(memory):
            memory.append({name: resident(each.pid) for name, each in road.processes.items()})
        time.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
    rate = number / (time.perf_counter() - begun)
    ends = time.perf_counter() + 60
    while len(watch.seen) < number and time.perf_counter() < ends:
        time.sleep(0.1)
    watch.halt.set()
    watch.join()
    waits = [watch.seen[each] - at for each, at in accepted.items()]
    p99 = quantiles(waits, n=100)[98]
    yield Line(name="promised 2 s ÷ accepted to queryable, p99", ours=PROMISED, other=p99, floor=1,
               note=f"p50 {median(waits):.2f} s, p99 {p99:.2f} s, most {max(waits):.2f} s;"
               f" {number:,} events at {rate:,.0f}/s")  # fmt: skip
    quarter, last = memory[len(memory) // 4], memory[-1]
    for name in last:
        yield Line(name=f"memory of {name}, first quarter ÷ end", ours=quarter[name],
                   other=last[name], floor=1 / GROWTH,
                   note=f"MiB, over {minutes:g} minutes")  # fmt: skip


def main() -> int:
    """The table."""
    from bench.__main__ import show

    parser = argparse.ArgumentParser(prog="bench.steady", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    minutes = parser.parse_args().minutes
    note(f"bench: the road at {RATE} events/s for {minutes:g} minutes")
    lines = list(measure(minutes))
    show(lines, int(RATE * 60 * minutes))
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
