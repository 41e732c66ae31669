"""A model's papers: who approved it and until when, who tries it in shadow, who retired it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from domain.errors import SettingsError
from domain.event import Event, day
from domain.governance import ImpactAssessed
from domain.model_life import ModelApproved, ModelRetired, ModelShadowed
from infra.home import Home
from infra.own_events import own_event, record
from infra.visit_lists import make_lists, week_of
from risk import model_file
from risk.approvals import approved_models, shadow_models
from risk.card import Approval, Card, card_hash
from risk.errors import NotApprovedError
from risk.impact import impact_assessment, keep_until

SOURCE = "shouhe/models"
PURPOSE = "risk_model"
LEVELS = (6, 4, 2)
"""Digits of the places that an impact assessment may speak for: county, prefecture, province."""

LISTED_WEEKS = "SELECT DISTINCT week FROM visit_list WHERE week >= {week:String} ORDER BY week"


class Retired(NamedTuple):
    """Which models score no more, and which weeks' lists were made anew without them."""

    models: list[str]
    weeks: list[str]


def approve(home: Home, model_id: str, by: str, *, days: int | None = None) -> Card:
    """Record that someone approved this very file and its impact assessment. Twice is once.

    days   for how long; else the setting. An expired approval is renewed.
    Raises ModelFileError, SettingsError.
    """
    card = _checked(home, model_id)
    today = home.clock()
    for each in approved_models(home.warehouse):
        if each.model_id != model_id:
            continue
        if each.valid(day(today)) and each.file_hash == card.file_sha256:
            return card
        _record(home, model_id, ModelRetired(model_id=model_id, reason="renewed", retired_by=by))
    last = day(today) + timedelta(days=days or home.settings.model_days)
    _assess(home, card, by)
    fact = ModelApproved(
        model_id=model_id,
        file_hash=card.file_sha256,
        approved_by=by,
        card_hash=card_hash(card),
        expires_on=last,
        question=card.question,
    )
    _record(home, model_id, fact)
    home.catch_up()
    approval = Approval(by=by, at=today, expires_on=last)
    card = msgspec.structs.replace(card, approval=approval)
    model_file.write_card(home.settings.models_path, card)
    return card


def shadow(home: Home, model_id: str, by: str) -> Card:
    """Let a challenger score in shadow: recorded, compared, and in no list. Twice is once."""
    card = _checked(home, model_id)
    if any(each.model_id == model_id for each in shadow_models(home.warehouse)):
        return card
    _assess(home, card, by)
    fact = ModelShadowed(model_id=model_id, file_hash=card.file_sha256, shadowed_by=by)
    _record(home, model_id, fact)
    home.catch_up()
    return card


def retire(home: Home, by: str, reason: str, model_id: str = "") -> Retired:
    """Retire a model, or every one: the kill switch. The lists to come are made anew at once.

    Raises NotApprovedError.
    """
    home.catch_up()
    standing = [*approved_models(home.warehouse), *shadow_models(home.warehouse)]
    gone = [each.model_id for each in standing if model_id in ("", each.model_id)]
    if model_id and not gone:
        raise NotApprovedError(f"model: {model_id!r} is not approved, nor in shadow")
    for each in gone:
        _record(home, each, ModelRetired(model_id=each, reason=reason, retired_by=by))
    home.catch_up()
    week = week_of(day(home.clock()))
    listed = home.warehouse.query(LISTED_WEEKS, {"week": week}).result_rows if gone else []
    weeks = [row[0] for row in listed]
    for each in weeks:
        make_lists(home, each)
    return Retired(gone, weeks)


def impact_of(home: Home, card: Card) -> str:
    """The impact assessment of a model as the run fills it, in Markdown."""
    children, place = _area(home, card.as_of)
    return impact_assessment(card, place, children)


def _checked(home: Home, model_id: str) -> Card:
    """The card of a model whose file is whole and can be read. Raises ModelFileError."""
    home.catch_up()
    card = model_file.read_card(home.settings.models_path, model_id)
    model_file.load(home.settings.models_path, model_id, card.file_sha256)
    return card


def _record(home: Home, model_id: str, fact: Event) -> None:
    now = home.clock()
    kind = type(fact).__name__
    record(home, [own_event(SOURCE, f"{model_id}/{kind}/{now:%Y%m%dT%H%M%S.%f}", now, fact)])


def _assess(home: Home, card: Card, by: str) -> None:
    """The impact assessment as it lies beside the model, recorded by its hash."""
    folder = home.settings.models_path
    path = model_file.impact_path(folder, card.model_id)
    if not path.exists():
        model_file.write_impact(folder, card.model_id, impact_of(home, card))
    hashed = model_file.digest(path.read_bytes())
    _, place = _area(home, card.as_of)
    if not place:
        raise SettingsError("model: no child is on the ledger; there is nothing to assess")
    now = home.clock()
    fact = ImpactAssessed(
        purpose=PURPOSE,
        model_id=card.model_id,
        document_hash=hashed,
        assessed_by=by,
        keep_until=keep_until(day(now)),
    )
    id_ = f"{card.model_id}/impact/{now:%Y%m%dT%H%M%S.%f}"
    record(home, [msgspec.structs.replace(own_event(SOURCE, id_, now, fact), place=place)])


def _area(home: Home, as_of: date) -> tuple[int, str]:
    """How many children are on the ledger as of a day, and the smallest place that holds them."""
    count, first, last = home.warehouse.query(
        "SELECT count(), min(village_code), max(village_code)"
        " FROM children_as_of(as_of = {d:Date}) WHERE on_ledger AND village_code != ''",
        {"d": as_of},
    ).result_rows[0]
    return int(count), next((first[:n] for n in LEVELS if first and first[:n] == last[:n]), "")
