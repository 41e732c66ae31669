"""心理健康: screening, files, counselling, and the way to a doctor. Never a test's answers.

A referral has a stream from the urging to the follow-ups; the rest are facts. Sources: plan L31
(T2.3 to T2.8), L53 (T11.2); domain.md §3.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, Minutes, Personal, event
from domain.guards import Occasion, already, applies, guards, key_taken, not_yet, state
from domain.terms import Severity, Term


class Band(Term):
    """What a screening says, without its answers."""

    NORMAL = "normal", "正常"
    ATTENTION = "attention", "需关注"
    NEEDS_COUNSELLING = "needs_counselling", "需要辅导"
    SUSPECTED_ILLNESS = "suspected_illness", "疑似精神疾病"


class LedgerEntry(Term):
    TALK = "talk", "谈话疏导"
    GROUP = "group", "团体辅导"
    PARENTS = "parents", "家校沟通"
    OBSERVED = "observed", "观察"


class Counsellor(Term):
    TEACHER = "teacher", "心理健康教师"
    SOCIAL_WORKER = "social_worker", "社会工作者"
    DOCTOR = "doctor", "医生"


class Hotline(Term):
    YOUTH = "12355", "12355青少年服务台"
    WOMEN = "12338", "12338妇女维权热线"


class TeacherTraining(Term):
    COURSES = "courses", "课程设计和实施"
    ASSESSMENT = "assessment", "测评及分析"
    COUNSELLING = "counselling", "心理辅导"


@event(
    "teacher.psych_training_completed.v1",
    label="心理健康教师培训",
    stream="fact",
    emitters=(
        "教育",
        "卫健",
    ),
    rules=("T2.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class PsychTrainingCompleted(Event, frozen=True, kw_only=True):
    """心理健康教师培训 (L31)."""

    training: TeacherTraining
    heads: Annotated[int, msgspec.Meta(ge=1, le=100_000)]


@event(
    "mental.screening_completed.v1",
    label="心理测评筛查",
    stream="fact",
    emitters=(
        "学校",
        "教育",
    ),
    rules=(
        "T2.4",
        "T2.6",
        "T2.7",
    ),
)
class ScreeningCompleted(Event, frozen=True, kw_only=True):
    """定期测评筛查. The band alone, no item answers."""

    instrument: Code
    band: Band


@event(
    "mental.file_opened.v1",
    label="建立心理健康档案",
    stream="fact",
    emitters=(
        "学校",
        "教育",
    ),
    rules=("T2.5",),
)
class MentalFileOpened(Event, frozen=True, kw_only=True):
    """学生心理健康档案."""


@event(
    "mental.ledger_entry_added.v1",
    label="教育疏导工作台账",
    stream="fact",
    emitters=(
        "学校",
        "教育",
    ),
    rules=("T2.5",),
)
class LedgerEntryAdded(Event, frozen=True, kw_only=True):
    """教育疏导工作台账."""

    entry: LedgerEntry


@event(
    "mental.counselling_delivered.v1",
    label="心理辅导",
    stream="fact",
    emitters=(
        "学校",
        "卫健",
    ),
    rules=(
        "T2.6",
        "T11.2",
    ),
)
class CounsellingDelivered(Event, frozen=True, kw_only=True):
    """心理辅导."""

    by: Counsellor
    minutes: Minutes | None = None
    note: Personal | None = None


@event(
    "mental.referral_urged.v1",
    label="督促送医",
    stream="referral",
    key="referral_id",
    emitters=(
        "学校",
        "教育",
    ),
    rules=("T2.7",),
)
class ReferralUrged(Event, frozen=True, kw_only=True):
    """督促家长送医 (L31)."""

    referral_id: Code


@event(
    "mental.medical_visit_confirmed.v1",
    label="确认就医",
    stream="referral",
    key="referral_id",
    emitters=(
        "学校",
        "卫健",
    ),
    rules=("T2.7",),
)
class MedicalVisitConfirmed(Event, frozen=True, kw_only=True):
    """已送医."""

    referral_id: Code


@event(
    "mental.followup_recorded.v1",
    label="跟踪服务",
    stream="referral",
    key="referral_id",
    emitters=(
        "学校",
        "卫健",
    ),
    rules=("T2.7",),
)
class FollowupRecorded(Event, frozen=True, kw_only=True):
    """就医后跟踪服务."""

    referral_id: Code


@event(
    "mental.crisis_recorded.v1",
    label="心理危机",
    stream="fact",
    emitters=(
        "学校",
        "卫健",
    ),
    rules=("T2.5",),
    sensitivity="secret",
)
class CrisisRecorded(Event, frozen=True, kw_only=True):
    """心理危机事件."""

    severity: Severity


@event(
    "mental.community_rehab_enrolled.v1",
    label="纳入精神障碍社区康复",
    stream="fact",
    emitters=(
        "民政",
        "卫健",
    ),
    rules=("T2.8",),
)
class CommunityRehabEnrolled(Event, frozen=True, kw_only=True):
    """精神障碍社区康复服务."""


@event(
    "hotline.advised.v1",
    label="提示热线",
    stream="fact",
    emitters=(
        "学校",
        "教育",
    ),
    rules=("T11.2",),
)
class HotlineAdvised(Event, frozen=True, kw_only=True):
    """提示拨打12355、12338 (L53)."""

    hotline: Hotline


# --- a referral, from urging to follow-up -----------------------------------------------------


@state("referral")
class ReferralState(msgspec.Struct):
    """One referral."""

    child_id: UUID = NO_CHILD
    urged_at: datetime | None = None
    visited: bool = False


@applies(ReferralUrged)
def _urge(referral: ReferralState, _: ReferralUrged, at: Occasion) -> None:
    referral.child_id = at.child_id
    referral.urged_at = referral.urged_at or at.occurred_at


@applies(MedicalVisitConfirmed)
def _visit(referral: ReferralState, _: MedicalVisitConfirmed, __: Occasion) -> None:
    referral.visited = True


@guards(ReferralUrged)
def _may_urge(referral: ReferralState, fact: ReferralUrged, at: Occasion) -> Refusal | None:
    """It may be urged again."""
    if referral.urged_at is not None and referral.child_id != at.child_id:
        return key_taken("referral_id", fact.referral_id)
    return None


@guards(MedicalVisitConfirmed)
def _may_confirm(
    referral: ReferralState, fact: MedicalVisitConfirmed, at: Occasion
) -> Refusal | None:
    key = fact.referral_id
    if referral.urged_at is None:
        what = "no such referral was urged yet"
        return not_yet("referral_unknown", "referral_id", key, what, "mental.referral_urged")
    if referral.child_id != at.child_id:
        return key_taken("referral_id", key)
    if referral.visited:
        return already("already_visited", "referral_id", key, "the visit is confirmed")
    return None


@guards(FollowupRecorded)
def _may_follow_up(referral: ReferralState, fact: FollowupRecorded, at: Occasion) -> Refusal | None:
    key = fact.referral_id
    if not referral.visited:
        what = "no medical visit is confirmed yet"
        return not_yet("not_visited", "referral_id", key, what, "mental.medical_visit_confirmed")
    return None if referral.child_id == at.child_id else key_taken("referral_id", key)
