"""司法保护: protection orders, revocation of guardianship, what procurators urge and advise.

A court case has a stream from application to decision; an advice from issue to reply. Sources: plan
L41 (T6.6 to T6.8); ADV 23 to 30; 民法典 36, 38; UPL 106, 114.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, day, event
from domain.guards import Occasion, already, applies, before, guards, key_taken, not_yet, state
from domain.terms import Department, Term


class Applicant(Term):
    CIVIL_AFFAIRS = "civil_affairs", "民政"
    RELATIVE = "relative", "近亲属"
    COMMITTEE = "village_committee", "村(居)委会"
    SCHOOL = "school", "学校"
    WOMEN = "women_federation", "妇联"
    DISABLED = "disabled_federation", "残联"
    OTHER = "other", "其他"


class AdviceBy(Term):
    COURT = "court", "司法建议"
    PROCURATOR = "procurator", "检察建议"


@event(
    "court.protection_order_applied.v1",
    label="申请人身安全保护令",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class OrderApplied(Event, frozen=True, kw_only=True):
    """申请人身安全保护令 (ADV 23)."""

    case_id: Code
    applicant: Applicant


@event(
    "court.protection_order_issued.v1",
    label="作出人身安全保护令",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class OrderIssued(Event, frozen=True, kw_only=True):
    """作出人身安全保护令, valid for six months at most (ADV 30)."""

    case_id: Code
    valid_until: date


@event(
    "court.protection_order_denied.v1",
    label="驳回人身安全保护令申请",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class OrderDenied(Event, frozen=True, kw_only=True):
    """驳回申请 (ADV 28)."""

    case_id: Code


@event(
    "court.protection_order_extended.v1",
    label="延长人身安全保护令",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class OrderExtended(Event, frozen=True, kw_only=True):
    """失效前申请延长 (ADV 30)."""

    case_id: Code
    valid_until: date


@event(
    "court.protection_order_expired.v1",
    label="人身安全保护令失效",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class OrderExpired(Event, frozen=True, kw_only=True):
    """失效或撤销."""

    case_id: Code


@event(
    "court.guardianship_revocation_applied.v1",
    label="申请撤销监护人资格",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class RevocationApplied(Event, frozen=True, kw_only=True):
    """申请撤销监护人资格 (民法典 36)."""

    case_id: Code
    applicant: Applicant


@event(
    "court.guardianship_revocation_decided.v1",
    label="撤销监护人资格判决",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class RevocationDecided(Event, frozen=True, kw_only=True):
    """判决撤销或不撤销."""

    case_id: Code
    granted: bool


@event(
    "court.guardianship_restored.v1",
    label="恢复监护人资格",
    stream="court_case",
    key="case_id",
    emitters=("法院",),
    rules=("T6.6",),
    sensitivity="secret",
)
class GuardianshipRestored(Event, frozen=True, kw_only=True):
    """恢复监护人资格 (民法典 38)."""

    case_id: Code


@event(
    "procurator.suit_supported.v1",
    label="支持起诉",
    stream="fact",
    emitters=("检察院",),
    rules=("T6.7",),
    sensitivity="secret",
)
class SuitSupported(Event, frozen=True, kw_only=True):
    """督促、支持起诉 (UPL 106)."""


@event(
    "procurator.public_interest_filed.v1",
    label="公益诉讼",
    stream="fact",
    emitters=("检察院",),
    rules=("T6.7",),
    sensitivity="secret",
)
class PublicInterestFiled(Event, frozen=True, kw_only=True):
    """涉及公共利益的公益诉讼 (UPL 106)."""


@event(
    "procurator.supervision_order_issued.v1",
    label="督促监护令",
    stream="fact",
    emitters=("检察院",),
    rules=("T6.7", "T4.4"),
    sensitivity="secret",
)
class SupervisionOrderIssued(Event, frozen=True, kw_only=True):
    """督促监护令."""


@event(
    "advice.issued.v1",
    label="发出司法、检察建议",
    stream="advice",
    key="advice_id",
    emitters=("法院", "检察院"),
    rules=("T6.8",),
    sensitivity="secret",
    about_child=False,
    levels=("county", "prefecture", "province"),
)
class AdviceIssued(Event, frozen=True, kw_only=True):
    """发现管理漏洞或履职不力 (UPL 114). Reply within one month."""

    advice_id: Code
    by: AdviceBy
    to: Department


@event(
    "advice.replied.v1",
    label="回复建议",
    stream="advice",
    key="advice_id",
    emitters=("有关单位",),
    rules=("T6.8",),
    sensitivity="secret",
    about_child=False,
    levels=("county", "prefecture", "province"),
)
class AdviceReplied(Event, frozen=True, kw_only=True):
    """有关单位书面回复 (UPL 114)."""

    advice_id: Code
    accepted: bool


# --- a case, from application to decision -----------------------------------------------------

LONGEST_ORDER = 184
"""Days: six months (ADV 30), the longest six there are."""


@state("court_case")
class CaseState(msgspec.Struct):
    """One case: what was applied for, and what came of it."""

    child_id: UUID = NO_CHILD
    applied: str = ""
    applied_at: datetime | None = None
    decided: str = ""


@applies(OrderApplied)
@applies(RevocationApplied)
def _apply(case: CaseState, fact: OrderApplied | RevocationApplied, at: Occasion) -> None:
    case.child_id, case.applied, case.applied_at = at.child_id, fact.TYPE, at.occurred_at


@applies(OrderIssued)
@applies(OrderDenied)
@applies(OrderExpired)
def _decide(case: CaseState, fact: Event, _: Occasion) -> None:
    case.decided = fact.TYPE


@applies(RevocationDecided)
def _decide_revocation(case: CaseState, fact: RevocationDecided, _: Occasion) -> None:
    case.decided = "granted" if fact.granted else "refused"


@applies(GuardianshipRestored)
def _restore(case: CaseState, _: GuardianshipRestored, __: Occasion) -> None:
    case.decided = "restored"


@guards(OrderApplied)
@guards(RevocationApplied)
def _may_apply(
    case: CaseState, fact: OrderApplied | RevocationApplied, at: Occasion
) -> Refusal | None:
    if not case.applied:
        return None
    if case.child_id != at.child_id:
        return key_taken("case_id", fact.case_id)
    return already("already_applied", "case_id", fact.case_id, "this case was applied for")


def _unfit(case: CaseState, case_id: str, at: Occasion, applied: type[Event]) -> Refusal | None:
    """What holds for every step: such an application of this child, on its day or later."""
    if case.applied != applied.TYPE:
        what = "no such application was made yet"
        return not_yet("case_unknown", "case_id", case_id, what, applied.TYPE.removesuffix(".v1"))
    if case.child_id != at.child_id:
        return key_taken("case_id", case_id)
    if before(at.occurred_at, case.applied_at):
        return Refusal(
            "before_application",
            "time",
            day(at.occurred_at),
            "earlier than the application; check the event's time",
        )
    return None


@guards(OrderIssued)
@guards(OrderDenied)
def _may_decide(case: CaseState, fact: OrderIssued | OrderDenied, at: Occasion) -> Refusal | None:
    refusal = _unfit(case, fact.case_id, at, OrderApplied)
    if refusal is not None:
        return refusal
    if case.decided:
        return already("already_decided", "case_id", fact.case_id, "this case was decided")
    return _too_long(fact, at) if isinstance(fact, OrderIssued) else None


def _too_long(fact: OrderIssued | OrderExtended, at: Occasion) -> Refusal | None:
    days = (fact.valid_until - day(at.occurred_at)).days
    if 0 <= days <= LONGEST_ORDER:
        return None
    return Refusal(
        "validity",
        "valid_until",
        fact.valid_until,
        "a protection order holds for six months at most (ADV 30); check the date",
    )


@guards(OrderExtended)
@guards(OrderExpired)
def _may_follow(
    case: CaseState, fact: OrderExtended | OrderExpired, at: Occasion
) -> Refusal | None:
    refusal = _unfit(case, fact.case_id, at, OrderApplied)
    if refusal is None and case.decided != OrderIssued.TYPE:
        what = "no order is in force"
        issued = "court.protection_order_issued"
        refusal = not_yet("no_order", "case_id", fact.case_id, what, issued)
    if refusal is None and isinstance(fact, OrderExtended):
        refusal = _too_long(fact, at)
    return refusal


@guards(RevocationDecided)
def _may_decide_revocation(
    case: CaseState, fact: RevocationDecided, at: Occasion
) -> Refusal | None:
    refusal = _unfit(case, fact.case_id, at, RevocationApplied)
    if refusal is None and case.decided:
        return already("already_decided", "case_id", fact.case_id, "this case was decided")
    return refusal


@guards(GuardianshipRestored)
def _may_restore(case: CaseState, fact: GuardianshipRestored, at: Occasion) -> Refusal | None:
    refusal = _unfit(case, fact.case_id, at, RevocationApplied)
    if refusal is None and case.decided != "granted":
        what = "the guardianship was not revoked"
        decided = "court.guardianship_revocation_decided"
        return not_yet("not_revoked", "case_id", fact.case_id, what, decided)
    return refusal


# --- an advice --------------------------------------------------------------------------------


@state("advice")
class AdviceState(msgspec.Struct):
    """One advice."""

    issued_at: datetime | None = None
    replied: bool = False


@applies(AdviceIssued)
def _issue(advice: AdviceState, _: AdviceIssued, at: Occasion) -> None:
    advice.issued_at = at.occurred_at


@applies(AdviceReplied)
def _reply(advice: AdviceState, _: AdviceReplied, __: Occasion) -> None:
    advice.replied = True


@guards(AdviceIssued)
def _may_issue(advice: AdviceState, fact: AdviceIssued, _: Occasion) -> Refusal | None:
    if advice.issued_at is None:
        return None
    return already("already_issued", "advice_id", fact.advice_id, "this advice was issued")


@guards(AdviceReplied)
def _may_reply(advice: AdviceState, fact: AdviceReplied, at: Occasion) -> Refusal | None:
    key = fact.advice_id
    if advice.issued_at is None:
        what = "no such advice was issued yet"
        return not_yet("advice_unknown", "advice_id", key, what, "advice.issued")
    if advice.replied:
        return already("already_replied", "advice_id", key, "this advice was replied to")
    if before(at.occurred_at, advice.issued_at):
        return Refusal(
            "before_issue",
            "time",
            day(at.occurred_at),
            "earlier than the advice; check the event's time",
        )
    return None
