"""What was released stays: old senders are taken, old events read, readers miss nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from domain.contract import personal_fields
from domain.errors import ShouheError
from domain.event import Recorded, current
from domain.streams import UNREADABLE, Fact, apply, new_state, read_stored
from domain.vocabulary import EVENTS
from infra.contracts.compatible import Contract, breaks
from infra.contracts.released import (
    BreakingChangeError,
    read,
    release,
    stored_example,
    today,
    written,
)

VISIT = "visit.completed.v1"


@pytest.fixture(scope="module")
def before(generate: ModuleType) -> Contract:
    """What was released, from the file."""
    return read(generate.RELEASED.read_text(encoding="utf-8"))


@pytest.fixture
def now() -> dict[str, Any]:
    """Today's contract as plain values that a test may change."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(today()))
    return made


def against(old: Contract, new: dict[str, Any]) -> list[str]:
    return breaks(old, msgspec.convert(new, Contract))


# --- the contract of today ----------------------------------------------------------------------


def test_todays_classes_break_nothing_that_was_released(before: Contract) -> None:
    assert breaks(before, today()) == [], (
        "a released event type was changed: declare a new version of it and an upcast"
        " (docs/adding-an-event.md)"
    )


def test_old_events_of_every_released_type_are_in_the_corpus(
    before: Contract, old_states: list[bytes]
) -> None:
    assert sorted({json.loads(state)["type"] for state in old_states}) == sorted(before.types)


def test_every_old_state_is_read_by_todays_classes(old_states: list[bytes]) -> None:
    for state in old_states:
        kept = msgspec.json.decode(state, type=Recorded)
        raw = json.loads(state)
        assert (kept.id, kept.source, str(kept.event_id)) == (
            raw["id"],
            raw["source"],
            raw["eventid"],
        )
        assert (kept.actor, kept.role) == (raw.get("actor", ""), raw.get("actorrole", ""))
        assert kept.occurred_at.isoformat().startswith(raw["time"].rstrip("Z"))
        event = read_stored(kept.type, kept.data)
        assert type(event) is EVENTS[current(kept.type, {})[0]]


def test_every_old_state_says_what_it_said(old_states: list[bytes]) -> None:
    """Field by field; personal fields are ciphertext in the log and hidden when read."""
    for state in old_states:
        kept = msgspec.json.decode(state, type=Recorded)
        event = read_stored(kept.type, kept.data)
        if kept.type != event.TYPE:
            continue  # upcast: it says the same in other fields
        told = msgspec.to_builtins(event)
        for name, value in msgspec.json.decode(kept.data).items():
            hidden = name in dict(personal_fields(type(event))) and value is not None
            assert told[name] == (UNREADABLE if hidden else value), (kept.type, name)


def test_every_old_state_loads_into_its_aggregate(old_states: list[bytes]) -> None:
    for state in old_states:
        kept = msgspec.json.decode(state, type=Recorded)
        event = read_stored(kept.type, kept.data)
        fact = Fact(
            event_id=kept.event_id,
            event=event,
            occurred_at=kept.occurred_at,
            recorded_at=kept.recorded_at,
            child_id=kept.child_id,
            place=kept.place,
        )
        apply(new_state(event.STREAM), event, fact.occasion())


# --- what breaks it -----------------------------------------------------------------------------


def test_a_type_that_is_gone_breaks_unless_an_upcast_reads_it(now: dict[str, Any]) -> None:
    old = today()
    del now["types"][VISIT]
    assert against(old, now) == [f"{VISIT}: the type is gone, and no upcast reads its events"]
    now["upcasts"] = [VISIT]
    assert against(old, now) == []


def test_a_new_type_breaks_nothing(now: dict[str, Any]) -> None:
    now["types"]["kite.flown.v1"] = now["types"][VISIT]
    assert against(today(), now) == []


