"""A model at work on a home: measured as of a day, alerts recorded once a crossing."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import msgspec
import numpy as np

from domain.errors import SettingsError
from domain.event import SHANGHAI
from domain.model_life import ModelAlertCleared, ModelAlertRaised
from infra.home import Home
from infra.own_events import own_event, record
from infra.settings import Settings
from risk import model_file
from risk.approvals import Approved, list_models, shadow_models
from risk.card import Card
from risk.errors import ModelFileError
from risk.features import FEATURES
from risk.labels import answered
from risk.matrix import Matrix, Scores, fetch
from risk.monitoring import (
    AtWork,
    Limits,
    Reading,
    Turn,
    at_work,
    calibrated,
    drift,
    random_visits,
    score_drift,
    turns,
)
from risk.overrides import Overridden, overrides
from risk.questions import Question, question_named

SOURCE = "shouhe/monitor"
LOOK_BACK = 26
"""Scored days looked at, the latest of those whose labels have matured."""

SCORED_DAYS = """
SELECT as_of FROM scores WHERE model_id = {model:String} AND as_of <= {day:Date}
GROUP BY as_of ORDER BY as_of
"""
SCORES = """
SELECT as_of, toString(child_id), score FROM scores
WHERE model_id = {model:String} AND as_of IN {days:Array(Date)}
"""
RANDOM = """
SELECT DISTINCT toString(child_id), day FROM visits_history
WHERE selection = 'random' AND recorded_at < {end:DateTime64(6, 'UTC')}
    AND replaced_at >= {end:DateTime64(6, 'UTC')} AND day <= {day:Date}
"""
STANDING = """
SELECT JSONExtractString(data, 'model_id') AS model, JSONExtractString(data, 'measure') AS measure,
    JSONExtractString(data, 'of') AS of, argMax(type, position) = 'model.alert_raised.v1'
FROM events WHERE type IN ('model.alert_raised.v1', 'model.alert_cleared.v1')
GROUP BY model, measure, of
"""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured on a day.

    readings   each with its limit; raised, cleared: the alerts that began and ended with it
    at_work    champion and challengers on the same scored days, the champion first
    overrides  what came of the children whom directors put on a list or took off it
    """

    as_of: date
    readings: list[Reading]
    at_work: list[AtWork]
    raised: list[Reading]
    cleared: list[Reading]
    overrides: list[Overridden] = []


class Measured(NamedTuple):
    """What was measured of the models that score; the champion first."""

    readings: list[Reading]
    at_work: list[AtWork]


def limits_of(settings: Settings) -> Limits:
    """The limits of a home: `monitor.toml`, or the defaults. Raises SettingsError."""
    path = settings.home / "monitor.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Limits)
    except FileNotFoundError:
        return Limits()
    except (OSError, ValueError) as error:
        raise SettingsError(f"monitor.toml: {error}; mend the file") from None


def watch(home: Home, as_of: date, *, keep: bool = True) -> Watch:
    """Measure every model that scores; record what crossed a limit, unless `keep` is False."""
    home.catch_up()
    readings, found = measured(home.warehouse, home.settings, as_of)
    begun = turns(readings, _standing(home.warehouse))
    if keep:
        _record(home, as_of, begun)
    return Watch(
        as_of=as_of,
        readings=readings,
        at_work=found,
        raised=[each.reading for each in begun if each.raised],
        cleared=[each.reading for each in begun if not each.raised],
        overrides=overrides(home.warehouse, as_of),
    )


def measured(client: Any, settings: Settings, as_of: date) -> Measured:
    """Every model that scores, measured as of a day; reads only."""
    limits = limits_of(settings)
    models = [(each, False) for each in list_models(client)[:1]]
    models += [(each, True) for each in shadow_models(client)]
    cards = [(each, shadow, _card(settings, each)) for each, shadow in models]
    known = [(each, shadow, card) for each, shadow, card in cards if card is not None]
    readings: list[Reading] = []
    matrix = fetch(client, [as_of]) if known else None
    for each, _, card in known:
        if card.reference is not None and matrix is not None:
            readings += drift(each.model_id, FEATURES, matrix.values, card.reference, limits)
            latest = _latest_scores(client, each.model_id, as_of)
            readings += score_drift(each.model_id, latest, card.reference, limits)
    found, own = _at_work(client, [(card, shadow) for _, shadow, card in known], as_of, limits)
    readings += own
    return Measured(readings, found)


