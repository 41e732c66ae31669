"""What another list would have found, from real lists on a log and the visits drawn by lot."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from msgspec.structs import replace

from domain.child_file import ChildRegistered, Hukou, IDType
from domain.errors import WrongUsageError
from domain.event import SHANGHAI, Event, Incoming, child_id
from domain.foresight import RiskScored
from domain.model_life import ModelApproved, ModelShadowed, ModelTrained
from domain.terms import Severity, Sex, WorkerRole
from domain.visit_list import Rules, plan
from domain.visiting import FoundBy, ProblemFound, ProblemKind, VisitCompleted
from domain.workforce import WorkerAppointed
from infra.commands.other_list import show
from infra.home import Home
from infra.list_candidates import candidates
from infra.other_list import DUE_ORDER, POINTS, other_lists, usual
from infra.own_events import own_event, record
from infra.settings import Settings
from infra.visit_lists import Row, make_lists, week_of
from notebooks.monitor import other_lists_chart, other_lists_frame
from risk.other_list import OtherList, Rows, compared

VILLAGES = [f"52052610{n:04d}" for n in range(201, 261)]
CHILDREN, WEEKS, SHARE = 6, 2, 0.25
FIRST = date(2025, 3, 3)
UNTIL = FIRST + timedelta(days=7 * WEEKS + 14)
HOURS = 3
MADE = 0.9


class Lived(NamedTuple):
    """A log of some weeks: its lists, what each child's visit would find, what the visits found.

    chance   child → the chance that a visit finds serious trouble
    lists    Monday → the lines of that week; looked: (Monday, child) → found
    others   Monday → whom the model in shadow would have named, asked on the day itself
    """

    home: Home
    chance: dict[str, float]
    lists: dict[date, list[Row]]
    others: dict[date, dict[str, str]]
    looked: dict[tuple[date, str], bool]


class _Diary:
    """Writes a county of our own making, week by week, as time goes by."""

    def __init__(self, folder: Any) -> None:
        self.now = _at(FIRST - timedelta(days=60))
        self.home = Home(Settings(folder), clock=lambda: self.now)
        self.rng, self.count = Random(7), 0  # noqa: S311 - a seeded generator is the point
        self.waiting: list[Incoming] = []

    def write(self, fact: Event, day: date, subject: str = "") -> None:
        self.count += 1
        event = own_event("urn:test", f"e{self.count}", _at(day), fact, subject)
        if isinstance(fact, VisitCompleted):
            event = Incoming(
                **{f: getattr(event, f) for f in event.__struct_fields__} | {"actor": "D"}
            )
        self.waiting.append(event)

    def keep(self, day: date) -> None:
        self.now = _at(day, 20)
        record(self.home, self.waiting)
        self.waiting = []


def _at(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


@pytest.fixture(scope="module")
def lived(empty_homes: Any) -> Iterator[Lived]:
    diary = _Diary(empty_homes())
    with diary.home as home:
        children = _people(diary)
        chance = {child: diary.rng.uniform(0.02, 0.9) for child in children}
        scores = {
            "ours": {c: min(0.99, p * diary.rng.uniform(0.3, 1.0)) for c, p in chance.items()},
            "theirs": {c: min(0.99, p * diary.rng.uniform(0.1, 1.0)) for c, p in chance.items()},
            "late": dict.fromkeys(children[:60], 0.5),
        }
        _models(diary, scores)
        lists: dict[date, list[Row]] = {}
        others: dict[date, dict[str, str]] = {}
        looked: dict[tuple[date, str], bool] = {}
        for number in range(WEEKS):
            monday = FIRST + timedelta(days=7 * number)
            diary.keep(monday - timedelta(days=1))
            lists[monday] = make_lists(home, week_of(monday), rules=Rules(random_share=SHARE)).rows
            others[monday] = _others(home, monday, scores["theirs"])
            looked |= _visits(diary, monday, lists[monday], chance)
        _made_anew(diary, monday)
        diary.keep(UNTIL)
        home.catch_up()
        yield Lived(home, chance, lists, others, looked)


def _made_anew(diary: _Diary, monday: date) -> None:
    """On Tuesday: without whom Monday's visits were made to."""
    waiting = diary.waiting
    diary.waiting = [each for each in waiting if each.time <= _at(monday)]
    later = [each for each in waiting if each.time > _at(monday)]
    diary.keep(monday)
    diary.now, diary.waiting = _at(monday + timedelta(days=1), 9), later
    assert make_lists(diary.home, week_of(monday), rules=Rules(random_share=SHARE)).new


