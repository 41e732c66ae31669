"""The mapper: what a stored event's topic and state are, and that they come back as they went."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from eventsourcing.domain import DomainEvent

from domain.event import Recorded
from infra.event_store import EventLog, Logged

MOMENT = datetime(2026, 1, 1, 4, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def log(
    request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[], str]
) -> Iterator[EventLog]:
    opened = EventLog(new_database() if request.param == "postgres" else tmp_path / "e.sqlite")
    yield opened
    opened.close()


def logged(data: bytes = '{"by":"director","note":"苗"}'.encode()) -> Logged:
    recorded = Recorded(
        event_id=uuid4(), source="/县", id="1", type="visit.completed.v1", child_id=uuid4(),
        occurred_at=MOMENT, recorded_at=MOMENT, actor="D-1", data=msgspec.Raw(data),
    )  # fmt: skip
    return Logged(uuid4(), 1, recorded)


def test_the_topic_is_the_stable_type_name_and_the_state_is_plain_json(log: EventLog) -> None:
    event = logged()
    stored = log.mapper.to_stored_event(event)
    assert stored.topic == "visit.completed.v1"
    assert json.loads(stored.state)["data"] == {"by": "director", "note": "苗"}
    assert "苗".encode() in stored.state


def test_an_event_comes_back_from_the_database_as_it_went_in(log: EventLog) -> None:
    event = logged()
    log.save(event)
    assert list(log.events.get(event.originator_id)) == [event]
    ((_, stream, version, topic, state),) = log.rows(0, None, 10)
    assert (stream, version, topic) == (event.originator_id.hex, 1, "visit.completed.v1")
    assert state == log.mapper.to_stored_event(event).state


def test_a_state_stays_byte_for_byte_what_it_was(log: EventLog) -> None:
    """No database looks into it: spaces, order of keys and escapes are kept."""
    event = logged(rb'{ "b" :1,"a": "\u82d7\\u0000\t" }')
    log.save(event)
    (row,) = log.rows(0, None, 10)
    assert row[4] == log.mapper.to_stored_event(event).state
    assert rb'{ "b" :1,"a": "\u82d7\\u0000\t" }' in row[4]


def test_a_stream_id_may_come_as_uuid_or_as_text(log: EventLog) -> None:
    event = logged()
    stored = log.mapper.to_stored_event(event)
    as_text = type(stored)(event.originator_id.hex, 1, stored.topic, stored.state)
    assert log.mapper.to_domain_event(as_text) == event
    assert isinstance(log.mapper.to_domain_event(stored).originator_id, UUID)


def test_what_is_no_logged_event_is_refused_by_name(log: EventLog) -> None:
    other = DomainEvent(originator_id=uuid4(), originator_version=1, timestamp=MOMENT)
    with pytest.raises(TypeError, match="DomainEvent is not a Logged event"):
        log.mapper.to_stored_event(other)


def test_no_cipher_and_no_compressor_stands_between(log: EventLog, monkeypatch) -> None:
    monkeypatch.setenv("CIPHER_KEY", "c2VjcmV0")
    monkeypatch.setenv("COMPRESSOR_TOPIC", "zlib")
    mapper = log.construct_mapper()
    assert mapper.cipher is None
    assert mapper.compressor is None
