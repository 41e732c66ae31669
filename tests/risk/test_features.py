"""The declared features: who may not be told by, what is said of whom, and when a hash changes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from risk.baselines import HISTORY, SHEET_FEATURES
from risk.errors import RiskError
from risk.feature import Feature
from risk.features import FEATURES
from risk.statement import FeatureError, feature_hash, parts_by_source

SILENT = {"ledger", "season", "reports"}
"""Topics that are never a reason: how long someone is on file, what month it is."""


def test_sex_and_ethnicity_are_never_features() -> None:
    for each in FEATURES:
        text = " ".join((each.name, each.sql, *(part.name + part.sql for part in each.parts)))
        assert not re.search(r"\b(p_)?(sex|ethnicity|hukou\w*)\b|性别|民族", text), each.name


def test_no_feature_reads_an_id_a_place_in_the_log_or_the_hour_of_typing_in() -> None:
    ids = r"\b(child_id|event_id|position|recorded_at|rowNumber\w*|row_number|source)\b"
    for each in FEATURES:
        text = " ".join((each.sql, *(part.sql for part in each.parts)))
        assert not re.search(ids, text), each.name


def test_names_are_unique_and_parts_mean_one_thing() -> None:
    names = [each.name for each in FEATURES]
    assert len(set(names)) == len(names)
    parts_by_source(part for each in FEATURES for part in each.parts)


def test_a_part_declared_in_two_ways_is_refused() -> None:
    one = FEATURES[0].parts[0]
    with pytest.raises(FeatureError, match=one.name):
        parts_by_source([one, replace(one, sql="count()")])


def test_every_feature_has_its_chinese_name_and_every_topic_its_sentence() -> None:
    topics: dict[str, list[Feature]] = {}
    for each in FEATURES:
        assert re.search(r"[一-鿿]", each.label), each.name
        topics.setdefault(each.topic, []).append(each)
    told = {topic for topic, members in topics.items() if any(m.reason or m.low for m in members)}
    assert set(topics) - told == SILENT


@pytest.mark.parametrize("each", FEATURES, ids=lambda each: each.name)
def test_a_sentence_is_chinese_short_and_complete(each: Feature) -> None:
    for value in (0.0, 1.0, 2.0, 3.0, 4.0, 730.0):
        text = each.sentence(value)
        assert "{" not in text
        assert len(text) <= 120
        assert not text or re.search(r"[一-鿿]", text)
    if "{w}" in each.reason:
        assert each.words


def test_whoever_asked_for_help_or_was_reported_only_ever_goes_up() -> None:
    """Models keep a declared direction (test_reasons); here: it is declared of all that asks."""
    asks = re.compile(r"applied|applications|asked|counselling|eligib|hotline|report|request")
    found = [each for each in FEATURES if asks.search(each.name) or asks.search(each.topic)]
    assert {"applications_365", "asked_visits_365", "counselling_365", "found_ineligible",
            "hotlines_365", "reports_ever"} <= {each.name for each in found}  # fmt: skip
    assert {each.name for each in found if each.direction != 1} == set()


def test_the_points_rules_name_features() -> None:
    assert set(HISTORY) <= {each.name for each in FEATURES}
    assert len(SHEET_FEATURES) == 18


def test_the_hash_follows_the_sql_the_names_the_directions_and_the_point_in_time_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = feature_hash(FEATURES)
    assert feature_hash(FEATURES) == known
    first, *rest = FEATURES
    assert feature_hash([replace(first, sql=first.sql + " + 0"), *rest]) != known
    assert feature_hash([replace(first, name="years"), *rest]) != known
    assert feature_hash([replace(first, direction=1), *rest]) != known
    assert feature_hash(rest) != known
    monkeypatch.setattr("risk.statement.GUARD", "1")
    assert feature_hash(FEATURES) != known


def test_errors_of_risk_are_of_the_one_tree() -> None:
    assert issubclass(RiskError, Exception)
    assert RiskError.__mro__[1].__name__ == "ShouheError"