def _card(settings: Settings, each: Approved) -> Card | None:
    try:
        return model_file.read_card(settings.models_path, each.model_id)
    except ModelFileError:
        return None


def _scored_days(client: Any, model_id: str, day: date) -> list[date]:
    rows = client.query(SCORED_DAYS, {"model": model_id, "day": day}).result_rows
    return [row[0] for row in rows]


def _latest_scores(client: Any, model_id: str, day: date) -> Scores:
    days = _scored_days(client, model_id, day)[-1:]
    rows = client.query(SCORES, {"model": model_id, "days": days}).result_rows if days else []
    return np.array([row[2] for row in rows], np.float64)


def _at_work(
    client: Any, models: Sequence[tuple[Card, bool]], as_of: date, limits: Limits
) -> tuple[list[AtWork], list[Reading]]:
    """What came of each model's scores, on the matured days that they share if there are any."""
    days = {card.model_id: _matured(client, card, as_of) for card, _ in models}
    shared = sorted(set.intersection(*map(set, days.values()))) if days else []
    found, readings = [], []
    for card, shadow in models:
        model, question = card.model_id, question_named(card.question)
        own = (shared or days[model])[-LOOK_BACK:]
        if not own:
            continue
        matrix = answered(client, fetch(client, own), question, as_of)
        scores, rows = _joined(client, model, matrix, own)
        label = matrix.label[rows].astype(np.bool_)
        seen = at_work(model, scores, label, own, shadow=shadow)
        found.append(seen)
        readings += calibrated(seen, limits)
        chosen = _randomly_visited(client, matrix, question, as_of)[rows]
        readings += random_visits(model, scores[chosen], label[chosen], limits)
    return found, readings


def _matured(client: Any, card: Card, as_of: date) -> list[date]:
    """The scored days of a model whose answers can be read."""
    question = question_named(card.question)
    return [d for d in _scored_days(client, card.model_id, as_of) if question.matured(d, as_of)]


def _joined(client: Any, model: str, matrix: Matrix, days: Sequence[date]) -> tuple[Scores, Any]:
    """The scores of a matrix's rows that have one (and a label), and which rows these are."""
    rows = client.query(SCORES, {"model": model, "days": list(days)}).result_rows
    known = {(_number(day), child): score for day, child, score in rows}
    keys = zip(matrix.as_of.tolist(), matrix.text("child"), strict=True)
    scores = np.array([known.get(key, np.nan) for key in keys], np.float64)
    has = ~np.isnan(scores) & matrix.seen
    return scores[has], has


def _randomly_visited(client: Any, matrix: Matrix, question: Question, as_of: date) -> Any:
    """Rows whose child was visited at random within the label's window."""
    end = datetime.combine(as_of, time(), SHANGHAI).astimezone(UTC)
    given = {"end": end, "day": as_of}
    visits: dict[str, list[int]] = {}
    for child, day in client.query(RANDOM, given).result_rows:
        visits.setdefault(child, []).append(_number(day))
    horizon = question.horizon_days
    return np.array(
        [
            any(0 < day - then <= horizon for day in visits.get(child, ()))
            for then, child in zip(matrix.as_of.tolist(), matrix.text("child"), strict=True)
        ],
        np.bool_,
    )


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _standing(client: Any) -> dict[tuple[str, str, str], bool]:
    return {tuple(row[:3]): bool(row[3]) for row in client.query(STANDING).result_rows}


def _record(home: Home, as_of: date, begun: Sequence[Turn]) -> None:
    now = home.clock()
    events = []
    for each in begun:
        kind = ModelAlertRaised if each.raised else ModelAlertCleared
        reading = each.reading
        fact = kind(
            model_id=reading.model_id,
            measure=reading.measure,
            of=reading.of,
            as_of=as_of,
            value=reading.value,
            limit=reading.limit,
        )
        id_ = f"{reading.model_id}/{reading.measure.value}/{reading.of}/{now:%Y%m%dT%H%M%S.%f}"
        events.append(own_event(SOURCE, id_, now, fact))
    record(home, events)
    if events:
        home.catch_up()