def _people(diary: _Diary) -> list[str]:
    """Villages with a director and children, each of whom was visited once."""
    entered = FIRST - timedelta(days=60)
    children: list[str] = []
    for village in VILLAGES:
        fact = WorkerAppointed(
            worker_id=f"D-{village}", role=WorkerRole.DIRECTOR, place=village, weekly_hours=HOURS
        )
        diary.write(fact, entered)
        for number in range(CHILDREN):
            diary.write(
                ChildRegistered(
                    name=f"孩{number}",
                    id_type=IDType.NONE,
                    sex=Sex.GIRL,
                    birth_date=date(2015, 3, 7),
                    hukou_type=Hukou.NONE,
                    hukou_division="520526",
                    residence_division=village,
                ),
                entered,
            )
            children.append(str(child_id("urn:test", f"e{diary.count}")))
    for child in children:
        diary.write(
            VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True),
            FIRST - timedelta(days=diary.rng.randint(8, 50)),
            child,
        )
    return children


def _models(diary: _Diary, scores: dict[str, dict[str, float]]) -> None:
    """One that orders the lists, one in shadow, and one that learned from these very weeks."""
    day = FIRST - timedelta(days=3)
    for name, own in scores.items():
        learned = UNTIL if name == "late" else FIRST - timedelta(days=30)
        diary.write(
            ModelTrained(
                model_id=name,
                file_hash=name,
                card_hash=name,
                question="serious_problem_90",
                as_of=learned,
                log_position=1,
                feature_hash="f",
                code_version="1",
            ),
            day,
        )
        if name == "ours":
            diary.write(ModelApproved(model_id=name, file_hash=name, approved_by="A"), day)
        else:
            diary.write(ModelShadowed(model_id=name, file_hash=name, shadowed_by="A"), day)
        for as_of in [FIRST - timedelta(days=1)]:
            for child, score in own.items():
                fact = RiskScored(
                    model_id=name, as_of=as_of, score=score, log_position=1, shadow=name != "ours"
                )
                diary.write(fact, min(as_of, FIRST - timedelta(days=1)), child)


def _visits(
    diary: _Diary, monday: date, lines: list[Row], chance: dict[str, float]
) -> dict[tuple[date, str], bool]:
    """Nine of ten listed visits are made; a visit finds what there is by chance."""
    seen: dict[tuple[date, str], bool] = {}
    for line in lines:
        child = str(line.child_id)
        if line.propensity is None or diary.rng.random() > MADE:
            continue
        day = monday + timedelta(days=diary.rng.randrange(7))
        diary.write(VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True), day, child)
        seen[monday, child] = diary.rng.random() < chance[child]
        if seen[monday, child]:
            diary.write(
                ProblemFound(
                    problem_id=f"P{diary.count}",
                    kind=ProblemKind.SAFETY,
                    severity=Severity.SERIOUS,
                    found_by=FoundBy.VISIT,
                ),
                day,
                child,
            )
    return seen


def _others(home: Home, monday: date, scores: dict[str, float]) -> dict[str, str]:
    """Whom a list by other scores names for a visit, and for what."""
    eve = monday - timedelta(days=1)
    waiting = candidates(home.warehouse, week_of(monday), eve, VILLAGES, ("", eve))
    found: dict[str, str] = {}
    for village, known in waiting.items():
        scored = [replace(each, score=scores[str(each.child_id)]) for each in known]
        made = plan(scored, 60 * HOURS, day=monday, rules=Rules(random_share=0), worker=village)
        found |= {
            str(each.child_id): (each.raised_for or each.listed_for).value
            for each in made.lines
            if each.propensity is not None
        }
    return found


@pytest.fixture(scope="module")
def said(lived: Lived) -> dict[str, OtherList]:
    """Two other lists, and one by a model that learned from these very weeks."""
    asked = (DUE_ORDER, "theirs", "late")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("risk.other_list.LEAST_EFFECTIVE", 20)
        return {e.name: e for e in other_lists(lived.home.warehouse, asked, FIRST, UNTIL)}


