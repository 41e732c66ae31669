"""模型的一生: trained, assessed, tried in shadow, approved, retired; and the alarms about it.

Only an approved model's scores order a list. A model in shadow scores beside it and orders nothing.
Approval publishes: there is no state between an approved model and one in use, so there is no
`model.published`. Sources: plan L71 (T18.2); PIPL 24, 55, 56; domain.md §3, §5.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.errors import Refusal
from domain.event import Code, Event, event
from domain.guards import Occasion, Turns, add_turn, applies, guards, not_yet, state, turn_before
from domain.terms import Term


class Measure(Term):
    """What is watched of a model at work."""

    FEATURE_DRIFT = "feature_drift", "特征漂移"
    SCORE_DRIFT = "score_drift", "评分漂移"
    CALIBRATION = "calibration", "校准误差"
    RANDOM_VISITS = "random_visits", "随机走访发现率与评分不符"


Figure = Annotated[float, msgspec.Meta(ge=-1_000_000, le=1_000_000)]


@event(
    "model.trained.v1",
    label="训练模型",
    stream="model",
    key="model_id",
    emitters=("守禾",),
    rules=("T18.2",),
    sensitivity="general",
    about_child=False,
)
class ModelTrained(Event, frozen=True, kw_only=True):
    """训练完成, 尚未批准. `file_hash` and `card_hash`: SHA-256 of the model's file and its card."""

    model_id: Code
    file_hash: Code
    card_hash: Code
    question: Code
    as_of: date
    log_position: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    feature_hash: Code
    code_version: Code


@event(
    "model.shadowed.v1",
    label="模型试算",
    stream="model",
    key="model_id",
    emitters=("守禾",),
    rules=("T18.2",),
    sensitivity="general",
    about_child=False,
)
class ModelShadowed(Event, frozen=True, kw_only=True):
    """挑战者试算: it may score beside the approved model; its scores order nothing."""

    model_id: Code
    file_hash: Code
    shadowed_by: Code


@event(
    "model.approved.v1",
    label="批准模型",
    stream="model",
    key="model_id",
    emitters=("守禾",),
    rules=("T18.2",),
    sensitivity="general",
    about_child=False,
)
class ModelApproved(Event, frozen=True, kw_only=True):
    """批准使用. Only an approved model scores; `file_hash` is the skops file's SHA-256.

    `expires_on` is the last day on which it scores and orders lists; `question` is what it answers:
    only models of the question that lists are about order them.
    """

    model_id: Code
    file_hash: Code
    approved_by: Code
    card_hash: Code | None = None
    expires_on: date | None = None
    question: Code | None = None


@event(
    "model.retired.v1",
    label="停用模型",
    stream="model",
    key="model_id",
    emitters=("守禾",),
    rules=("T18.2",),
    sensitivity="general",
    about_child=False,
)
class ModelRetired(Event, frozen=True, kw_only=True):
    """停用: lists fall back to the next approved model, or to duty order."""

    model_id: Code
    reason: Code = "replaced"
    retired_by: Code | None = None


@event(
    "model.alert_raised.v1",
    label="模型预警",
    stream="fact",
    emitters=("守禾",),
    rules=("T18.2",),
    sensitivity="general",
    about_child=False,
)
class ModelAlertRaised(Event, frozen=True, kw_only=True):
    """监测指标越限, once per crossing. `of`: the feature, or `all`."""

    model_id: Code
    measure: Measure
    of: Code = "all"
    as_of: date
    value: Figure
    limit: Figure


@event(
    "model.alert_cleared.v1",
    label="模型预警解除",
    stream="fact",
    emitters=("守禾",),
    rules=("T18.2",),
    sensitivity="general",
    about_child=False,
)
class ModelAlertCleared(Event, frozen=True, kw_only=True):
    """指标回到限内: a later crossing is a new alert."""

    model_id: Code
    measure: Measure
    of: Code = "all"
    as_of: date
    value: Figure
    limit: Figure


@state("model")
class ModelState(msgspec.Struct):
    """When one model was approved (True) and retired (False); the same of its shadow runs."""

    approval: Turns = msgspec.field(default_factory=list)
    shadow: Turns = msgspec.field(default_factory=list)


@applies(ModelApproved)
def _approve(model: ModelState, _: ModelApproved, at: Occasion) -> None:
    add_turn(model.approval, at.occurred_at, True)


@applies(ModelShadowed)
def _shadow(model: ModelState, _: ModelShadowed, at: Occasion) -> None:
    add_turn(model.shadow, at.occurred_at, True)


@applies(ModelRetired)
def _retire(model: ModelState, _: ModelRetired, at: Occasion) -> None:
    add_turn(model.approval, at.occurred_at, False)
    add_turn(model.shadow, at.occurred_at, False)


@guards(ModelApproved)
def _may_approve(model: ModelState, fact: ModelApproved, at: Occasion) -> Refusal | None:
    if not turn_before(model.approval, at.occurred_at):
        return None
    what = "this model was already approved at that time"
    return not_yet("already_approved", "model_id", fact.model_id, what, "model.retired")


@guards(ModelShadowed)
def _may_shadow(model: ModelState, fact: ModelShadowed, at: Occasion) -> Refusal | None:
    if not (
        turn_before(model.approval, at.occurred_at) or turn_before(model.shadow, at.occurred_at)
    ):
        return None
    what = "this model was already approved, or in shadow, at that time"
    return not_yet("already_scoring", "model_id", fact.model_id, what, "model.retired")


@guards(ModelRetired)
def _may_retire(model: ModelState, fact: ModelRetired, at: Occasion) -> Refusal | None:
    if turn_before(model.approval, at.occurred_at) or turn_before(model.shadow, at.occurred_at):
        return None
    what = "this model was not approved at that time"
    return not_yet("not_approved", "model_id", fact.model_id, what, "model.approved")