def _field(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def of(contract: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = contract["types"][VISIT]["properties"][name]
        return found

    return of


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a field is gone": (
        lambda c: c["types"][VISIT]["properties"].pop("child_seen"),
        f"{VISIT}.child_seen: the field is gone",
    ),
    "a field is renamed": (
        lambda c: c["types"][VISIT]["properties"].update(
            seen=c["types"][VISIT]["properties"].pop("child_seen")
        ),
        f"{VISIT}.child_seen: the field is gone",
    ),
    "a field must be": (
        lambda c: c["types"][VISIT]["required"].append("note"),
        f"{VISIT}.note: is required now",
    ),
    "an enum value is gone": (
        lambda c: _field("by")(c)["enum"].remove("director"),
        f"{VISIT}.by: the value 'director' is gone",
    ),
    "another type": (
        lambda c: _field("child_seen")(c).update(type="string"),
        f"{VISIT}.child_seen: was boolean, and is string now",
    ),
    "another stream": (
        lambda c: c["types"][VISIT].update({"x-stream": "visit"}),
        f"{VISIT}: x-stream was 'fact', and is 'visit' now",
    ),
    "another key": (
        lambda c: c["types"]["report.received.v1"].update({"x-key": "desk"}),
        "report.received.v1: x-key was 'report_id', and is 'desk' now",
    ),
    "about a child now": (
        lambda c: c["types"]["model.approved.v1"].update({"x-about-child": True}),
        "model.approved.v1: is about a child now",
    ),
    "ours alone now": (
        lambda c: c["types"][VISIT].update({"x-internal": True}),
        f"{VISIT}: services may send it no more",
    ),
    "an attribute is gone": (
        lambda c: c["taken"]["incoming"]["properties"].pop("corrects"),
        "incoming.corrects: the field is gone",
    ),
    "an attribute must be": (
        lambda c: c["taken"]["incoming"]["required"].append("actor"),
        "incoming.actor: is required now",
    ),
    "a stored attribute must be": (
        lambda c: c["taken"]["stored"]["required"].append("place"),
        "stored.place: is required now",
    ),
    "an envelope is gone": (lambda c: c["taken"].pop("incoming"), "incoming: only no values"),
    "readers miss an attribute": (
        lambda c: c["promised"]["recorded"]["properties"].pop("streamversion"),
        "recorded.streamversion: the field is gone, and readers miss it",
    ),
    "readers may miss an attribute": (
        lambda c: c["promised"]["recorded"]["required"].remove("sequence"),
        "recorded.sequence: may be missing now",
    ),
    "readers find another kind of value": (
        lambda c: c["promised"]["result"]["properties"]["partition"].update(type="string"),
        "result.partition: can hold what readers never met",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_break_is_told_by_its_place(name: str, now: dict[str, Any]) -> None:
    change, told = CHANGES[name]
    change(now)
    found = against(today(), now)
    assert any(each.startswith(told) for each in found), found


GROWTH: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an optional field": lambda c: c["types"][VISIT]["properties"].update(new={"type": "string"}),
    "an enum value": lambda c: _field("by")(c)["enum"].append("grandmother"),
    "a field need not be": lambda c: c["types"][VISIT]["required"].clear(),
    "an attribute may be sent": lambda c: c["taken"]["incoming"]["properties"].update(
        channel={"type": "string", "default": ""}
    ),
    "an attribute may be read": lambda c: c["promised"]["recorded"]["properties"].update(
        channel={"type": "string"}
    ),
    "an attribute is always there": lambda c: c["promised"]["recorded"]["required"].append("place"),
    "a type that was ours may be sent": lambda c: c["types"]["model.approved.v1"].update(
        {"x-internal": False}
    ),
    "a type needs no child any more": lambda c: c["types"][VISIT].update({"x-about-child": False}),
}


@pytest.mark.parametrize("name", GROWTH)
def test_growth_breaks_nothing(name: str, now: dict[str, Any]) -> None:
    before = msgspec.json.encode(now)
    GROWTH[name](now)
    assert msgspec.json.encode(now) != before
    assert against(today(), now) == []


# --- releasing ----------------------------------------------------------------------------------


def test_a_release_adds_what_is_new_and_keeps_types_that_are_upcast(now: dict[str, Any]) -> None:
    old = today()
    now["types"]["visit.completed.v2"] = now["types"].pop(VISIT)
    now["upcasts"] = [VISIT]
    after = release(old, msgspec.convert(now, Contract))
    assert after.types[VISIT] == old.types[VISIT]
    assert after.types["visit.completed.v2"] == old.types[VISIT]
    assert after.upcasts == [VISIT]


def test_what_was_released_stays_although_it_was_released_yesterday(now: dict[str, Any]) -> None:
    """An optional field that was released once can't be taken back."""
    GROWTH["an optional field"](now)
    after = release(today(), msgspec.convert(now, Contract))
    assert breaks(after, today()) == [f"{VISIT}.new: the field is gone"]


def test_a_release_that_breaks_is_refused_with_the_remedy(now: dict[str, Any]) -> None:
    CHANGES["a field is gone"][0](now)
    with pytest.raises(BreakingChangeError, match=r"child_seen.*new version.*upcast") as caught:
        release(today(), msgspec.convert(now, Contract))
    assert caught.value.breaks == [f"{VISIT}.child_seen: the field is gone"]


def test_a_contract_is_the_same_after_writing_and_reading(before: Contract) -> None:
    assert read(written(before)) == before
    assert max(map(len, written(before).splitlines())) < 4000


def test_a_spoilt_baseline_is_said() -> None:
    with pytest.raises(ShouheError, match=r"released\.json: .*repository"):
        read('{"types": 7}')


@pytest.mark.parametrize("cls", EVENTS.values(), ids=lambda cls: cls.TYPE)
def test_an_example_of_a_stored_state_is_one(cls: Any) -> None:
    kept = msgspec.json.decode(stored_example(cls), type=Recorded)
    assert kept.type == cls.TYPE
    assert isinstance(read_stored(kept.type, kept.data), cls)


# --- docs/generate.py ---------------------------------------------------------------------------


@pytest.fixture
def copied(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """docs/generate.py over a copy of docs/; → its exit code."""
    shutil.copytree(generate.HERE, tmp_path / "docs", ignore=shutil.ignore_patterns("*.png"))
    corpus = tmp_path / "stored.jsonl"
    shutil.copy(generate.CORPUS, corpus)
    monkeypatch.setattr(generate, "HERE", tmp_path / "docs")
    monkeypatch.setattr(generate, "RELEASED", tmp_path / "docs" / "schemas" / "released.json")
    monkeypatch.setattr(generate, "CORPUS", corpus)
    return lambda *arguments: int(generate.main(list(arguments)))


def test_a_stale_document_is_named(
    copied: Callable[..., int], generate: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert copied("--check") == 0
    assert capsys.readouterr().out == ""
    (generate.HERE / "schemas" / f"{VISIT}.json").write_text("{}")
    (generate.HERE / "schemas" / "gone.v1.json").write_text("{}")
    (generate.HERE / "asyncapi.yaml").unlink()
    assert copied("--check") == 1
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "docs/asyncapi.yaml", "docs/schemas/gone.v1.json", f"docs/schemas/{VISIT}.json",
    ]  # fmt: skip
    assert copied() == 0
    assert copied("--check") == 0


def test_the_release_of_a_new_type_freezes_its_schema_and_one_stored_event(
    copied: Callable[..., int], generate: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert copied("--release") == 0
    capsys.readouterr()
    whole = json.loads(generate.RELEASED.read_text())
    del whole["types"][VISIT]
    generate.RELEASED.write_text(json.dumps(whole))
    lines = len(generate.CORPUS.read_bytes().splitlines())
    assert copied("--release") == 0
    assert capsys.readouterr().out == f"released {VISIT}\n"
    assert breaks(read(generate.RELEASED.read_text()), today()) == []
    added = generate.CORPUS.read_bytes().splitlines()[lines:]
    assert [json.loads(state)["type"] for state in added] == [VISIT]
    assert copied("--release") == 0
    assert len(generate.CORPUS.read_bytes().splitlines()) == lines + 1


def test_a_release_that_breaks_writes_nothing(
    copied: Callable[..., int], generate: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = json.loads(generate.RELEASED.read_text())
    whole["types"][VISIT]["properties"]["weather"] = {"type": "string"}
    generate.RELEASED.write_text(json.dumps(whole))
    held = generate.RELEASED.read_bytes(), generate.CORPUS.read_bytes()
    assert copied("--release") == 1
    assert f"{VISIT}.weather: the field is gone" in capsys.readouterr().err
    assert (generate.RELEASED.read_bytes(), generate.CORPUS.read_bytes()) == held
