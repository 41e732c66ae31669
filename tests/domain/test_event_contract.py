"""What holds for every event type, and what is generated from them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from domain.child_file import ChildRegistered
from domain.contract import catalogue, json_schema, personal_fields
from domain.errors import UnknownEventType
from domain.event import REGISTRY, UPCASTS, Event, Incoming, event, event_class, upcast
from domain.examples import example, example_data, wire_example
from domain.guards import APPLIES, GUARDS, STATES
from domain.mandatory_report import ReportSubmitted
from domain.streams import UNREADABLE, new_state, read_stored
from domain.vocabulary import EVENTS

TYPES = pytest.mark.parametrize("cls", EVENTS.values(), ids=lambda cls: cls.TYPE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@TYPES
def test_every_type_round_trips_as_json(cls: type[Event]) -> None:
    made = example(cls)
    assert msgspec.json.decode(msgspec.json.encode(made), type=cls) == made


@TYPES
def test_every_type_says_what_it_is_who_emits_it_and_which_rule_it_serves(
    cls: type[Event],
) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.v[1-9]", cls.TYPE)
    assert cls.__doc__
    assert CHINESE.search(cls.LABEL)
    assert cls.EMITTERS
    assert cls.RULES
    assert all(re.fullmatch(r"[TGM][0-9.]+", rule) for rule in cls.RULES)


@TYPES
def test_every_type_belongs_to_a_stream_with_a_state(cls: type[Event]) -> None:
    assert new_state(cls.STREAM) is not None
    assert cls.KEY is None or cls.KEY in cls.__struct_fields__


@TYPES
def test_no_type_takes_an_unknown_field(cls: type[Event]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**example_data(cls), "surprise": 1}, cls)


@TYPES
def test_free_text_about_people_is_personal_in_every_type(cls: type[Event]) -> None:
    named = {"name", "id_number", "phone", "address", "note", "reporter_name", "reporter_phone"}
    assert {field for field, _ in personal_fields(cls)} == named & set(cls.__struct_fields__)


@TYPES
def test_every_enum_value_has_a_chinese_label_in_the_schema(cls: type[Event]) -> None:
    schema = json_schema(cls)
    assert CHINESE.search(schema["title"])
    enums = [each for each in schema.get("$defs", {}).values() if "enum" in each]
    for each in enums:
        assert set(each["x-labels"]) == set(each["enum"])
        assert all(CHINESE.search(label) for label in each["x-labels"].values())


@TYPES
def test_every_example_is_a_valid_cloudevent(cls: type[Event]) -> None:
    wire = msgspec.json.encode(wire_example(cls))
    incoming = msgspec.json.decode(wire, type=Incoming)
    assert msgspec.json.decode(incoming.data, type=cls) == example(cls)


@TYPES
def test_every_stored_event_is_read_back_without_its_personal_fields(cls: type[Event]) -> None:
    data = example_data(cls) | {name: "enc1:" + "A" * 300 for name, _ in personal_fields(cls)}
    read = read_stored(cls.TYPE, msgspec.json.encode(data))
    assert isinstance(read, cls)
    assert {getattr(read, name) for name, _ in personal_fields(cls)} <= {UNREADABLE}


def test_personal_fields_name_whose_key_encrypts_them() -> None:
    assert personal_fields(ReportSubmitted) == (
        ("reporter_name", "reporter"),
        ("reporter_phone", "reporter"),
        ("note", "child"),
    )
    schema = json_schema(ChildRegistered)
    assert schema["properties"]["name"]["x-scope"] == "child"


def test_the_catalogue_has_every_type() -> None:
    page = catalogue()
    assert all(f"### `{name}` {cls.LABEL}" in page for name, cls in EVENTS.items())


def test_guards_and_appliers_are_those_of_known_types() -> None:
    known = set(EVENTS.values())
    assert set(GUARDS) <= known
    assert set(APPLIES) <= known
    assert {cls.STREAM for cls in known} == set(STATES)


def test_a_type_name_is_declared_once() -> None:
    with pytest.raises(TypeError, match="declared twice"):

        @event("visit.completed.v1", label="重复", stream="fact")
        class Again(Event, frozen=True, kw_only=True):
            """Another class under a name in use."""


def test_an_unknown_type_is_named_with_what_to_do() -> None:
    with pytest.raises(UnknownEventType, match=r"visit\.recorded\.v9.*shouhe schema"):
        event_class("visit.recorded.v9")


@pytest.fixture
def old_visit() -> Any:
    """`visit.noted.v1`, of a time before visits had a role and a channel."""

    @upcast("visit.noted.v0", "visit.noted.v1")
    def first(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "seen": data["seen"] == "yes"}

    @upcast("visit.noted.v1", "visit.completed.v1")
    def second(data: dict[str, Any]) -> dict[str, Any]:
        return {"by": "director", "child_seen": data["seen"]}

    yield
    for name in ("visit.noted.v0", "visit.noted.v1"):
        UPCASTS.pop(name)
        REGISTRY.pop(name, None)


def test_an_old_type_is_read_as_todays_one_step_by_step(old_visit: None) -> None:
    today = example(EVENTS["visit.completed.v1"])
    assert read_stored("visit.noted.v0", b'{"seen":"yes"}') == today
    assert read_stored("visit.noted.v1", b'{"seen":true}') == today
