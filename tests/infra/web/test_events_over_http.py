"""POST /events: each event gets its answer, and what was accepted is there to be asked for."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx
import pytest

from domain.errors import SettingsError
from domain.identity import make_id_number
from infra.web import build
from infra.web.services import Services

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


@pytest.fixture(scope="module")
def service(pages) -> httpx.Client:
    with pages.visitor() as client:
        yield client


@pytest.fixture(scope="module")
def child(pages) -> str:
    return str(pages.rows[0].child_id)


def visit(id_: str, child: str, **attributes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": id_, "source": "/http", "type": "visit.completed.v1",
        "subject": child, "time": "2026-09-01T10:00:00+08:00",
        "data": {"by": "director", "child_seen": True}, **attributes,
    }  # fmt: skip


def post(service: httpx.Client, body: Any, headers: dict[str, str]) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service.post("/events", content=content, headers=headers)


def test_an_event_is_accepted_once_and_then_a_duplicate(service, child) -> None:
    first = post(service, visit("one", child), STRUCTURED)
    assert first.status_code == 200
    assert first.json()["accepted"] == 1
    outcome = first.json()["outcomes"][0]
    assert (outcome["status"], outcome["source"], outcome["id"]) == ("accepted", "/http", "one")
    again = post(service, visit("one", child), STRUCTURED)
    assert again.status_code == 200
    assert again.json()["outcomes"] == [{**outcome, "status": "duplicate"}]
    other = post(service, visit("one", child, time="2026-09-02T10:00:00+08:00"), STRUCTURED)
    assert other.status_code == 422
    assert other.json()["outcomes"][0]["code"] == "id_reused"


def test_a_rejection_names_code_field_value_and_remedy(service, child) -> None:
    body = visit("bad", child, data={"by": "mayor", "child_seen": True})
    answer = post(service, body, STRUCTURED)
    assert answer.status_code == 422
    outcome = answer.json()["outcomes"][0]
    assert outcome["status"] == "rejected"
    assert "by" in outcome["field"]
    assert outcome["code"]
    assert outcome["message"]


def test_the_good_of_a_batch_land_beside_the_bad(service, child) -> None:
    answer = post(service, [visit("b1", child), 7, visit("b2", child)], BATCH)
    assert answer.status_code == 207
    assert [each["status"] for each in answer.json()["outcomes"]] == [
        "accepted", "rejected", "accepted",
    ]  # fmt: skip
    empty = post(service, [], BATCH)
    assert (empty.status_code, empty.json()["accepted"]) == (200, 0)


def test_a_binary_event_by_headers(service, child) -> None:
    event = visit("binary", child)
    headers = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    answer = service.post("/events", json=event["data"], headers=headers)
    assert answer.json()["outcomes"][0]["status"] == "accepted"


def test_a_service_may_name_the_child_by_its_id_number(service, pages, child) -> None:
    number = pages.text_of(child, "id_number")
    answer = post(service, visit("by-number", number), STRUCTURED)
    assert answer.json()["accepted"] == 1
    unknown = post(
        service, visit("stranger", make_id_number("529901", date(2014, 2, 3), 77)), STRUCTURED
    )
    assert unknown.json()["outcomes"][0]["code"] == "child_unknown"


def test_what_was_accepted_can_be_queried_soon(service, pages, child) -> None:
    ids = [f"soon-{n}" for n in range(50)]
    post(service, [visit(each, child) for each in ids], BATCH)
    pages.follow()
    (count,) = pages.home.warehouse.query(
        "SELECT count() FROM events WHERE source = '/http' AND id LIKE 'soon-%'"
    ).result_rows[0]
    assert count == 50


def test_many_at_once_are_each_counted_once(service, pages, child) -> None:
    def send(number: int) -> int:
        with pages.visitor() as client:
            return post(client, visit(f"at-once-{number % 20}", child), STRUCTURED).json()[
                "accepted"
            ]

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(60))) == 20


def test_what_is_no_cloudevents_request_is_refused_and_nothing_is_recorded(service, pages) -> None:
    head = pages.home.log.head()
    assert post(service, b"x", {"content-type": "text/plain"}).status_code == 415
    assert post(service, b"{", BATCH).status_code == 400
    assert post(service, b"[" + b" " * (17 * 1024 * 1024) + b"]", BATCH).status_code == 413
    assert service.get("/events").status_code == 405
    for answer in (post(service, b"", {}), post(service, b"{", BATCH)):
        assert list(answer.json()) == ["error"]
    assert pages.home.log.head() == head


def test_an_unreadable_event_is_an_answer_not_a_crash(service) -> None:
    for body in (b"", b"{", b"null", b"\xff\xfe", b'{"specversion": "1.0"}'):
        answer = post(service, body, STRUCTURED)
        assert answer.status_code == 422
        assert answer.json()["rejected"] == 1


def test_through_a_proxy_or_from_afar_a_token_is_needed(
    service, pages, child, serving, tmp_path
) -> None:
    forwarded = {**STRUCTURED, "x-forwarded-for": "10.1.2.3"}
    answer = post(service, visit("afar", child), forwarded)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["www-authenticate"]
    hashed = hashlib.sha256(b"right").hexdigest()
    listed = tmp_path / "services.toml"
    listed.write_text(f'[school]\ntoken_sha256 = "{hashed}"\n')
    app = build(pages.home, pages.follower, Services(listed), ["*"])
    with serving(app) as server, httpx.Client(base_url=server.url) as client:
        body = visit("with-token", child)
        for wrong in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic right"}):
            assert post(client, body, {**STRUCTURED, **wrong}).status_code == 401
        right = {**forwarded, "authorization": "Bearer right"}
        assert post(client, body, right).json()["accepted"] == 1


def test_a_change_of_the_services_counts_at_once(pages, child, serving, tmp_path) -> None:
    listed = tmp_path / "services.toml"
    app = build(pages.home, pages.follower, Services(listed), ["*"])
    body, right = visit("changed", child), {**STRUCTURED, "authorization": "Bearer right"}
    with serving(app) as server, httpx.Client(base_url=server.url) as client:
        assert post(client, body, STRUCTURED).status_code == 200
        hashed = hashlib.sha256(b"right").hexdigest()
        listed.write_text(f'[school]\ntoken_sha256 = "{hashed}"\n')
        assert post(client, body, STRUCTURED).status_code == 401
        assert post(client, body, right).status_code == 200
        listed.write_text("broken [")
        assert post(client, body, right).status_code == 401
        assert post(client, body, STRUCTURED).status_code == 401


def test_a_service_without_a_token_is_no_service(tmp_path, pages, child, serving) -> None:
    listed = tmp_path / "services.toml"
    listed.write_text(f'[school]\ntoken_sha256 = "{hashlib.sha256(b"").hexdigest()}"\n')
    with pytest.raises(SettingsError, match="choose a token"):
        Services(listed)


def test_a_page_under_a_foreign_name_can_not_speak_to_this_machine(pages, child, serving) -> None:
    app = build(
        pages.home, pages.follower, Services(pages.home.settings.services_path), ["127.0.0.1:8080"]
    )
    with serving(app) as server, httpx.Client(base_url=server.url) as client:
        foreign = {**STRUCTURED, "host": "evil.example"}
        assert post(client, visit("rebound", child), foreign).status_code == 400
        near = {**STRUCTURED, "host": "127.0.0.1:8080"}
        assert post(client, visit("rebound", child), near).json()["accepted"] == 1
