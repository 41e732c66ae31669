"""The stream of a simulated county: well-formed, in order, reproducible, accepted."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.child_file import ChildRegistered
from domain.contract import personal_fields
from domain.errors import WrongUsageError
from domain.event import NO_CHILD, Incoming, child_id, day, event_id, stream_id
from domain.guards import Occasion
from domain.identity import check_id_number
from domain.streams import Fact, apply, check, check_correction, new_state
from domain.vocabulary import EVENTS
from simulation.county import simulate
from simulation.parameters import sources
from simulation.seasons import SPRING_FESTIVAL

PLATFORM = {
    "access.break_glass_closed.v1",
    "access.break_glass_opened.v1",
    "access.logged.v1",
    "account.changed.v1",
    "attachment.added.v1",
    "child.forgotten.v1",
    "model.alert_cleared.v1",
    "model.alert_raised.v1",
    "model.approved.v1",
    "model.retired.v1",
    "model.shadowed.v1",
    "model.trained.v1",
    "risk.scored.v1",
    "visit.requested.v1",
    "visit_list.child_listed.v1",
    "visit_list.overridden.v1",
}
SMALL = {"children": 60, "start": date(2024, 3, 1), "until": date(2024, 9, 1)}


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert list(simulate(**SMALL, seed=4)) == list(simulate(**SMALL, seed=4))


def test_another_seed_gives_another_county() -> None:
    assert list(simulate(**SMALL, seed=4)) != list(simulate(**SMALL, seed=5))


def test_the_truth_file_does_not_change_the_events(tmp_path: Any) -> None:
    with (tmp_path / "truth").open("wb") as truth:
        with_truth = list(simulate(**SMALL, seed=4, truth=truth))
    assert with_truth == list(simulate(**SMALL, seed=4))


def test_as_many_children_are_registered_as_asked_for(county: Any) -> None:
    assert sum(each.type == "child.registered.v1" for each in county.events) == 3000


def test_every_type_of_the_five_concepts_occurs_and_none_that_the_platform_emits(
    county: Any,
) -> None:
    assert {each.type for each in county.events} == set(EVENTS) - PLATFORM


def test_lines_are_in_the_order_of_recorded_time_and_never_recorded_before_they_happen(
    county: Any,
) -> None:
    recorded = [each.recordedtime for each in county.events]
    assert recorded == sorted(recorded)
    assert all(each.time <= each.recordedtime for each in county.events)


def test_nothing_is_recorded_outside_the_period(county: Any) -> None:
    assert county.events[0].recordedtime >= "2024-01-01"
    assert county.events[-1].recordedtime < "2026-01-15"


def test_each_event_has_its_own_id_under_its_source(county: Any) -> None:
    assert len({(each.source, each.id) for each in county.events}) == len(county.events)


def test_every_event_is_accepted_by_the_guards_of_its_stream(county: Any) -> None:
    refused = Counter(_refusals(county.lines))
    assert not refused


def _refusals(lines: list[bytes]) -> Any:
    """(type, code) of every event that the domain refuses."""
    decoders = {name: msgspec.json.Decoder(cls) for name, cls in EVENTS.items()}
    decode = msgspec.json.Decoder(Incoming).decode
    numbers: dict[str, UUID] = {}
    states: dict[UUID, Any] = {}
    facts: dict[UUID, list[Fact]] = {}
    home: dict[UUID, UUID] = {}
    for line in lines:
        wire = decode(line)
        event = decoders[wire.type].decode(wire.data)
        cls, own = type(event), event_id(wire.source, wire.id)
        child = NO_CHILD
        if isinstance(event, ChildRegistered):
            child = numbers[event.id_number or wire.id] = child_id(wire.source, wire.id)
        elif cls.ABOUT_CHILD:
            child = numbers[wire.subject] if len(wire.subject) == 18 else UUID(wire.subject)
        assert wire.recordedtime is not None
        at = Occasion(wire.time, wire.recordedtime, child, wire.place or "", states.get(child))
        target = event_id(wire.source, wire.corrects) if wire.corrects else NO_CHILD
        stream = home[target] if wire.corrects else stream_id(cls, child, event, own)
        history, home[own] = facts.setdefault(stream, []), stream
        if wire.corrects:
            refusal = check_correction(history, event, at, target)
        else:
            state = states.setdefault(stream, new_state(cls.STREAM))
            refusal = check(state, event, at)
            apply(state, event, at)
        if refusal is not None:
            yield wire.type, refusal.code
        history.append(
            Fact(
                event_id=own,
                event=event,
                occurred_at=wire.time,
                recorded_at=wire.recordedtime,
                child_id=child,
                corrects=target,
            )
        )


# --- persons -----------------------------------------------------------------------------------


def test_every_id_number_is_a_synthetic_one_and_valid(county: Any) -> None:
    numbers = [each.data["id_number"] for each in county.events if "id_number" in each.data]
    assert numbers
    assert all(number.startswith("5299") and check_id_number(number) is None for number in numbers)


def test_no_two_children_share_an_id_number(county: Any) -> None:
    numbers = [
        each.data["id_number"]
        for each in county.events
        if each.type == "child.registered.v1" and "id_number" in each.data
    ]
    assert len(set(numbers)) == len(numbers)


def test_personal_data_stands_only_in_personal_fields(county: Any) -> None:
    open_text = re.compile("[\u4e00-\u9fff]|1990[0-9]{7}|5299[0-9]{13}")
    for each in county.events:
        personal = {name for name, _ in personal_fields(EVENTS[each.type])}
        rest = {key: value for key, value in each.data.items() if key not in personal}
        assert not open_text.search(msgspec.json.encode(rest).decode()), each.type
        assert not open_text.search(each.id + each.actor)


# --- the year ----------------------------------------------------------------------------------


def test_parents_leave_after_spring_festival_and_come_back_before_it(county: Any) -> None:
    festival = SPRING_FESTIVAL[2025]
    leave = Counter[bool]()
    back = Counter[bool]()
    for each in county.events:
        gap = each.occurred - festival.toordinal()
        if each.type == "parent.departed.v1" and 0 <= gap <= 120:
            leave[5 <= gap <= 45] += 1
        if each.type == "parent.returned.v1" and -120 <= gap <= 0:
            back[-25 <= gap <= -10] += 1
    assert leave[True] > 20 * leave[False]
    assert back[True] > 20 * back[False]


def test_about_one_child_in_six_of_those_left_behind_sees_no_parent_at_the_festival(
    county: Any,
) -> None:
    festival = SPRING_FESTIVAL[2025].toordinal()
    away = alone = 0
    for events in county.by_child.values():
        names = [each for each in events if each.occurred < festival]
        left = [each for each in names if each.type == "parent.departed.v1"]
        last = max((each.occurred for each in left), default=0)
        if 0 < last < festival - 120:
            away += 1
            alone += all(
                each.type != "parent.returned.v1" for each in names if each.occurred > last
            )
    assert 0.08 < alone / away < 0.25


def test_directors_visit_up_to_the_last_day(county: Any) -> None:
    last = date(2026, 1, 15).toordinal()
    days = {each.occurred for each in county.events if each.type == "visit.completed.v1"}
    assert {last - back for back in range(1, 15)} <= days


def test_some_visits_are_recorded_late(county: Any) -> None:
    visits = [each for each in county.events if each.type == "visit.completed.v1"]
    late = sum(each.recorded - each.occurred > 6 for each in visits)
    assert 0.02 < late / len(visits) < 0.10


# --- settings ----------------------------------------------------------------------------------


def test_every_parameter_names_its_source() -> None:
    assert all(sources().values())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"county": "999999"}, "county"),
        ({"children": 0}, "children"),
        ({"start": date(1999, 1, 1)}, "from"),
        ({"until": SMALL["start"] - timedelta(days=1)}, "until"),  # type: ignore[operator]
    ],
)
def test_a_county_that_cannot_be_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongUsageError, match=field):
        next(simulate(**{**SMALL, **change}))


def test_a_line_is_a_day_of_its_own_clock(county: Any) -> None:
    wire = msgspec.json.decode(county.lines[0], type=Incoming)
    assert day(wire.time).isoformat() == county.events[0].time[:10]
