"""The JSON Schemas say what the intake takes and what the topic carries."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from domain.contract import personal_fields
from domain.event import Event
from domain.examples import example_data, wire_example
from domain.vocabulary import EVENTS
from infra import topics
from infra.contracts.messages import recorded_example
from infra.contracts.released import TOKEN
from infra.contracts.schemas import (
    ENVELOPES,
    documents,
    envelope,
    incoming,
    recorded,
    recorded_data,
    result,
    sent_data,
)
from infra.intake.decode import INTERNAL
from infra.wire import message

ROOT = Path(__file__).parents[3]
TYPES = pytest.mark.parametrize("cls", EVENTS.values(), ids=lambda cls: cls.TYPE)
PERSONAL = [
    cls for cls in EVENTS.values() if set(example_data(cls)) & dict(personal_fields(cls)).keys()
]


def test_the_generated_documents_are_current(generate: ModuleType) -> None:
    assert generate.stale() == [], "run `make docs`"


@pytest.mark.parametrize(("name", "schema"), documents().items())
def test_every_schema_is_one(name: str, schema: Any) -> None:
    Draft202012Validator.check_schema(schema)


@TYPES
def test_every_example_is_taken_by_its_schema(cls: type[Event], faults: Any) -> None:
    assert faults(sent_data(cls), example_data(cls)) == []
    assert faults(incoming(), wire_example(cls)) == []


@TYPES
def test_a_field_that_no_type_has_is_refused_when_sent_and_passed_over_when_read(
    cls: type[Event], faults: Any
) -> None:
    sent = example_data(cls) | {"surprise": 1}
    read = recorded_example(cls)["data"] | {"surprise": 1}
    assert any("surprise" in fault for fault in faults(sent_data(cls), sent))
    assert faults(recorded_data(cls), read) == []


MOMENTS = ("discovered_at",)
"""A moment whose zone may be left out: JSON Schema has no word for it, so its schema is wider."""

PROBES = (
    None, True, 0, 1, -1, 10**13, 0.5, 1.5, "", "x", "a" * 2001, "520526100200", "52", "2026-03",
    "2026-W12", "2026-03-16", "not a date", "director", "police", [], ["x"], [7], {}, {"x": 1},
)  # fmt: skip


@TYPES
def test_a_schema_takes_what_the_class_takes_and_nothing_else(
    cls: type[Event], faults: Any
) -> None:
    """Field by field, over values of every kind."""
    schema, data = sent_data(cls), example_data(cls)
    for name in cls.__struct_fields__:
        for value in PROBES:
            made = data | {name: value}
            taken, fits = _decodes(cls, made), faults(schema, made) == []
            assert taken == fits or (name in MOMENTS and fits), (name, value)


def _decodes(cls: type[Event], data: Any) -> bool:
    try:
        msgspec.json.decode(msgspec.json.encode(data), type=cls)
    except msgspec.ValidationError:
        return False
    return True


@TYPES
def test_a_required_field_that_is_missing_is_named(cls: type[Event], faults: Any) -> None:
    for name in sent_data(cls).get("required", []):
        lacking = {k: v for k, v in example_data(cls).items() if k != name}
        assert any(name in fault for fault in faults(sent_data(cls), lacking))


@TYPES
def test_what_the_topic_carries_is_what_the_schema_for_readers_says(
    cls: type[Event], faults: Any
) -> None:
    value = recorded_example(cls)
    assert faults(recorded(), value) == []
    assert faults(recorded_data(cls), value["data"]) == []


def test_old_states_go_out_as_the_schema_for_readers_says(
    old_states: list[bytes], faults: Any
) -> None:
    for position, state in enumerate(old_states, start=1):
        type_ = json.loads(state)["type"]
        value = json.loads(message((position, "0" * 32, 1, type_, state)))
        assert faults(recorded(), value) == []
        assert faults(recorded_data(EVENTS[type_]), value["data"]) == [], type_


@pytest.mark.parametrize("cls", PERSONAL, ids=lambda cls: cls.TYPE)
def test_a_readable_name_is_no_recorded_personal_field(cls: type[Event], faults: Any) -> None:
    assert faults(recorded_data(cls), example_data(cls))
    hidden = {name: TOKEN for name, _ in personal_fields(cls)}
    assert faults(recorded_data(cls), example_data(cls) | hidden) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", ""),
        ("source", "with space"),
        ("time", "yesterday"),
        ("time", "2026-03-16T09:30:00"),
        ("place", "52052610020"),
        ("actorrole", "Director"),
        ("misspelt", "x"),
    ],
)
def test_an_envelope_that_the_intake_refuses_is_refused_by_its_schema(
    name: str, value: str, faults: Any
) -> None:
    event = wire_example(EVENTS["visit.completed.v1"])
    assert faults(incoming(), event) == []
    assert faults(incoming(), event | {name: value})


def test_the_schema_of_a_result_knows_each_status(faults: Any) -> None:
    least = {"source": "s", "id": "1", "type": "t", "topic": "x", "partition": 0, "offset": 7}
    for status in ("accepted", "duplicate", "rejected"):
        assert faults(result(), least | {"status": status}) == []
    assert faults(result(), least | {"status": "lost"})


def test_a_type_says_where_it_is_filed_and_who_may_send_it() -> None:
    report = sent_data(EVENTS["report.received.v1"])
    assert (report["x-stream"], report["x-key"]) == ("report", "report_id")
    internal = {name for name, cls in EVENTS.items() if sent_data(cls)["x-internal"]}
    assert internal == INTERNAL
    assert not sent_data(EVENTS["model.approved.v1"])["x-about-child"]


def test_the_command_prints_what_the_documents_hold(
    capsys: pytest.CaptureFixture[str], generate: ModuleType
) -> None:
    from infra.commands.schema import schema

    folder = generate.HERE / "schemas"
    for name in ("visit.completed.v1", "incoming", "recorded", "result"):
        schema(name)
        assert json.loads(capsys.readouterr().out) == json.loads(
            (folder / f"{name}.json").read_text()
        )
    schema("child.registered.v1", recorded=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((folder / "recorded" / "child.registered.v1.json").read_text())
    schema(json=True)
    assert list(msgspec.json.decode(capsys.readouterr().out)) == list(EVENTS)


def test_every_envelope_has_a_schema_of_its_own_name() -> None:
    for name in ("incoming", "recorded", "result"):
        assert envelope(name)["$id"] == f"urn:shouhe:{name}"


@pytest.mark.parametrize("page", ["docs/contracts.md", "examples/README.md"])
def test_every_link_of_the_pages_for_services_leads_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_page_names_each_topic_and_each_schema() -> None:
    page = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    named = (topics.EVENTS, topics.INTAKE, topics.RESULTS, topics.REJECTED)
    assert [each for each in named if f"| `{each}` |" not in page] == []
    assert [each for each in ENVELOPES if f"schemas/{each}.json" not in page] == []
