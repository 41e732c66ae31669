"""Who is left behind, orphaned, without support: what the facts say, and what they leave open."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.categories import Decision, Person, decide
from domain.child_file import Category
from domain.circumstances import Standing, Told, circumstances
from domain.duty_settings import Setting, values_on
from domain.event import event_id
from domain.proposals import Change, proposals
from domain.rules.register import ALL_SETTINGS

ON = date(2026, 3, 1)
BORN = date(2015, 5, 1)
VALUES = values_on(ALL_SETTINGS, "520526100201", ON)
FACT = event_id("urn:test", "1")

FAMILY: dict[str, str] = {"hukou": "rural"}


def known(**said: str) -> dict[str, Standing]:
    """`father_away="work"`: since the first of 2025."""
    day = date(2025, 1, 1)
    return {
        name.replace("_", ".", 1) if name[:6] in {"father", "mother"} else name: Standing(
            value, day, day, FACT
        )
        for name, value in said.items()
    }


def decision(
    category: str, facts: dict[str, Standing], on: date = ON, values: Any = VALUES
) -> Decision:
    """What the rules say of one category."""
    found = decide(facts, Person(BORN, on, values))
    return next(each for each in found if each.category == category)


def say(category: str, **said: str) -> tuple[str, tuple[str, ...]]:
    """Answer and what is lacking."""
    found = decision(category, known(**said))
    return found.answer, found.needs


YES, NO = ("yes", ()), ("no", ())


@pytest.mark.parametrize(
    ("father", "mother", "answer"),
    [
        ({"father_away": "work"}, {"mother_away": "work"}, YES),
        ({"father_away": "work"}, {"mother_status": "severe_disability"}, YES),
        ({"father_away": "work"}, {"mother_capacity": "none"}, YES),
        ({"father_away": "work"}, {"mother_status": "dead"}, YES),
        ({"father_away": "work"}, {"mother_away": "home"}, NO),
        ({"father_away": "work"}, {"mother_capacity": "full"}, NO),
        ({"father_status": "dead"}, {"mother_status": "imprisoned"}, NO),
        ({"father_away": "work"}, {}, ("needs", ("mother",))),
        ({"father_away": "work"}, {"mother_status": "divorced"}, ("needs", ("mother",))),
        ({"father_away": "work"}, {"mother_away": "other"}, ("needs", ("mother",))),
        ({}, {}, ("needs", ("father", "mother"))),
    ],
)
def test_left_behind_is_whose_parents_are_away_or_unable(
    father: dict[str, str], mother: dict[str, str], answer: Any
) -> None:
    assert say("left_behind_child", hukou="rural", **father, **mother) == answer


@pytest.mark.parametrize(
    ("hukou", "answer"),
    [("urban", NO), ("other", NO), ("none", ("needs", ("hukou",))), ("rural", YES)],
)
def test_left_behind_is_of_rural_registration(hukou: str, answer: Any) -> None:
    away = {"father_away": "work", "mother_away": "work"}
    assert say("left_behind_child", hukou=hukou, **away) == answer


def test_left_behind_ends_with_the_month_of_the_sixteenth_birthday() -> None:
    facts = known(hukou="rural", father_away="work", mother_away="work")
    assert decision("left_behind_child", facts, date(2031, 5, 31)).answer == "yes"
    assert decision("left_behind_child", facts, date(2031, 6, 1)).answer == "no"


def test_one_parent_away_is_the_statistics_own_concept() -> None:
    facts = known(hukou="urban", father_away="work", mother_away="home")
    assert decision("left_behind_child", facts).answer == "no"
    assert decision("census_parent_away", facts).answer == "yes"
    assert decision("census_parent_away", facts, date(2025, 6, 30)).answer == "no"
    assert decision("census_parent_away", facts, date(2025, 7, 1)).answer == "yes"


@pytest.mark.parametrize(
    ("father", "mother", "orphan", "unsupported"),
    [
        ("dead", "dead", YES, NO),
        ("dead", "missing", YES, NO),
        ("dead", "lost_contact", NO, YES),
        ("dead", "deported", NO, YES),
        ("deported", "imprisoned", NO, NO),
        ("severe_disability", "imprisoned", NO, YES),
        ("guardianship_revoked", "serious_illness", NO, YES),
        ("normal", "dead", NO, NO),
        ("divorced", "imprisoned", NO, NO),
        ("dead", "", ("needs", ("mother",)), ("needs", ("mother",))),
    ],
)
def test_orphaned_and_de_facto_unsupported(
    father: str, mother: str, orphan: Any, unsupported: Any
) -> None:
    said = {"father_status": father} | ({"mother_status": mother} if mother else {})
    assert say("orphan", **said) == orphan
    assert say("de_facto_unsupported", **said) == unsupported


def test_prison_counts_from_six_months_and_before_the_term_must_be_told() -> None:
    facts = known(father_status="dead", mother_status="imprisoned")
    before = decision("de_facto_unsupported", facts, date(2025, 6, 30))
    assert (before.answer, before.needs) == ("needs", ("mother.term",))
    assert decision("de_facto_unsupported", facts, date(2025, 7, 1)).answer == "yes"


def test_whether_two_deported_parents_count_is_a_dated_setting() -> None:
    facts = known(father_status="deported", mother_status="deported")
    assert decision("de_facto_unsupported", facts).answer == "no"
    later = Setting(rule="T9.1", key="deported_both", value=1, unit="reading", is_law=False,
                    valid_from=date(2026, 2, 1), source="a notice")  # fmt: skip
    for on, answer in ((date(2026, 1, 31), "no"), (date(2026, 2, 1), "yes")):
        values = values_on((*ALL_SETTINGS, later), "520526", on)
        assert decision("de_facto_unsupported", facts, on, values).answer == answer


@pytest.mark.parametrize(
    ("category", "said", "answer"),
    [
        ("family_poverty", {"income": "subsistence"}, YES),
        ("family_poverty", {"income": "low_income_margin"}, ("needs", ("difficulty",))),
        ("family_poverty", {"income": "none"}, NO),
        ("family_poverty", {}, ("needs", ("income",))),
        ("own_disability", {"certificate": "sight/4"}, YES),
        ("own_disability", {"health": "disabled/2"}, YES),
        ("own_disability", {"health": "healthy/0"}, NO),
        ("own_disability", {}, ("needs", ("disability",))),
        ("serious_illness", {"health": "serious/0"}, YES),
        ("serious_illness", {}, ("needs", ("health",))),
        ("destitute", {"income": "destitute"}, YES),
        ("destitute", {"father_away": "work"}, NO),
        ("guardianship_failure", {}, ("needs", ("assessment",))),
    ],
)
def test_the_kinds_of_difficulty(category: str, said: dict[str, str], answer: Any) -> None:
    assert say(category, **said) == answer


def test_a_decision_names_its_facts_and_their_events() -> None:
    told = [
        Told("parent.departed.v1", {"parent": "father"}, date(2025, 2, 20), UUID(int=1)),
        Told("parent.status_changed.v1", {"parent": "mother", "status": "serious_illness"},
             date(2025, 3, 1), UUID(int=2)),
    ]  # fmt: skip
    facts = circumstances(told) | known(hukou="rural")
    found = decision("left_behind_child", facts)
    assert found.answer == "yes"
    assert "父亲外出:外出务工(2025-02-20)" in found.words
    assert "母亲状态:重病(2025-03-01)" in found.words
    assert {each.event_id for each in found.grounds} == {UUID(int=1), UUID(int=2), FACT}
    assert found.since == date(2025, 3, 1)


def test_a_state_holds_since_the_first_of_an_unbroken_run() -> None:
    def income(status: str, on: date) -> Told:
        return Told("household.income_status_set.v1", {"status": status}, on, FACT)

    days = [date(2025, month, 1) for month in (1, 2, 3, 4)]
    told = [income(s, d) for s, d in zip(("none", "subsistence"), days, strict=False)]
    told += [income("subsistence", days[2]), income("subsistence", days[3])]
    assert circumstances(told)["income"][:3] == ("subsistence", days[1], days[3])


# --- proposals ---------------------------------------------------------------------------------

AWAY = {"father_away": "work", "mother_away": "work"}


def proposed(facts: dict[str, Standing], *held: Category) -> list[tuple[Change, str]]:
    """What the rules propose."""
    found = proposals(decide(facts, Person(BORN, ON, VALUES)), held, facts)
    return [(each.change, each.decision.category) for each in found]


def test_where_rule_and_file_differ_a_human_is_asked() -> None:
    facts = known(hukou="rural", **AWAY)
    assert (Change.ADDED, "left_behind_child") in proposed(facts)
    assert proposed(facts, Category.LEFT_BEHIND) == []
    home = known(hukou="rural", father_away="home", mother_away="home")
    assert proposed(home, Category.LEFT_BEHIND) == [(Change.REMOVED, "left_behind_child")]


def test_what_is_unknown_takes_nobody_off_the_ledger() -> None:
    assert proposed(known(hukou="rural"), *Category) == []


def test_a_refused_proposal_comes_back_when_its_facts_change() -> None:
    facts = known(hukou="rural", **AWAY)
    day = date(2025, 6, 1)
    refused = {"refused.added.left_behind_child": Standing("yes", day, day, FACT)}
    assert proposed(facts | refused) == []
    again = date(2026, 2, 20)
    left = {"father.away": Standing("work", again, again, FACT)}
    assert proposed(facts | refused | left) == [(Change.ADDED, "left_behind_child")]


def test_a_proposal_has_a_name_that_fits_the_basis_of_an_event() -> None:
    facts = known(hukou="rural", **AWAY)
    found = proposals(decide(facts, Person(BORN, ON, VALUES)), (), facts)
    assert [each.basis for each in found] == ["proposal:added:left_behind_child:2025-01-01"]
