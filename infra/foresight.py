"""Models at work: train, approve and score on a home. What comes out goes back through intake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from domain.errors import SettingsError
from domain.event import SHANGHAI, Event, Incoming
from domain.foresight import ModelApproved, RiskScored
from infra.home import Home
from risk import model_file
from risk.approvals import approved_model, approved_models
from risk.capacity import Capacity
from risk.card import Approval, Card
from risk.errors import ModelFileError
from risk.judging import Rank
from risk.scoring import score
from risk.training import data_position, train

BATCH = 2_000
"""Events recorded in one durable transaction."""

_encode = msgspec.json.Encoder().encode


class ScoredCounts(NamedTuple):
    """What a scoring run did.

    new             events recorded now; the others were there already
    learned_until   the model's own as-of day: later than `as_of`, it knows what came after
    """

    scored: int
    new: int
    model_id: str
    as_of: date
    log_position: int
    learned_until: date


def own_event(source: str, id_: str, at: datetime, fact: Event, subject: str = "") -> Incoming:
    """A fact that this system states itself, in wire form."""
    return Incoming(
        specversion="1.0",
        id=id_,
        source=source,
        type=type(fact).TYPE,
        time=at,
        subject=subject,
        actorrole="system",
        data=msgspec.Raw(_encode(fact)),
    )


def record(home: Home, events: Iterable[Incoming]) -> int:
    """Record our own events, batch by batch. → how many were new.

    Raises SettingsError where intake refuses one, with its reason.
    """
    new, rest = 0, iter(events)
    while batch := list(islice(rest, BATCH)):
        for outcome in home.intake.record(batch):
            if outcome.status == "rejected":
                raise SettingsError(f"{outcome.field}: {outcome.message} ({outcome.type})")
            new += outcome.status == "accepted"
    return new


def train_model(
    home: Home,
    as_of: date,
    *,
    capacity: Capacity = Capacity(),  # noqa: B008 - frozen
    truth: Callable[[tuple[date, ...]], Rank] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Card:
    """Train as of a day, judge, and keep the model with its card. It still has to be approved.

    Raises HistoryTooShortError; ModelFileError where another file of this name is in use.
    """
    home.catch_up()
    made, card = train(
        home.warehouse, as_of, created=home.clock(), capacity=capacity, truth=truth, tell=tell
    )
    for each in approved_models(home.warehouse):
        if each.model_id == card.model_id:
            return _kept(home, card, made, each.file_hash)
    return model_file.save(home.settings.models_path, made, card)


def _kept(home: Home, card: Card, made: Any, approved_hash: str) -> Card:
    """An approved model is never overwritten by another; the same one may be put back."""
    hashed = model_file.digest(model_file.packed(made))
    if hashed != approved_hash:
        raise ModelFileError(
            f"model: {card.model_id!r} is approved with other content; retire it before it is"
            " trained again (`model.retired`)"
        )
    by = next(e for e in approved_models(home.warehouse) if e.model_id == card.model_id)
    approval = Approval(by=by.approved_by, at=by.approved_at)
    card = msgspec.structs.replace(card, approval=approval)
    return model_file.save(home.settings.models_path, made, card)


def approve(home: Home, model_id: str, by: str) -> Card:
    """Record that someone approved this very file. Twice is once. Raises ModelFileError."""
    folder = home.settings.models_path
    card = model_file.read_card(folder, model_id)
    model_file.load(folder, model_id, card.file_sha256)
    for each in approved_models(home.warehouse):
        if (each.model_id, each.file_hash) == (model_id, card.file_sha256):
            return card
    now = home.clock()
    fact = ModelApproved(model_id=model_id, file_hash=card.file_sha256, approved_by=by)
    record(home, [own_event("shouhe/models", f"{model_id}/{now:%Y%m%dT%H%M%S.%f}", now, fact)])
    home.catch_up()
    card = msgspec.structs.replace(card, approval=Approval(by=by, at=now))
    model_file.write_card(folder, card)
    return card


def score_children(home: Home, as_of: date, model_id: str | None = None) -> ScoredCounts:
    """Score everyone on the ledger as of a day with an approved model, and record the scores.

    Raises NotApprovedError, ModelFileError, SettingsError (a day to come).
    """
    today = home.clock().astimezone(SHANGHAI).date()
    if as_of > today:
        raise SettingsError(f"as-of: {as_of} is yet to come; use {today} or an earlier day")
    home.catch_up()
    client = home.warehouse
    chosen = approved_model(client, model_id)
    model, card = model_file.load(home.settings.models_path, chosen.model_id, chosen.file_hash)
    position = data_position(client, as_of)
    scored = 0

    def events() -> Iterator[Incoming]:
        nonlocal scored
        for each in score(client, model, card, as_of):
            scored += 1
            yield score_event(str(each.child_id), each.fact)

    new = record(home, events())
    home.catch_up()
    return ScoredCounts(scored, new, chosen.model_id, as_of, position, card.as_of)


def score_event(child_id: str, fact: RiskScored) -> Incoming:
    """Dated at the beginning of its as-of day, which may not be over yet."""
    at = datetime.combine(fact.as_of, time(), SHANGHAI)
    source, id_ = f"shouhe/score/{fact.model_id}", f"{fact.as_of}/{child_id}"
    return own_event(source, id_, at, fact, child_id)
