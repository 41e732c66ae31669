"""源头帮扶: training and jobs for parents and guardians, so that fewer have to leave.

Facts about no child, of a village or township. Sources: plan L55 (T12.1, T12.3, T12.4).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Event, Level, event
from domain.terms import Term

NEAR: tuple[Level, ...] = ("village", "township", "county")
Heads = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class EmploymentService(Term):
    POLICY = "policy_advice", "就业创业政策咨询"
    REGISTRATION = "registration", "就业失业登记"
    PLACEMENT = "placement", "职业介绍"


@event(
    "employment.training_completed.v1",
    label="完成职业培训",
    stream="fact",
    emitters=("人社", "妇联"),
    rules=("T12.1", "T12.4"),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class TrainingCompleted(Event, frozen=True, kw_only=True):
    """儿童父母或监护人、留守妇女职业培训. Emitted by human resources."""

    left_behind_woman: bool
    heads: Heads


@event(
    "employment.service_delivered.v1",
    label="就业服务",
    stream="fact",
    emitters=("人社",),
    rules=("T12.3",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class ServiceDelivered(Event, frozen=True, kw_only=True):
    """公共就业服务到村. Emitted by human resources."""

    type: EmploymentService
    heads: Heads
