"""控辍保学: a dropout from first suspicion to return, and the reports of the “四个一”.

One stream a dropout. Sources: plan L51 (T10.2, T10.3), UPL 28; 教育部办公厅 2024 “四个一” (T10.5).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, Personal, event
from domain.guards import Occasion, already, applies, guards, key_taken, not_yet, state
from domain.terms import Term


class DropoutCause(Term):
    WEARY = "weary_of_school", "厌学"
    POVERTY = "poverty", "家庭困难"
    WORK = "work", "务工"
    ILLNESS = "illness", "疾病残疾"
    MARRIAGE = "early_marriage", "早婚"
    OTHER = "other", "其他"


class Persuader(Term):
    TEACHER = "teacher", "教师"
    COMMITTEE = "village_committee", "村(居)委会"
    JOINT = "joint_team", "联合工作组"


class ReportLevel(Term):
    """Who reports, and how often (四个一)."""

    SCHOOL = "school", "学校月报"
    COUNTY = "county", "县季度"
    PREFECTURE = "prefecture", "市学期"
    PROVINCE = "province", "省年度"


Heads = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


@event(
    "dropout.suspected.v1",
    label="疑似辍学",
    stream="dropout",
    key="dropout_id",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T10.2",),
)
class DropoutSuspected(Event, frozen=True, kw_only=True):
    """疑似辍学. Emitted by the school."""

    dropout_id: Code


@event(
    "dropout.confirmed.v1",
    label="确认辍学",
    stream="dropout",
    key="dropout_id",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T10.2",),
)
class DropoutConfirmed(Event, frozen=True, kw_only=True):
    """确认辍学, with or without a suspicion before."""

    dropout_id: Code
    cause: DropoutCause


@event(
    "dropout.persuasion_made.v1",
    label="劝返",
    stream="dropout",
    key="dropout_id",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T10.2",),
)
class PersuasionMade(Event, frozen=True, kw_only=True):
    """劝返复学 (UPL 28)."""

    dropout_id: Code
    by: Persuader
    note: Personal | None = None


@event(
    "dropout.returned.v1",
    label="返校复学",
    stream="dropout",
    key="dropout_id",
    emitters=(
        "教育",
        "学校",
    ),
    rules=(
        "T10.2",
        "T10.3",
        "T11.6",
    ),
)
class DropoutReturned(Event, frozen=True, kw_only=True):
    """返校复学."""

    dropout_id: Code


@event(
    "dropout.plan_made.v1",
    label="制定教学计划",
    stream="dropout",
    key="dropout_id",
    emitters=(
        "教育",
        "学校",
    ),
    rules=(
        "T10.3",
        "T11.6",
    ),
)
class TeachingPlanMade(Event, frozen=True, kw_only=True):
    """有针对性的教学计划和教育安置 (L51)."""

    dropout_id: Code


@event(
    "dropout.relapsed.v1",
    label="辍学反弹",
    stream="dropout",
    key="dropout_id",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T10.3",),
)
class DropoutRelapsed(Event, frozen=True, kw_only=True):
    """复学后再次辍学."""

    dropout_id: Code


@event(
    "dropout.report_submitted.v1",
    label="控辍保学报告",
    stream="fact",
    emitters=(
        "教育",
        "学校",
    ),
    rules=("T10.5",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
        "township",
        "village",
    ),
)
class DropoutReportSubmitted(Event, frozen=True, kw_only=True):
    """“四个一”报告. `suspected`, `confirmed`: how many pupils on the day."""

    level: ReportLevel
    school_code: Code | None = None
    suspected: Heads
    confirmed: Heads


# --- a dropout, from suspicion to return ------------------------------------------------------


@state("dropout")
class DropoutState(msgspec.Struct):
    """One dropout."""

    child_id: UUID = NO_CHILD
    begun_at: datetime | None = None
    confirmed: bool = False
    returned: bool = False


@applies(DropoutSuspected)
def _suspect(dropout: DropoutState, _: DropoutSuspected, at: Occasion) -> None:
    dropout.child_id, dropout.begun_at = at.child_id, at.occurred_at


@applies(DropoutConfirmed)
def _confirm(dropout: DropoutState, _: DropoutConfirmed, at: Occasion) -> None:
    dropout.child_id, dropout.confirmed = at.child_id, True
    dropout.begun_at = dropout.begun_at or at.occurred_at


@applies(DropoutReturned)
def _return(dropout: DropoutState, _: DropoutReturned, __: Occasion) -> None:
    dropout.returned = True


@applies(DropoutRelapsed)
def _relapse(dropout: DropoutState, _: DropoutRelapsed, __: Occasion) -> None:
    dropout.returned = False


@guards(DropoutSuspected)
def _may_suspect(dropout: DropoutState, fact: DropoutSuspected, at: Occasion) -> Refusal | None:
    if dropout.begun_at is None:
        return None
    if dropout.child_id != at.child_id:
        return key_taken("dropout_id", fact.dropout_id)
    return already("already_suspected", "dropout_id", fact.dropout_id, "this dropout is recorded")


@guards(DropoutConfirmed)
def _may_confirm(dropout: DropoutState, fact: DropoutConfirmed, at: Occasion) -> Refusal | None:
    if dropout.begun_at is not None and dropout.child_id != at.child_id:
        return key_taken("dropout_id", fact.dropout_id)
    if dropout.confirmed:
        what = "this dropout is confirmed"
        return already("already_confirmed", "dropout_id", fact.dropout_id, what)
    return None


@guards(PersuasionMade)
@guards(DropoutReturned)
def _may_bring_back(
    dropout: DropoutState, fact: PersuasionMade | DropoutReturned, at: Occasion
) -> Refusal | None:
    key = fact.dropout_id
    if dropout.begun_at is None:
        what = "no such dropout is recorded yet"
        return not_yet("dropout_unknown", "dropout_id", key, what, "dropout.confirmed")
    if dropout.child_id != at.child_id:
        return key_taken("dropout_id", key)
    if dropout.returned and isinstance(fact, DropoutReturned):
        return already("already_returned", "dropout_id", key, "the child is back in school")
    return None


@guards(TeachingPlanMade)
@guards(DropoutRelapsed)
def _may_follow(
    dropout: DropoutState, fact: TeachingPlanMade | DropoutRelapsed, at: Occasion
) -> Refusal | None:
    if not dropout.returned:
        what = "the child is not back in school"
        return not_yet("not_returned", "dropout_id", fact.dropout_id, what, "dropout.returned")
    return None if dropout.child_id == at.child_id else key_taken("dropout_id", fact.dropout_id)