def test_the_figure_is_the_one_counted_by_hand(lived: Lived, said: dict[str, OtherList]) -> None:
    lines = [
        (monday, line)
        for monday, lines in lived.lists.items()
        for line in lines
        if line.propensity is not None
    ]
    listed, made = Counter[str](), Counter[str]()
    for monday, line in lines:
        listed[line.raised_for or line.listed_for] += 1
        made[line.raised_for or line.listed_for] += (monday, str(line.child_id)) in lived.looked
    kept = {kind: made[kind] / listed[kind] for kind in listed}
    weights = finds = 0.0
    for monday, line in lines:
        child = str(line.child_id)
        if child in lived.others[monday] and (monday, child) in lived.looked:
            chance = float(line.propensity or 0) * kept[line.raised_for or line.listed_for]
            weight = kept[lived.others[monday][child]] / chance
            weights += weight
            finds += weight * lived.looked[monday, child]
    named = [kind for children in lived.others.values() for kind in children.values()]
    theirs = said["theirs"]
    assert theirs.visits == len(named)
    shown = theirs.estimates
    assert shown["inverse_propensity"].found_per_100 == pytest.approx(
        100 * finds / sum(kept[kind] for kind in named)
    )
    assert shown["self_normalised"].found_per_100 == pytest.approx(100 * finds / weights)
    assert theirs.as_made.found_per_100 == pytest.approx(
        100 * sum(lived.looked.values()) / len(lived.looked)
    )


def test_the_intervals_cover_the_truth(lived: Lived, said: dict[str, OtherList]) -> None:
    named = [child for children in lived.others.values() for child in children]
    truth = 100 * sum(lived.chance[child] for child in named) / len(named)
    for estimate in said["theirs"].estimates.values():
        assert estimate.low < truth < estimate.high
        assert estimate.high - estimate.low < 45
        assert estimate.support == pytest.approx(1.0, abs=0.3)
    assert all(0 < e.found_per_100 < 100 for e in said[DUE_ORDER].estimates.values())


def test_a_list_that_goes_by_no_score_finds_less_here(said: dict[str, OtherList]) -> None:
    due, theirs = said[DUE_ORDER], said["theirs"]
    assert due.difference is not None
    assert theirs.difference is not None
    assert due.difference.more_per_100 < min(0, theirs.difference.more_per_100)
    assert due.difference.low < due.difference.more_per_100 < due.difference.high


def test_a_model_is_not_asked_about_weeks_that_it_learned_from(said: dict[str, OtherList]) -> None:
    assert said["late"].visits == 0
    assert said["late"].estimates == {}
    assert "训练" in said["late"].refused


def test_weeks_whose_answers_are_not_in_are_left_out(lived: Lived) -> None:
    early = UNTIL - timedelta(days=7 * WEEKS)
    (found,) = other_lists(lived.home.warehouse, [DUE_ORDER], FIRST, early)
    assert (found.weeks, found.estimates) == (0, {})
    assert "shouhe list --week" in found.refused


def test_a_model_that_was_never_trained_is_wrong_usage(lived: Lived) -> None:
    with pytest.raises(WrongUsageError, match="nobody"):
        other_lists(lived.home.warehouse, ["nobody"], FIRST, UNTIL)
    assert usual(lived.home.warehouse)[:2] == [DUE_ORDER, POINTS]


def test_a_village_that_is_none_is_wrong_usage(lived: Lived) -> None:
    with pytest.raises(WrongUsageError, match="--village: 'Dafang' is no place code"):
        other_lists(lived.home.warehouse, [POINTS], FIRST, UNTIL, village="Dafang")


def test_a_table_for_people_has_every_list(
    said: dict[str, OtherList], capsys: pytest.CaptureFixture[str]
) -> None:
    show([*said.values()], FIRST, UNTIL)
    printed = capsys.readouterr().out
    assert "原清单(所见)" in printed
    assert f"{said['theirs'].estimates['doubly_robust'].found_per_100:.2f}" in printed
    assert "late:不作估计" in printed


def test_the_room_shows_the_list_that_was_made_and_what_can_be_said(
    said: dict[str, OtherList],
) -> None:
    frame = other_lists_frame([*said.values()])
    assert list(frame["清单"]) == ["原清单(所见)", "按到期顺序", "theirs"]
    assert (frame["下限"] < frame["每百次发现"]).all()
    assert other_lists_chart(frame).to_dict()["layer"]


# --- when nothing is said -------------------------------------------------------------------------


