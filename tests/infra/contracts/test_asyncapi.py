"""The AsyncAPI document is valid, says who sends and who receives, and its examples are true."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft7Validator

from domain.vocabulary import EVENTS as TYPES
from infra import topics
from infra.contracts.asyncapi import document
from infra.contracts.messages import SENT, messages
from infra.intake.decode import INTERNAL
from infra.streaming.intake import events_of

MESSAGES = messages()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
each_message = pytest.mark.parametrize("name", MESSAGES)


def referred(made: Any, path: str) -> Any:
    """What a reference within the document leads to. Raises KeyError."""
    found = made
    for part in path.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [each for inner in value.values() for each in references(inner)]
    return (
        [each for inner in value for each in references(inner)] if isinstance(value, list) else []
    )


def test_it_is_a_valid_asyncapi_document(official: Draft7Validator) -> None:
    assert [f"{each.json_path}: {each.message}" for each in official.iter_errors(document())] == []


def test_the_official_schema_would_find_a_fault(official: Draft7Validator) -> None:
    made = document()
    made["operations"]["sendEvents"]["action"] = "publish"
    assert list(official.iter_errors(made))


def test_every_reference_leads_somewhere(generate: ModuleType) -> None:
    made = document()
    found = references(made)
    files = [each for each in found if not each.startswith("#")]
    assert [each for each in files if not (generate.HERE / each).exists()] == []
    for each in found:
        if each.startswith("#"):
            assert referred(made, each)


def test_the_file_says_the_same(generate: ModuleType) -> None:
    text = (generate.HERE / "asyncapi.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) == document()


def test_the_topics_are_those_of_the_road_without_our_own() -> None:
    addresses = {each["address"] for each in document()["channels"].values()}
    assert addresses == {topics.EVENTS, topics.INTAKE, topics.RESULTS, topics.REJECTED}


def test_services_send_to_the_intake_and_receive_from_the_rest() -> None:
    made = document()
    sides = {
        referred(made, each["channel"]["$ref"])["address"]: (
            each["action"],
            each["x-service"],
            each["x-shouhe"],
        )
        for each in made["operations"].values()
    }
    received = ("receive", "receives", "sends")
    assert sides == {
        topics.INTAKE: ("send", "sends", "receives"),
        topics.RESULTS: received,
        topics.REJECTED: received,
        topics.EVENTS: received,
    }


def test_a_reader_is_told_to_read_what_was_committed() -> None:
    made = document()
    assert "isolation.level=read_committed" in made["channels"]["events"]["description"]
    received = [each for each in made["operations"].values() if each["action"] == "receive"]
    assert {each["x-isolation-level"] for each in received} == {"read_committed"}


def test_a_service_is_told_how_long_its_messages_stay() -> None:
    day = 24 * 3600 * 1000
    kept = {
        each["address"]: each["bindings"]["kafka"]["topicConfiguration"]["retention.ms"]
        for each in document()["channels"].values()
    }
    assert kept[topics.EVENTS] == -1, "for ever"
    assert day <= kept[topics.INTAKE] <= kept[topics.RESULTS] <= kept[topics.REJECTED]


def test_every_type_can_be_read_and_those_of_services_can_be_sent() -> None:
    channels = document()["channels"]
    assert set(channels["events"]["messages"]) == {f"recorded.{name}" for name in TYPES}
    sent = {f"sent.{name}" for name in TYPES if name not in INTERNAL}
    assert set(channels["intake"]["messages"]) == {*sent, "sent.batch", "sent.binary"}


@pytest.mark.parametrize("name", TYPES)
def test_every_message_of_a_type_has_title_rule_sensitivity_and_example(name: str) -> None:
    cls = TYPES[name]
    for way in ("sent", "recorded") if name in SENT else ("recorded",):
        found = MESSAGES[f"{way}.{name}"]
        assert found["title"] == cls.LABEL
        assert CHINESE.search(found["title"])
        assert found["x-rules"] == list(cls.RULES)
        assert found["x-sensitivity"] == cls.SENSITIVITY
        assert all(rule in found["summary"] for rule in cls.RULES)
        assert found["examples"]


@each_message
def test_every_example_is_as_its_payload_and_headers_say(name: str, faults: Any) -> None:
    message = MESSAGES[name]
    for example in message["examples"]:
        assert faults(message["payload"], example["payload"]) == []
        if "headers" in example:
            assert faults(message["headers"], example["headers"]) == []


@pytest.mark.parametrize("name", [name for name in MESSAGES if name.startswith("sent.")])
def test_every_way_to_send_is_one_that_the_intake_unpacks(name: str) -> None:
    """The examples go through the Kafka binding's own reader, and come out as events."""
    message = MESSAGES[name]
    example = message["examples"][0]
    headers = example.get("headers", {"content-type": message["contentType"]})

    class Record:
        topic, partition, offset = topics.INTAKE, 0, 1
        value = msgspec.json.encode(example["payload"])

    Record.headers = [(key, value.encode()) for key, value in headers.items()]  # type: ignore[attr-defined]
    unpacked = [msgspec.json.decode(each.body) for each in events_of(Record)]
    assert unpacked
    for each in unpacked:
        assert each["specversion"] == "1.0"
        assert each["type"] in SENT
        assert each["data"] is not None


@pytest.mark.parametrize("way", ["sent", "recorded"])
def test_a_message_of_another_type_is_not_taken(way: str, faults: Any) -> None:
    visit, contact = MESSAGES[f"{way}.visit.completed.v1"], MESSAGES[f"{way}.contact.logged.v1"]
    value = visit["examples"][0]["payload"]
    assert faults(visit["payload"], contact["examples"][0]["payload"])
    assert faults(visit["payload"], value | {"type": "contact.logged.v1"})
