"""学校: schools and what they arrange for pupils: boarding, places, pairings, rules for phones.

A school has a stream from its registration on; a pairing from created to ended. Sources: plan L29
(T1.3), L31 (T2.8), L51 (T10.4), L53 (T11.6), L63 (T15.5); domain.md §3.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from domain.child_file import SchoolStage
from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, event
from domain.guards import Occasion, already, applies, guards, key_taken, not_yet, state
from domain.terms import Term


class BroughtIn(Term):
    """Whether phones may be brought to school."""

    LIMITED = "limited", "有限带入"
    FREE = "free", "自由带入"
    FORBIDDEN = "forbidden", "禁止带入"


class InClass(Term):
    FORBIDDEN = "forbidden", "禁止带入课堂"
    ALLOWED = "allowed", "可带入课堂"


class VicePrincipalFrom(Term):
    COURT = "court", "法院"
    PROCURATOR = "procurator", "检察院"
    POLICE = "police", "公安"
    JUSTICE = "justice", "司法"


class PairingKind(Term):
    ACADEMIC = "academic", "学业帮扶"
    HELPER = "helper", "一对一帮扶"
    COMPANION = "companion", "亲情陪伴"


class PairedWith(Term):
    TEACHER = "teacher", "教师"
    VOLUNTEER = "volunteer", "志愿者"
    RELATIVE = "relative", "亲属"
    NEIGHBOUR = "neighbour", "邻居"
    SOCIAL_WORKER = "social_worker", "社会工作者"


@event(
    "school.registered.v1",
    label="登记学校",
    stream="school",
    key="school_code",
    emitters=("教育",),
    rules=(
        "T1.3",
        "T13.3",
    ),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class SchoolRegistered(Event, frozen=True, kw_only=True):
    """学校. `place`: its township or village."""

    school_code: Code
    stage: SchoolStage
    boarding: bool = False


@event(
    "school.legal_vice_principal_assigned.v1",
    label="聘任法治副校长",
    stream="fact",
    emitters=(
        "法院",
        "检察院",
        "公安",
        "司法",
    ),
    rules=("T1.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class LegalVicePrincipalAssigned(Event, frozen=True, kw_only=True):
    """配齐配强法治副校长 (L29)."""

    school_code: Code
    sent_by: VicePrincipalFrom


@event(
    "school.phone_policy_set.v1",
    label="手机管理规定",
    stream="fact",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T15.5",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class PhonePolicySet(Event, frozen=True, kw_only=True):
    """手机有限带入校园、禁止带入课堂 (L63)."""

    school_code: Code
    brought_in: BroughtIn
    in_class: InClass


@event(
    "school.transferred.v1",
    label="转学",
    stream="fact",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T10.1",),
)
class SchoolTransferred(Event, frozen=True, kw_only=True):
    """转学. `school.left` and `school.enrolled` say the rest."""

    school_code: Code
    to_school_code: Code


@event(
    "school.boarding_assigned.v1",
    label="安排寄宿",
    stream="fact",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T11.6",),
)
class BoardingAssigned(Event, frozen=True, kw_only=True):
    """安排寄宿制学校和学生宿舍 (L53)."""

    school_code: Code


@event(
    "school.public_enrolled.v1",
    label="安排公办学校",
    stream="fact",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T11.6",),
)
class PublicEnrolled(Event, frozen=True, kw_only=True):
    """流动儿童就读公办学校 (L53)."""

    school_code: Code


@event(
    "school.absence_flagged.v1",
    label="缺课预警",
    stream="fact",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T10.2",),
)
class AbsenceFlagged(Event, frozen=True, kw_only=True):
    """连续缺课. Emitted by the school."""

    school_code: Code
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]


@event(
    "pairing.created.v1",
    label="结对帮扶",
    stream="pairing",
    key="pairing_id",
    emitters=(
        "教育",
        "民政",
        "团委",
        "妇联",
    ),
    rules=(
        "T2.8",
        "T10.4",
    ),
)
class PairingCreated(Event, frozen=True, kw_only=True):
    """一对一结对."""

    pairing_id: Code
    kind: PairingKind
    paired_with: PairedWith


@event(
    "pairing.ended.v1",
    label="结束结对",
    stream="pairing",
    key="pairing_id",
    emitters=(
        "教育",
        "民政",
        "团委",
        "妇联",
    ),
    rules=("T10.4",),
)
class PairingEnded(Event, frozen=True, kw_only=True):
    """结对结束."""

    pairing_id: Code


# --- guards -----------------------------------------------------------------------------------


@state("school")
class SchoolState(msgspec.Struct):
    """One school."""

    registered_at: datetime | None = None


@applies(SchoolRegistered)
def _register(school: SchoolState, _: SchoolRegistered, at: Occasion) -> None:
    school.registered_at = at.occurred_at


@guards(SchoolRegistered)
def _may_register(school: SchoolState, fact: SchoolRegistered, _: Occasion) -> Refusal | None:
    if school.registered_at is None:
        return None
    return already("already_registered", "school_code", fact.school_code, "this school is known")


@state("pairing")
class PairingState(msgspec.Struct):
    """One pairing."""

    child_id: UUID = NO_CHILD
    created_at: datetime | None = None
    ended: bool = False


@applies(PairingCreated)
def _pair(pairing: PairingState, _: PairingCreated, at: Occasion) -> None:
    pairing.child_id, pairing.created_at = at.child_id, at.occurred_at


@applies(PairingEnded)
def _part(pairing: PairingState, _: PairingEnded, __: Occasion) -> None:
    pairing.ended = True


@guards(PairingCreated)
def _may_pair(pairing: PairingState, fact: PairingCreated, at: Occasion) -> Refusal | None:
    if pairing.created_at is None:
        return None
    if pairing.child_id != at.child_id:
        return key_taken("pairing_id", fact.pairing_id)
    return already("already_created", "pairing_id", fact.pairing_id, "this pairing is recorded")


@guards(PairingEnded)
def _may_part(pairing: PairingState, fact: PairingEnded, at: Occasion) -> Refusal | None:
    if pairing.created_at is None:
        what = "no such pairing was made yet"
        return not_yet("pairing_unknown", "pairing_id", fact.pairing_id, what, "pairing.created")
    if pairing.child_id != at.child_id:
        return key_taken("pairing_id", fact.pairing_id)
    if pairing.ended:
        return already("already_ended", "pairing_id", fact.pairing_id, "this pairing has ended")
    return None
