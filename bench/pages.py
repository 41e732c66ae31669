"""The pages under load: 200 directors look at their lists while 500 events a second come in.

One `shouhe serve` (intake, read models and pages in one process), a bare Litestar application that
says "hello" in a process of its own, and the load generator: all on this machine, at once. Each
director asks for the own list every PERIOD seconds, and for a hello right after it, so that both
are measured under the same load.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
import msgspec
import uvicorn
from litestar import Litestar, get

from bench.load import SOURCE, cloud_events
from bench.measure import Line
from domain.event import SHANGHAI, child_id
from domain.foresight import RiskScored
from domain.model_life import ModelApproved
from infra.access import Role, sign_in_token
from infra.home import Home
from infra.keys import KeyRing
from infra.own_events import own_event, record
from infra.servers.process import free_port
from infra.settings import Settings
from infra.visit_lists import make_lists, monday_of, week_of

USERS, PERIOD, SECONDS = 200, 20.0, 60.0
EVENTS, BATCH = 500, 100
"""Events a second, and of one request."""

CHILDREN, VILLAGES, HISTORY = 2_700, 300, 90_000
LOOKS, ALIKE = 300, 0.8
"""What lies outside a reader's place takes as long to refuse as what does not exist, about."""

LIMIT = 0.2
"""Promised: 99 of 100 lists within so many seconds."""


class Taken(NamedTuple):
    """Seconds of each answer, and how many events were accepted in how long.

    elsewhere, nowhere   asked for a child of another village, and for one that there isn't
    """

    lists: list[float]
    hellos: list[float]
    accepted: int
    seconds: float
    elsewhere: list[float]
    nowhere: list[float]


def measure() -> Iterator[Line]:
    """The lines of the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder))
        _fill(settings)
        with _serving(settings) as base, _hello() as hello:
            taken = asyncio.run(_load(settings, base, hello))
    lists, hellos = sorted(taken.lists), sorted(taken.hellos)
    p99, hello99 = _quantile(lists, 0.99), _quantile(hellos, 0.99)
    middle, hello50 = statistics.median(lists), statistics.median(hellos)
    yield Line(
        name=f"list page p99 of {USERS} users, {EVENTS} events/s",
        ours=1 / p99,
        other=1 / LIMIT,
        floor=1,
        note=f"p50 {middle * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {len(lists)} pages",
    )
    yield Line(
        name="list page ÷ bare hello, same run",
        ours=1 / middle,
        other=1 / hello50,
        note=f"hello p50 {hello50 * 1000:.1f} ms, p99 {hello99 * 1000:.0f} ms;"
        f" {middle / hello50:.0f} and {p99 / hello99:.0f} times",
    )
    yield Line(
        name="events taken in meanwhile",
        ours=taken.accepted / taken.seconds,
        other=EVENTS,
        floor=0.98,
    )
    there, not_there = statistics.median(taken.elsewhere), statistics.median(taken.nowhere)
    yield Line(
        name="a child elsewhere ÷ no such child",
        ours=1 / max(there, not_there),
        other=1 / min(there, not_there),
        floor=ALIKE,
        note=f"both 404: {there * 1000:.1f} and {not_there * 1000:.1f} ms, medians of {LOOKS}",
    )


def _quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


# --- the county ----------------------------------------------------------------------------------


def _fill(settings: Settings) -> None:
    """Children in 300 villages, four months of their lives, and this week's lists."""
    with Home(settings) as home:
        bodies = islice(cloud_events(CHILDREN * 90), HISTORY)
        while some := list(islice(bodies, 5_000)):
            home.intake.submit(some)
        then = (home.clock() - timedelta(days=90)).isoformat()
        home.intake.submit(
            [
                *(_body("child.category_added.v1", f"c{n}", then, {"category": "left_behind_child"},
                        subject=_child(n), recordedtime=then) for n in range(CHILDREN)),
                *(_body("worker.appointed.v1", f"w{n}", then,
                        {"worker_id": f"D-{_village(n)}", "role": "director",
                         "place": _village(n), "weekly_hours": 6}, place=_village(n),
                        recordedtime=then)
                  for n in range(VILLAGES)),
            ]
        )  # fmt: skip
        home.catch_up()
        _score(home)
        make_lists(home, week_of(home.clock().astimezone(SHANGHAI).date()))
        home.catch_up()


def _score(home: Home) -> None:
    """A model in use, and everyone's score by it: bands stand on the pages."""
    monday = monday_of(week_of(home.clock().astimezone(SHANGHAI).date()))
    at, rng = home.clock(), random.Random(2)  # noqa: S311 - not for secrets
    approved = ModelApproved(model_id="bench", file_hash="0" * 64, approved_by="bench")
    scored = [
        RiskScored(model_id="bench", as_of=monday, score=rng.random() ** 4, log_position=1)
        for _ in range(CHILDREN)
    ]
    record(home, [own_event(SOURCE, "model", at - timedelta(days=14), approved)])
    record(home, [own_event(SOURCE, f"s{n}", at, each, _child(n)) for n, each in enumerate(scored)])
    home.catch_up()


def _village(number: int) -> str:
    return f"520526001{number % VILLAGES:03d}"


def _child(number: int) -> str:
    return str(child_id(SOURCE, f"r{number}"))


