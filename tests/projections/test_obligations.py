"""`obligations` in SQL and the checks of domain/rules/ are the same rules, on any day."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.duty_settings import (
    DUTY_SETTINGS_COLUMNS,
    Setting,
    duty_settings_rows,
    values_on,
)
from domain.event import NO_CHILD, SHANGHAI, Recorded, day, event_id
from domain.rules.happening import (
    MARKED,
    REFERENCES,
    REGISTERING,
    SUBJECTS,
    TYPES,
    happened,
    matches,
)
from domain.rules.judging import Happened, judge
from domain.rules.register import ALL_SETTINGS, CHECKS
from domain.rules.shape import Cadence, Chain, Deadline, Each, Match, Standing
from domain.vocabulary import EVENTS
from projections.definition import FOLDER

VILLAGES = ("520526100201", "520526100202", "520527100201")
DIGITS = {"province": 2, "prefecture": 4, "county": 6, "township": 9, "village": 12}
JUDGED = [
    check for check in CHECKS if isinstance(check, Cadence | Standing | Deadline | Chain | Each)
]
Told = tuple[Recorded, dict[str, Any]]


# --- random histories --------------------------------------------------------------------------


def _data(dice: Random, match: Match) -> dict[str, Any]:
    """Data of such an event; mostly with its marks."""
    said: dict[str, Any] = {}
    for mark in match.marks:
        name, _, value = mark.partition("=")
        said[name] = {"true": True, "false": False}.get(value, value)
        if dice.random() < 0.15:
            said[name] = not said[name] if isinstance(said[name], bool) else "other"
    if match.without and dice.random() < 0.2:
        name, _, value = match.without[0].partition("=")
        said[name] = value == "true"
    return said


def write(log: Any, dice: Random, type_name: str, data: dict[str, Any], child: UUID) -> None:
    """Append an event of random place and time; sometimes late, sometimes a correction."""
    number = str(len(log.stored) + 1)
    moment = _moment(dice)
    place = dice.choice(VILLAGES)[: dice.choice((2, 4, 6, 9, 12, 12))]
    corrects = NO_CHILD
    if dice.random() < 0.05 and log.stored:
        earlier = dice.choice(log.stored)
        if earlier[3] == type_name:
            corrects = UUID(earlier[1])
    recorded = Recorded(
        event_id=event_id("urn:test", number),
        source="urn:test",
        id=number,
        type=type_name,
        child_id=child,
        occurred_at=moment,
        recorded_at=moment + timedelta(minutes=dice.choice((0, 9, 60 * 24 * 40))),
        actor="D-1",
        role="director",
        place=place if child == NO_CHILD else VILLAGES[0],
        corrects=corrects,
        data=msgspec.Raw(msgspec.json.encode(data)),
    )
    own = recorded.event_id.hex
    log.stored.append((len(log.stored) + 1, own, 1, type_name, msgspec.json.encode(recorded)))


def _moment(dice: Random) -> Any:

    start = datetime(2024, 3, 1, tzinfo=SHANGHAI)
    return start + timedelta(minutes=dice.randrange(900 * 24 * 60))


def live(log: Any, helpers: Any, dice: Random, events: int, children: int = 6) -> None:
    """Children, things and workers, and events that some check looks at."""
    for number in range(children):
        child = helpers.register(log, number, _moment(dice))
        if dice.random() < 0.7:
            school = {"school_code": "S-1", "stage": "primary", "grade": 3}
            write(log, dice, "school.enrolled.v1", school, child)
        if dice.random() < 0.2:
            write(log, dice, "child.left_ledger.v1", {"reason": "other"}, child)
    for number in range(3):
        for subject, type_name in REGISTERING.items():
            write(log, dice, type_name, {SUBJECTS[subject]: f"{subject}-{number}"}, NO_CHILD)
        hired = {"worker_id": f"director-{number}", "role": "director",
                 "place": dice.choice(VILLAGES), "weekly_hours": 8}  # fmt: skip
        write(log, dice, "worker.appointed.v1", hired, NO_CHILD)
    for _ in range(events):
        check = dice.choice(JUDGED)
        match = dice.choice([match for _, match in matches(check)])
        type_name = dice.choice(match.types)
        child = helpers.kid(dice.randrange(children))
        if type_name not in {"child.registered.v1", "worker.appointed.v1"}:
            about = child if EVENTS[type_name].ABOUT_CHILD else NO_CHILD
            write(log, dice, type_name, _told(dice, check, match, type_name), about)


def _told(dice: Random, check: Any, match: Match, type_name: str) -> dict[str, Any]:
    """Data of an event of a check, about one of its subjects, under one of its references."""
    data, key = _data(dice, match), EVENTS[type_name].KEY
    subject = getattr(check, "subject", "")
    if subject in SUBJECTS:
        data[SUBJECTS[subject]] = f"{subject}-{dice.randrange(4)}"
    if key in REFERENCES:
        data.setdefault(key, f"{key}-{dice.randrange(3)}")
    return data


# --- the slow and obvious way ------------------------------------------------------------------


def known_on(log: Any, on: date, known_by: date) -> list[Told]:
    """The events that counted at the end of a day, as known on one, in their order."""

    def before(moment: Any, last: date) -> bool:
        return bool(moment.astimezone(SHANGHAI).date() <= last)

    events = [msgspec.json.decode(row[4], type=Recorded) for row in log.stored]
    told = enumerate(events)
    known = [(place, each) for place, each in told if before(each.recorded_at, known_by)]
    gone = {each.corrects for _, each in known} - {NO_CHILD}
    kept = [(place, each) for place, each in known if before(each.occurred_at, on)]
    kept.sort(key=lambda pair: (pair[1].occurred_at, pair[0]))
    return [(e, msgspec.json.decode(e.data)) for _, e in kept if e.event_id not in gone]


def _fact(told: Told) -> Happened:
    return happened(told[0].type, told[1], day(told[0].occurred_at))


def obligations(told: list[Told], on: date) -> set[tuple[Any, ...]]:
    """Every check over every subject."""
    facts = [each for each in told if each[0].type in TYPES]
    children = _children(told)
    found: set[tuple[Any, ...]] = set()
    for check in JUDGED:
        if isinstance(check, Chain):
            found |= _chains(check, facts, children, on)
        elif isinstance(check, Each):
            found |= {
                (o.check, "case", e.place, o.due_on, o.done_on, o.state, o.overdue_days)
                for e, d in facts
                for o in judge(check, [_fact((e, d))], on, since=on, values={})
            }
        else:
            found |= _subjects(check, told, facts, children, on)
    return found


def _children(told: list[Told]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for event, data in told:
        if event.type == "child.registered.v1":
            found[event.child_id] = {
                "since": day(event.occurred_at), "on": True, "school": False,
                "place": data["residence_division"], "factors": {},
            }  # fmt: skip
    for event, data in told:
        child = found.get(event.child_id)
        if child is None:
            continue
        turns = {"child.left_ledger.v1": False, "child.registered.v1": True}
        child["on"] = turns.get(event.type, child["on"])
        child["school"] = child["school"] or event.type == "school.enrolled.v1"
        if event.type == "risk.factor_recorded.v1":
            child["factors"][data["factor"]] = data.get("present", True)
    return found


Units = dict[str, tuple[str, date]]
"""Subject → its place, and since when it is there."""


def _subjects(
    check: Any, told: list[Told], facts: list[Told], children: dict[UUID, Any], on: date
) -> set[tuple[Any, ...]]:
    digits = DIGITS.get(check.subject)
    if check.subject == "child":
        units = _young(check, children)
    elif digits:
        units = _places(digits, children)
    else:
        units = _things(check, told)
    own: defaultdict[str, list[Happened]] = defaultdict(list)
    for event, data in facts:
        if check.subject == "child":
            own[str(event.child_id)].append(_fact((event, data)))
        elif digits and len(event.place) >= digits:
            own[event.place[:digits]].append(_fact((event, data)))
        elif not digits and SUBJECTS[check.subject] in data:
            own[data[SUBJECTS[check.subject]]].append(_fact((event, data)))
    return {
        (o.check, check.subject, place, o.due_on, o.done_on, o.state, o.overdue_days)
        for key, (place, since) in units.items()
        for o in judge(check, own[key], on, since=since, values=values_on(ALL_SETTINGS, place, on))
    }


def _young(check: Any, children: dict[UUID, Any]) -> Units:
    found = {}
    for key, child in children.items():
        scopes = {"all", "in_school" if child["school"] else "",
                  "key_attention" if any(child["factors"].values()) else ""}  # fmt: skip
        if child["on"] and check.scope in scopes:
            found[str(key)] = (child["place"], child["since"])
    return found


def _places(digits: int, children: dict[UUID, Any]) -> Units:
    found: Units = {}
    for child in children.values():
        code = child["place"][:digits]
        found[code] = (code, min(child["since"], found.get(code, (code, child["since"]))[1]))
    return found


def _things(check: Any, told: list[Told]) -> Units:
    found: Units = {}
    begins = REGISTERING.get(check.subject, "worker.appointed.v1")
    for event, data in told:
        if event.type == begins:
            key, since = data[SUBJECTS[check.subject]], day(event.occurred_at)
            if check.subject == "director":
                found[key] = (data["place"], since)
            else:
                found[key] = (event.place, min(since, found.get(key, ("", since))[1]))
    return found


def _chains(
    check: Chain, facts: list[Told], children: dict[UUID, Any], on: date
) -> set[tuple[Any, ...]]:
    groups: defaultdict[UUID, list[Told]] = defaultdict(list)
    for each in facts:
        groups[each[0].child_id if check.by == "child" else NO_CHILD].append(each)
    found = set()
    for group in groups.values():
        for place, kept in _by_place(check, group, children).items():
            values = values_on(ALL_SETTINGS, place, on)
            triggers = [_fact(each) for each in kept]
            answers = [_fact(e) for e in group if e[0].type not in check.trigger.types]
            merged = sorted([*triggers, *answers], key=lambda each: each.day)
            for o in judge(check, merged, on, since=on, values=values):
                found.add((o.check, "case", place, o.due_on, o.done_on, o.state, o.overdue_days))
    return found


def _by_place(check: Chain, group: list[Told], children: dict[UUID, Any]) -> dict[str, list[Told]]:
    """The triggers that hold, by the place that they belong to."""
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for event, data in group:
        if event.type in check.trigger.types:
            child = children.get(event.child_id)
            if event.child_id == NO_CHILD:
                found[event.place].append((event, data))
            elif child and (child["on"] or not check.ledger):
                found[child["place"]].append((event, data))
            elif not child and not check.ledger:
                found[event.place].append((event, data))
    return found


@given(seed=st.integers(0, 2**32), on=st.dates(date(2024, 6, 1), date(2026, 8, 1)))
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sql_and_python_agree_on_any_day(
    house_maker: Any, helpers: Any, seed: int, on: date
) -> None:
    with house_maker() as house:
        live(house.log, helpers, helpers.dice(seed), 400)
        house.catch_up()
        later = on + timedelta(days=31)
        for each, known_by in ((on, on), (later, later), (on, later), (later, on)):
            rows = house.ask(
                "SELECT check, subject, place, due_on, done_on, state, overdue_days"
                f" FROM obligations_as_known(as_of = '{each}', known_by = '{known_by}')"
            )
            assert set(rows) == obligations(known_on(house.log, each, known_by), each)


# --- the register and the read model name the same ---------------------------------------------


@pytest.fixture(scope="module")
def text() -> str:
    return (FOLDER / "evidence.sql").read_text("utf-8")


def test_evidence_holds_every_type_that_a_rule_looks_at(text: str) -> None:
    head = text.partition("-- table")[0]
    assert set(re.findall(r"[\w.]+\.v\d+", head)) == TYPES


def test_evidence_keeps_every_field_that_a_rule_asks_about(text: str) -> None:
    fields = text.partition("m.1 IN (")[2].partition(")")[0]
    assert set(re.findall(r"'(\w+)'", fields)) == MARKED


def test_evidence_and_python_find_the_reference_in_the_same_fields(text: str) -> None:
    names = text.partition("JSONHas(data, k), [")[2].partition("]")[0]
    assert tuple(re.findall(r"'(\w+)'", names)) == REFERENCES
    pairs = dict(re.findall(r"\('(\w+)', JSONExtractString\(data, '(\w+)'\)\)", text))
    assert pairs == SUBJECTS


def test_the_reference_of_an_event_is_the_key_of_its_stream() -> None:
    for check in CHECKS:
        if isinstance(check, Chain) and check.by == "reference":
            keys = {EVENTS[t].KEY for _, match in matches(check) for t in match.types}
            assert len(keys) == 1, check.key
            assert keys <= set(REFERENCES), check.key


# --- indicators --------------------------------------------------------------------------------


def test_an_indicator_counts_what_is_owed_at_its_place(house: Any, helpers: Any) -> None:
    live(house.log, helpers, helpers.dice(11), 500)
    house.catch_up()
    on = "2026-01-15"
    owed = house.ask(f"SELECT check, place, state FROM obligations_as_of(as_of = '{on}')")
    duties = house.ask(f"SELECT rule FROM duties_as_of(as_of = '{on}')")
    shown = house.ask(
        f"SELECT check, place, subjects, overdue FROM indicators_as_of(as_of = '{on}')"
    )
    assert owed
    assert duties
    checks = {check.key for check in JUDGED}
    for prefix in ("52", "5205", "520526", "520526100201"):
        here = [(check, state) for check, place, state in owed if place.startswith(prefix)]
        every = Counter(check for check, _ in here)
        late = Counter(check for check, state in here if state == "overdue")
        assert {(check, subjects, overdue) for check, place, subjects, overdue in shown
                if place == prefix and check in checks} == {
            (check, count, late[check]) for check, count in every.items()
        }  # fmt: skip
    rules = {rule for (rule,) in duties}
    assert len(duties) == sum(each[2] for each in shown if each[0] in rules and each[1] == "52")


def test_the_parts_of_an_indicator_add_up(house: Any, helpers: Any) -> None:
    live(house.log, helpers, helpers.dice(12), 300)
    house.catch_up()
    rows = house.ask("SELECT subjects, met + late + open + overdue FROM indicators")
    assert rows
    assert all(whole == parts for whole, parts in rows)


# --- 10,000 children ---------------------------------------------------------------------------

LOGS, CHILDREN_A_LOG = 5, 2_000


def _tightened(dice: Random) -> tuple[Setting, ...]:
    """Settings with some places' own numbers: smaller ones, from some day on."""
    own = []
    for general in dice.sample([each for each in ALL_SETTINGS if not each.place], 25):
        if general.value > 1 and general.key in {check.key for check in JUDGED}:
            divisors = [n for n in (1, 2, 3, 4, 6) if n < general.value]
            tighter = {
                "value": dice.choice(divisors), "place": dice.choice(("5205", "520526", "520527")),
                "valid_from": date(2024, 1, 1) + timedelta(days=dice.randrange(900)),
            }  # fmt: skip
            own.append(msgspec.structs.replace(general, **tighter))
    return tuple(own)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(LOGS))
def test_sql_and_python_agree_on_ten_thousand_children(
    house: Any, helpers: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    random = helpers.dice(seed)
    live(house.log, helpers, random, CHILDREN_A_LOG * 8, CHILDREN_A_LOG)
    house.catch_up()
    own = _tightened(random)
    house.client.insert("duty_settings", [list(row) for row in duty_settings_rows(own)],
                        column_names=list(DUTY_SETTINGS_COLUMNS))  # fmt: skip
    monkeypatch.setitem(globals(), "ALL_SETTINGS", (*ALL_SETTINGS, *own))
    for _ in range(2):
        on, known_by = (date(2024, 6, 1) + timedelta(days=random.randrange(800)) for _ in "12")
        rows = house.ask(
            "SELECT check, subject, place, due_on, done_on, state, overdue_days"
            f" FROM obligations_as_known(as_of = '{on}', known_by = '{known_by}')"
        )
        assert set(rows) == obligations(known_on(house.log, on, known_by), on)
        assert rows
