"""资格申请: an application from the family to the decision, before a benefit is granted.

One stream an application. How long a step may take is a rule's, not a guard's. Sources: plan L49
(T9.1); domain.md §4 (事实无人抚养、孤儿).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, event
from domain.guards import Occasion, already, applies, guards, key_taken, not_yet, state
from domain.subsidy import Benefit
from domain.terms import Term


class Refused(Term):
    """Why an application was turned down."""

    NOT_IN_SCOPE = "not_in_scope", "不在保障范围"
    PAPERS = "papers_missing", "材料不齐"
    OTHER_BENEFIT = "other_benefit", "已享受同类保障"
    OTHER = "other", "其他"


@event(
    "eligibility.applied.v1",
    label="申请",
    stream="application",
    key="application_id",
    emitters=(
        "民政",
        "村(居)委会",
    ),
    rules=("T9.1",),
)
class Applied(Event, frozen=True, kw_only=True):
    """监护人提出申请."""

    application_id: Code
    benefit: Benefit


@event(
    "eligibility.accepted.v1",
    label="受理申请",
    stream="application",
    key="application_id",
    emitters=("民政",),
    rules=("T9.1",),
)
class Accepted(Event, frozen=True, kw_only=True):
    """乡镇受理申请."""

    application_id: Code


@event(
    "eligibility.notified.v1",
    label="告知结果",
    stream="application",
    key="application_id",
    emitters=("民政",),
    rules=("T9.1",),
)
class Notified(Event, frozen=True, kw_only=True):
    """告知申请人结果. No public notice: a child's privacy (domain.md §4)."""

    application_id: Code


@event(
    "eligibility.checked.v1",
    label="乡镇查验",
    stream="application",
    key="application_id",
    emitters=(
        "民政",
        "村(居)委会",
    ),
    rules=("T9.1",),
)
class Checked(Event, frozen=True, kw_only=True):
    """乡镇查验."""

    application_id: Code
    in_order: bool


@event(
    "eligibility.confirmed.v1",
    label="县级确认",
    stream="application",
    key="application_id",
    emitters=(
        "民政",
        "村(居)委会",
    ),
    rules=("T9.1",),
)
class Confirmed(Event, frozen=True, kw_only=True):
    """县级民政确认."""

    application_id: Code


@event(
    "eligibility.rejected.v1",
    label="不予确认",
    stream="application",
    key="application_id",
    emitters=(
        "民政",
        "村(居)委会",
    ),
    rules=("T9.1",),
)
class Rejected(Event, frozen=True, kw_only=True):
    """不予确认, and why."""

    application_id: Code
    reason: Refused


# --- guards -----------------------------------------------------------------------------------


@state("application")
class ApplicationState(msgspec.Struct):
    """One application."""

    child_id: UUID = NO_CHILD
    applied_at: datetime | None = None
    decided: bool = False


@applies(Applied)
def _apply(application: ApplicationState, _: Applied, at: Occasion) -> None:
    application.child_id, application.applied_at = at.child_id, at.occurred_at


@applies(Confirmed)
@applies(Rejected)
def _decide(application: ApplicationState, _: Confirmed | Rejected, __: Occasion) -> None:
    application.decided = True


@guards(Applied)
def _may_apply(application: ApplicationState, fact: Applied, at: Occasion) -> Refusal | None:
    key = fact.application_id
    if application.applied_at is None:
        return None
    if application.child_id != at.child_id:
        return key_taken("application_id", key)
    return already("already_applied", "application_id", key, "this application is recorded")


@guards(Accepted)
@guards(Checked)
@guards(Confirmed)
@guards(Rejected)
@guards(Notified)
def _may_follow(
    application: ApplicationState,
    fact: Accepted | Checked | Confirmed | Rejected | Notified,
    at: Occasion,
) -> Refusal | None:
    key = fact.application_id
    if application.applied_at is None:
        what = "no such application is recorded yet"
        return not_yet("application_unknown", "application_id", key, what, "eligibility.applied")
    if application.child_id != at.child_id:
        return key_taken("application_id", key)
    if isinstance(fact, Notified) and not application.decided:
        what = "this application is not decided yet"
        return not_yet("not_decided", "application_id", key, what, "eligibility.confirmed")
    if application.decided and isinstance(fact, Confirmed | Rejected):
        return already("already_decided", "application_id", key, "this application is decided")
    return None