def _body(type_: str, id_: str, at: str, data: object, **more: str) -> bytes:
    made = {"specversion": "1.0", "id": id_, "source": SOURCE, "type": type_, "time": at,
            "data": data, **more}  # fmt: skip
    return msgspec.json.encode(made)


# --- the servers ---------------------------------------------------------------------------------


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    port = free_port()
    command = ["-m", "infra", "serve", "--port", str(port), "--clickhouse-port", "0"]
    with _process(command, {"SHOUHE_HOME": str(settings.home)}, f"http://127.0.0.1:{port}/healthz"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _hello() -> Iterator[str]:
    port = free_port()
    with _process(["-m", "bench.pages", str(port)], {}, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def _process(arguments: list[str], more: dict[str, str], alive: str) -> Iterator[None]:
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, *arguments],
        env={**os.environ, **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ends = time.monotonic() + 120
        while not _answers(alive):
            if process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"{arguments}: did not come up")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


# --- the load ------------------------------------------------------------------------------------


async def _load(settings: Settings, base: str, hello: str) -> Taken:
    keys = KeyRing(settings.keys_path, settings.master_key_path)
    now = datetime.now(UTC)
    places = [_village(number) for number in range(USERS)]
    tokens = {
        place: sign_in_token(keys, now, person=f"D-{place}", role=Role.DIRECTOR, place=place)
        for place in places
    }
    keys.close()
    rng = random.Random(1)  # noqa: S311 - not for secrets
    limits = httpx.Limits(max_connections=USERS + 8, max_keepalive_connections=USERS + 8)
    async with httpx.AsyncClient(timeout=60, limits=limits) as client:
        for place in places[:5]:  # the first look of a process reads templates and plans
            await _asked(client, f"{base}/villages/{place}", tokens[place])
        ends = time.monotonic() + SECONDS
        users = [
            _Director(f"{base}/villages/{place}", hello, tokens[place], rng.uniform(0, PERIOD))
            for place in places
        ]
        sender = asyncio.create_task(_send(client, base, ends, rng))
        found = await asyncio.gather(*(_user(client, each, ends) for each in users))
        accepted, taken = await sender
        hidden = await _refused(client, base, tokens[places[0]])
    lists = [seconds for own, _ in found for seconds in own]
    return Taken(lists, [seconds for _, own in found for seconds in own], accepted, taken,
                 *hidden)  # fmt: skip


class _Director(NamedTuple):
    """One user. `wait`: seconds until the first look."""

    page: str
    hello: str
    token: str
    wait: float


async def _user(
    client: httpx.AsyncClient, who: _Director, ends: float
) -> tuple[list[float], list[float]]:
    lists: list[float] = []
    hellos: list[float] = []
    await asyncio.sleep(who.wait)
    while time.monotonic() < ends:
        begun = time.monotonic()
        lists.append(await _asked(client, who.page, who.token))
        hellos.append(await _asked(client, who.hello, ""))
        await asyncio.sleep(max(0.0, PERIOD - (time.monotonic() - begun)))
    return lists, hellos


async def _refused(
    client: httpx.AsyncClient, base: str, token: str
) -> tuple[list[float], list[float]]:
    """By turns, so that whatever else runs is the same for both."""
    elsewhere: list[float] = []
    nowhere: list[float] = []
    for number in range(LOOKS):
        other = _child(1 + number % (VILLAGES - 1))  # of another village than the first
        for child, found in ((other, elsewhere), (str(uuid4()), nowhere)):
            found.append(await _asked(client, f"{base}/children/{child}", token, 404))
    return elsewhere, nowhere


async def _asked(client: httpx.AsyncClient, url: str, token: str, status: int = 200) -> float:
    headers = {"cookie": f"shouhe={token}"} if token else {}
    begun = time.perf_counter()
    try:
        answer = await client.get(url, headers=headers)
    except httpx.TimeoutException:  # an overloaded machine: it counts as long as it was waited for
        return time.perf_counter() - begun
    taken = time.perf_counter() - begun
    if answer.status_code != status:
        raise RuntimeError(f"{url}: {answer.status_code}")
    return taken


async def _send(
    client: httpx.AsyncClient, base: str, ends: float, rng: random.Random
) -> tuple[int, float]:
    """Batches at their times, whether the last one was answered or not. → accepted, seconds."""
    sent = []
    due = begun = time.monotonic()
    number = 0
    while due < ends:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        sent.append(asyncio.create_task(_batch(client, base, number, rng)))
        due, number = due + BATCH / EVENTS, number + 1
    return sum(await asyncio.gather(*sent)), time.monotonic() - begun


async def _batch(client: httpx.AsyncClient, base: str, number: int, rng: random.Random) -> int:
    at = datetime.now(UTC).isoformat()
    bodies = [
        _body("contact.logged.v1", f"live-{number}-{n}", at, {"by": "director", "channel": "phone"},
              subject=_child(rng.randrange(CHILDREN)))
        for n in range(BATCH)
    ]  # fmt: skip
    kind = {"content-type": "application/cloudevents-batch+json"}
    body = b"[" + b",".join(bodies) + b"]"
    try:
        answer = await client.post(f"{base}/events", content=body, headers=kind)
    except httpx.TimeoutException:
        return 0
    return int(answer.json()["accepted"])


@get("/", sync_to_thread=False)
def hello_page() -> str:
    """What a framework does at the least."""
    return "hello"


if __name__ == "__main__":
    app = Litestar(route_handlers=[hello_page], openapi_config=None, logging_config=None)
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
