"""残疾与康复: screened, diagnosed, certified, treated; surgery, devices, training.

Facts; the chain 筛查 → 诊断 → 治疗 → 康复 is a rule's. Sources: plan L49 (T9.4, T9.5).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Event, event
from domain.terms import Term


class DisabilityType(Term):
    SIGHT = "sight", "视力"
    HEARING = "hearing", "听力"
    SPEECH = "speech", "言语"
    PHYSICAL = "physical", "肢体"
    INTELLECTUAL = "intellectual", "智力"
    MENTAL = "mental", "精神"
    MULTIPLE = "multiple", "多重"


class RehabService(Term):
    SURGERY = "surgery", "手术"
    DEVICE = "assistive_device", "辅助器具"
    TRAINING = "training", "康复训练"


@event(
    "disability.screened.v1",
    label="致残性疾病筛查",
    stream="fact",
    emitters=("卫健",),
    rules=("T9.4",),
)
class DisabilityScreened(Event, frozen=True, kw_only=True):
    """致残性疾病筛查."""

    suspected: bool


@event("disability.diagnosed.v1", label="诊断", stream="fact", emitters=("卫健",), rules=("T9.4",))
class DisabilityDiagnosed(Event, frozen=True, kw_only=True):
    """诊断."""

    type: DisabilityType


@event(
    "disability.certified.v1",
    label="残疾评定",
    stream="fact",
    emitters=("残联",),
    rules=(
        "T9.4",
        "T9.5",
    ),
)
class DisabilityCertified(Event, frozen=True, kw_only=True):
    """残疾人证. Grade 1 (most severe) to 4."""

    type: DisabilityType
    grade: Annotated[int, msgspec.Meta(ge=1, le=4)]


@event("disability.treated.v1", label="治疗", stream="fact", emitters=("卫健",), rules=("T9.4",))
class DisabilityTreated(Event, frozen=True, kw_only=True):
    """治疗."""


@event(
    "disability.rehab_started.v1",
    label="开始康复",
    stream="fact",
    emitters=(
        "残联",
        "卫健",
    ),
    rules=("T9.4",),
)
class RehabStarted(Event, frozen=True, kw_only=True):
    """康复救助开始."""


@event(
    "rehab.service_delivered.v1",
    label="康复救助服务",
    stream="fact",
    emitters=(
        "残联",
        "民政",
    ),
    rules=("T9.5",),
)
class RehabDelivered(Event, frozen=True, kw_only=True):
    """手术、康复辅助器具、康复训练."""

    service: RehabService
