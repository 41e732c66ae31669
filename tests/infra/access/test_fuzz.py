"""Requests that nobody would send: no fault, no trace of the program, no word of a child.

Two hands: schemathesis over docs/openapi.yaml, and an own generator that bends real requests
(paths, queries, headers, cookies, bodies, methods), seeded, so that a finding can be asked again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlencode

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings

from infra.access import Role

HERE = Path(__file__).resolve()
DOCUMENT = HERE.parents[3] / "docs" / "openapi.yaml"
TRACE = re.compile(rb'Traceback|File "|\.py\b|line \d+, in|site-packages|sqlite|DB::Exception')
LET_IN = 422
"""A form that is shown again names its child to whoever may read it."""


class Sent(NamedTuple):
    """A request as bytes on a wire would be."""

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Got(NamedTuple):
    """Its answer."""

    status: int
    body: bytes


async def call(app: Any, sent: Sent) -> Got:
    """One request through ASGI, as uvicorn would hand it over."""
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": sent.method, "scheme": "http", "path": unquote(sent.path),
        "raw_path": sent.path.encode(), "query_string": sent.query, "root_path": "",
        "headers": [(b"host", b"shouhe.test"), *sent.headers], "state": {},
        "client": ("127.0.0.1", 50000), "server": ("shouhe.test", 80),
    }  # fmt: skip
    received, said = iter([{"type": "http.request", "body": sent.body}]), []

    async def receive() -> Any:
        return next(received, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)
    return Got(said[0]["status"], b"".join(each.get("body", b"") for each in said[1:]))


# --- bending -------------------------------------------------------------------------------------

SAMPLES = {"type_name": "visit.completed.v1"}
ODD = [
    "", "0", "-1", "1e400", "NaN", "null", "true", "[]", "{}", "%00", "%0d%0aset-cookie:a=b", "..",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%ff%fe", "%ED%A0%80", "'", "' OR 1=1 --", "\";drop table",
    "{{7*7}}", "${x}", "<script>", "孩子", "\u202e", "💔", "A" * 5000, "1" * 400, "2026-W99",
    "9999-W52", "0000-00-00", "520526100201", "52", "52_", "5205261002%", "visit.completed.v1",
    "x.y.v1", "00000000-0000-0000-0000-000000000000", "latest", "*", "%", "_", "\\", "//evil",
]  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get")
TYPES = (
    "application/json", "application/cloudevents+json", "application/cloudevents-batch+json",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
    "text/plain; charset=utf-16", "application/json; charset=nonsense", "image/png", ";;;", "",
)  # fmt: skip


class Bender:
    """Makes requests, each from the same seed the same."""

    def __init__(self, county: Any, seed: int) -> None:
        self.random, self.county = random.Random(seed), county  # noqa: S311 - seeded is the point
        self.tokens = [county.reader(role)[1] for role in Role]
        self.paths = sorted({route.path_format for route in county.routes.routes})
        self.sent_of = county.children[:3]

    def request(self) -> Sent:
        pick = self.random
        token = pick.choice([*self.tokens, *self.tokens, "", self.atom(), self.bent_token()])
        headers = [(b"cookie", f"shouhe={token}".encode("latin-1", "replace"))] if token else []
        if token and pick.random() < 0.7:
            headers.append((b"x-csrf", self.county.word(token).encode()))
        kind = pick.choice(TYPES)
        body = self.body(kind) if pick.random() < 0.7 else b""
        headers += [(b"content-type", kind.encode())] if kind else []
        headers += self.odd_headers(body)
        method = pick.choice(("GET", "POST")) if pick.random() < 0.9 else pick.choice(METHODS)
        return Sent(method, self.path(), self.query(), headers, body)

    def atom(self) -> str:
        pick = self.random
        child = pick.choice(self.sent_of)
        known = [child.id, child.village, child.name, child.id_number, child.phone]
        return pick.choice(ODD) if pick.random() < 0.7 else pick.choice(known)

    def path(self) -> str:
        pick = self.random

        def value(found: re.Match[str]) -> str:
            if pick.random() < 0.75:
                return quote(self.atom(), safe="%")
            child = pick.choice(self.county.children)
            return {"child_id": child.id, "code": child.village, **SAMPLES}.get(found[1], "x")

        made = re.sub(r"{(\w+)(:\w+)?}", value, pick.choice(self.paths))
        if pick.random() < 0.15:
            made += "/" + quote(self.atom(), safe="%")
        return made if pick.random() < 0.95 else "/" + quote(self.atom(), safe="%/")

    def query(self) -> bytes:
        if self.random.random() < 0.5:
            return b""
        names = ("week", "page", "token", "place", "code", "recorded", "child", "q", "as_of", "x")
        some = self.random.sample(names, self.random.randint(1, 3))
        if self.random.random() < 0.3:
            return "&".join(f"{n}={quote(self.atom(), safe='%')}" for n in some).encode()
        return urlencode([(n, self.atom()) for n in some for _ in range(2)]).encode()

    def bent_token(self) -> str:
        token = self.random.choice(self.tokens)
        at = self.random.randrange(len(token))
        return token[:at] + self.random.choice("Aé.=-") + token[at + 1 :]

    def odd_headers(self, body: bytes) -> list[tuple[bytes, bytes]]:
        listed = [
            (b"content-length", b"%d" % len(body)), (b"origin", b"https://evil.example"),
            (b"authorization", b"Bearer \xff"), (b"content-encoding", b"gzip"),
            (b"accept-language", b"en;q=x,\xff"), (b"host", b"evil.example"),
            (b"range", b"bytes=-"),
            (b"x-forwarded-for", b"10.0.0.1"), (b"cookie", b"lang=\xff; a; =; shouhe="),
            (b"ce-specversion", b"1.0"), (b"ce-id", b"\xff"), (b"ce-type", b"visit.completed.v1"),
            (b"if-none-match", b"*"), (b"hx-request", b"true"), (b"sec-fetch-site", b"cross-site"),
        ]  # fmt: skip
        return self.random.sample(listed, self.random.choice((0, 0, 1, 2)))

    def body(self, kind: str) -> bytes:
        pick = self.random
        if pick.random() < 0.15:
            return pick.randbytes(pick.randint(0, 400))
        if "form" in kind and pick.random() < 0.8:
            names = ("csrf", "id", "time", "by", "child_seen", "note", "name", "password", "code",
                     "page", "old", "new", "again", "secret", "emergency", "minutes",
                     "child")  # fmt: skip
            return urlencode([(n, self.atom()) for n in pick.sample(names, 6)]).encode()
        made = json.dumps(self.value(3)).encode()
        return made[: pick.randint(0, len(made))] if pick.random() < 0.1 else made

    def value(self, depth: int) -> Any:
        pick = self.random
        if depth == 0 or pick.random() < 0.3:
            return pick.choice(
                [None, True, 0, -1, 10**30, 1.5, float("inf"), "\ud800", self.atom()]
            )
        if pick.random() < 0.4:
            return [self.value(depth - 1) for _ in range(pick.randint(0, 3))]
        names = ("specversion", "id", "source", "type", "time", "subject", "data", "corrects",
                 "place", "recordedtime", "name", "by", "note", "")  # fmt: skip
        return {name: self.value(depth - 1) for name in pick.sample(names, 5)} | (
            {"specversion": "1.0", "type": "visit.completed.v1"} if pick.random() < 0.5 else {}
        )


# --- what must not be ----------------------------------------------------------------------------


def faults(county: Any, asked: str, got: Got, logged: str) -> list[str]:
    """Why an answer, and what was logged on the way, may not be."""
    found = [f"{got.status}: {asked}"] if got.status >= 500 else []
    every = [text for child in county.children for text in child.personal]
    if got.status >= 400:
        if TRACE.search(got.body):
            found.append(f"a trace in {got.body[:200]!r}: {asked}")
        unsent = [text for child in county.children[3:] for text in child.personal]
        told = unsent if got.status == LET_IN else every
        if any(text.encode() in got.body for text in told):
            found.append(f"personal data in an error {got.status}: {asked}")
    if any(text in logged for text in every):
        found.append(f"personal data in the log: {asked}")
    return found


def bent(county: Any, caplog: Any, count: int, seed: int) -> list[str]:
    bender = Bender(county, seed)

    async def run() -> list[str]:
        found: list[str] = []
        for number in range(count):
            caplog.clear()
            sent = bender.request()
            got = await call(county.app, sent)
            found += faults(county, f"[{seed}/{number}] {sent}"[:900], got, caplog.text)
        return found

    with caplog.at_level(logging.INFO):
        return asyncio.run(run())


def test_three_hundred_bent_requests_are_each_answered_without_a_fault(county, caplog) -> None:
    assert bent(county, caplog, 300, seed=1) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_thousand_more(county, caplog, seed) -> None:
    assert bent(county, caplog, 1000, seed) == []


@pytest.mark.long
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_schemathesis_finds_no_fault_in_the_openapi_document(county, caplog, role) -> None:
    schema = schemathesis.openapi.from_dict(yaml.safe_load(DOCUMENT.read_text("utf-8")))
    token = county.reader(role)[1]
    found: list[str] = []
    for each in schema.get_all_operations():
        strategy = each.ok().as_strategy()

        @given(case=strategy)
        @settings(max_examples=10, derandomize=True, database=None, deadline=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        def ask(case: Any) -> None:
            caplog.clear()
            own = {"x-csrf": county.word(token)}
            answer = case.call(app=county.app, base_url="http://shouhe.test", headers=own,
                               cookies={"shouhe": token}, allow_redirects=False,
                               timeout=240)  # fmt: skip
            got = Got(answer.status_code, answer.content)
            found.extend(faults(county, case.as_curl_command()[:600], got, caplog.text))

        ask()
    assert found == []