def rows(weeks: int = 200, lot: float = 0.5) -> Rows:
    """Each week five may be visited: the first always is, and one of the others, mostly by lot."""
    rng = np.random.default_rng(3)
    place = np.tile(np.arange(5), weeks)
    drawn = np.repeat(rng.random(weeks) < lot, 5)
    whom = np.repeat(rng.integers(2, 5, weeks), 5)
    made = np.where(place == 0, "duty", "")
    made = np.where((place == 1) & ~drawn, "risk", made)
    made = np.where((place == whom) & drawn, "random", made)
    chance = np.where(place == 0, 1.0, np.where(place == 1, 1 - lot, lot / 3))
    return Rows(
        made=made,
        chance=chance,
        other=np.where(place == 0, "duty", np.where(place == 2, "risk", "")),
        drawn=np.full(len(place), lot > 0),
        fell=drawn,
        looked=(made != "") & (rng.random(len(place)) < 0.9),
        found=rng.random(len(place)) < 0.3,
        score=np.full(len(place), np.nan),
    )


def test_without_a_lot_nothing_is_said_and_the_remedy_named() -> None:
    found = compared("x", rows(lot=0.0), 200)
    assert (found.estimates, found.difference, found.covered) == ({}, None, 0.5)
    assert "--random-share" in found.refused


def test_without_a_lot_a_fifth_that_differs_is_enough_to_say_nothing() -> None:
    """What the lists share is duty: their finds say nothing of whom the other list would add."""
    made = np.repeat(["duty", "risk", ""], [810, 190, 190])
    every = Rows(
        made=made,
        chance=np.ones(len(made)),
        other=np.repeat(["duty", "", "due_order"], [810, 190, 190]),
        drawn=np.zeros(len(made), np.bool_),
        fell=np.zeros(len(made), np.bool_),
        looked=made != "",
        found=(made == "risk") & (np.arange(len(made)) % 3 == 0),
        score=np.full(len(made), np.nan),
    )
    found = compared("x", every, 20)
    assert (found.estimates, found.difference, found.covered) == ({}, None, 0.81)
    assert "--random-share" in found.refused


def test_shared_visits_that_might_have_given_way_are_no_lot() -> None:
    """A hundred shared visits with a chance below 1, and nobody drawn of whom the lists differ."""
    made = np.repeat(["risk", ""], [100, 10])
    every = Rows(
        made=made,
        chance=np.full(len(made), 0.95),
        other=np.full(len(made), "risk"),
        drawn=np.ones(len(made), np.bool_),
        fell=np.zeros(len(made), np.bool_),
        looked=made != "",
        found=np.arange(len(made)) % 4 == 0,
        score=np.full(len(made), np.nan),
    )
    found = compared("x", every, 20)
    assert found.effective > 50
    assert (found.estimates, found.difference) == ({}, None)
    assert "只相当于 0 次(至少 20 次)" in found.refused


def test_the_same_list_without_a_lot_needs_none_where_visits_gave_way_to_one() -> None:
    given = rows(600)
    place = np.arange(len(given.made)) % 5
    other = np.where(place == 0, "duty", np.where(place == 1, "risk", ""))
    assert compared("no_lot", dataclasses.replace(given, other=other), 600).refused == ""


def test_too_few_visits_by_lot_say_how_long_to_wait() -> None:
    enough, few = compared("x", rows(600), 600), compared("x", rows(40), 40)
    assert enough.refused == ""
    assert enough.effective > 50
    assert few.estimates == {}
    assert f"约再等 {-(-40 * 50 // few.effective) - 40:.0f} 周" in few.refused


def test_lists_that_name_the_same_children_need_no_lot() -> None:
    same = rows(lot=0.0)
    found = compared("x", dataclasses.replace(same, other=same.made), 200)
    assert found.refused == ""
    made = found.as_made.found_per_100
    assert found.estimates["self_normalised"].found_per_100 == pytest.approx(made, rel=0.02)
    assert found.difference is not None
    assert found.difference.low == found.difference.high == 0.0


def test_a_listed_visit_that_was_not_made_is_no_visit_in_vain() -> None:
    every = rows(2000)
    half = dataclasses.replace(every, looked=every.looked & (np.arange(len(every.made)) % 2 == 0))
    for name, estimate in compared("x", half, 2000).estimates.items():
        whole = compared("x", every, 2000).estimates[name]
        assert estimate.found_per_100 == pytest.approx(whole.found_per_100, rel=0.15)
