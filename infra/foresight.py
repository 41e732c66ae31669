"""Models at work: train and score on a home. What comes out goes back through intake."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any, NamedTuple

import msgspec

from domain.errors import SettingsError
from domain.event import SHANGHAI, Incoming
from domain.event import day as shanghai_day
from domain.foresight import RiskScored
from domain.model_life import ModelTrained
from infra.home import Home
from infra.own_events import own_event, record
from risk import dictionary, model_file
from risk.approvals import (
    Approved,
    approved_model,
    approved_models,
    once_approved,
    shadow_models,
)
from risk.capacity import Capacity
from risk.card import Approval, Card, card_hash
from risk.errors import ModelFileError
from risk.judging import Rank
from risk.questions import SERIOUS_PROBLEM, Question
from risk.scoring import Scored, score
from risk.stewardship import code_version
from risk.training import data_position, train


class ScoredCounts(NamedTuple):
    """What a scoring run did.

    new             events recorded now; the others were there already
    learned_until   the model's own as-of day: later than `as_of`, it knows what came after
    shadow          the model is a challenger: its scores order no list
    """

    scored: int
    new: int
    model_id: str
    as_of: date
    log_position: int
    learned_until: date
    shadow: bool = False


def train_model(
    home: Home,
    as_of: date,
    *,
    question: Question = SERIOUS_PROBLEM,
    capacity: Capacity | None = None,
    truth: Callable[[tuple[date, ...]], Rank] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Card:
    """Train as of a day, judge, and keep the model with its card. It still has to be approved.

    Raises HistoryTooShortError; ModelFileError where another file of this name is in use.
    """
    home.catch_up()
    made, card = train(
        home.warehouse,
        as_of,
        created=home.clock(),
        question=question,
        capacity=capacity,
        truth=truth,
        tell=tell,
    )
    for each in approved_models(home.warehouse):
        if each.model_id == card.model_id:
            return _kept(home, card, made, each.file_hash)
    card = model_file.save(home.settings.models_path, made, card)
    _trained(home, card)
    return card


def _trained(home: Home, card: Card) -> None:
    """A training is a fact, whatever becomes of the model."""
    fact = ModelTrained(
        model_id=card.model_id,
        file_hash=card.file_sha256,
        card_hash=card_hash(card),
        question=card.question,
        as_of=card.as_of,
        log_position=card.data_position,
        feature_hash=card.feature_hash,
        code_version=card.code,
    )
    id_ = f"{card.model_id}/trained/{fact.card_hash[:16]}"
    record(home, [own_event("shouhe/models", id_, card.created, fact)])


def _kept(home: Home, card: Card, made: Any, approved_hash: str) -> Card:
    """An approved model is never overwritten by another; the same one may be put back."""
    hashed = model_file.digest(model_file.packed(made))
    if hashed != approved_hash:
        raise ModelFileError(
            f"model: {card.model_id!r} is approved with other content; retire it before it is"
            " trained again (`model.retired`)"
        )
    by = next(e for e in approved_models(home.warehouse) if e.model_id == card.model_id)
    approval = Approval(by=by.approved_by, at=by.approved_at, expires_on=by.expires_on)
    card = msgspec.structs.replace(card, approval=approval)
    return model_file.save(home.settings.models_path, made, card)


def score_children(
    home: Home,
    as_of: date,
    model_id: str | None = None,
    *,
    keep: bool = True,
    tell: Callable[[Scored], None] = lambda _: None,
) -> ScoredCounts:
    """Score everyone on the ledger as of a day, and record the scores unless `keep` is False.

    model_id  an approved model, or one in shadow; without it, the latest approved
    keep      False: only compute, also by a model that has expired or was retired since
    tell      gets every score, in the order of child ids
    Raises NotApprovedError, ExpiredError, ModelFileError, SettingsError (a day to come).
    """
    today = shanghai_day(home.clock())
    if as_of > today:
        raise SettingsError(f"as-of: {as_of} is yet to come; use {today} or an earlier day")
    home.catch_up()
    client = home.warehouse
    chosen, shadow = _chosen(client, model_id, today, keep=keep)
    model, card = model_file.load(home.settings.models_path, chosen.model_id, chosen.file_hash)
    position = data_position(client, as_of)
    stamp = _stamp(position, chosen.file_hash, shadow=shadow)
    scored = 0

    def events() -> Iterator[Incoming]:
        nonlocal scored
        for each in score(client, model, card, as_of, shadow=shadow):
            scored += 1
            tell(each)
            yield score_event(each.child_id, each.fact, stamp)

    if keep:
        new = record(home, events())
        home.catch_up()
    else:
        new = 0
        deque(events(), maxlen=0)
    return ScoredCounts(scored, new, chosen.model_id, as_of, position, card.as_of, shadow)


def _chosen(client: Any, model_id: str | None, today: date, *, keep: bool) -> tuple[Approved, bool]:
    """Which model is to score, and whether in shadow. Raises NotApprovedError, ExpiredError."""
    for each in shadow_models(client) if model_id else ():
        if each.model_id == model_id:
            return each, True
    if model_id and not keep:
        return once_approved(client, model_id), False
    return approved_model(client, model_id, today if keep else None), False


def _stamp(position: int, file_hash: str, *, shadow: bool) -> str:
    """Eight digits of what the scores of a day depend on: scored anew, they are new facts."""
    text = f"{position}\0{file_hash}\0{shadow}\0{code_version()}\0{dictionary.digest()}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def score_event(child_id: str, fact: RiskScored, stamp: str = "") -> Incoming:
    """Dated at the beginning of its as-of day, which may not be over yet."""
    at = datetime.combine(fact.as_of, time(), SHANGHAI)
    source, id_ = f"shouhe/score/{fact.model_id}", f"{fact.as_of}/{stamp}/{child_id}"
    return own_event(source, id_, at, fact, child_id)
