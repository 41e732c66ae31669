"""监护与委托照护: guardians, parents who leave and return, care agreements, weekly contact.

Two kinds of stream: `guardianship`, one a child (guardians, parents), and `care_agreement`, one an
agreement. Sources: plan L39 (T5.1 to T5.5), L53 (T11.4), UPL 22, 23, 43.
"""

from __future__ import annotations

from datetime import date

import msgspec

from domain.child_file import IDNumber
from domain.errors import Refusal
from domain.event import Code, Event, Minutes, Personal, Place, event
from domain.guards import (
    Occasion,
    Turns,
    add_turn,
    already,
    applies,
    guards,
    not_yet,
    state,
    turn_before,
)
from domain.identity import check_id_number
from domain.terms import Channel, Parent, Relation, Term


class Capacity(Term):
    FULL = "full", "有监护能力"
    LIMITED = "limited", "监护能力不足"
    NONE = "none", "无监护能力"


class ParentStatus(Term):
    NORMAL = "normal", "正常"
    DEAD = "dead", "死亡"
    MISSING = "missing", "失踪"
    LOST_CONTACT = "lost_contact", "失联"
    SEVERE_DISABILITY = "severe_disability", "重残"
    SERIOUS_ILLNESS = "serious_illness", "重病"
    IMPRISONED = "imprisoned", "服刑在押"
    DETOX = "compulsory_detox", "强制隔离戒毒"
    RESTRICTED = "liberty_restricted", "限制人身自由"
    REVOKED = "guardianship_revoked", "被撤销监护资格"
    DIVORCED = "divorced", "离异"
    DEPORTED = "deported", "被遣送出境"


class GuardianGrade(Term):
    GOOD = "good", "较好"
    FAIR = "fair", "一般"
    POOR = "poor", "差"


class AbsenceReason(Term):
    WORK = "work", "外出务工"
    OTHER = "other", "其他"


class Disqualifier(Term):
    """UPL 22: who may not be entrusted with care."""

    SEXUAL_OFFENCE = "sexual_offence", "性侵害"
    ABUSE = "abuse", "虐待"
    ABANDONMENT = "abandonment", "遗弃"
    TRAFFICKING = "trafficking", "拐卖"
    VIOLENCE = "violent_crime", "暴力伤害"
    DRUGS = "drugs", "吸毒"
    ALCOHOL = "alcohol", "酗酒"
    GAMBLING = "gambling", "赌博"
    PAST_NEGLECT = "past_neglect", "曾拒不履行或长期怠于履行监护照护职责"
    NO_CAPACITY = "no_capacity", "无照护能力"


class NoticeTo(Term):
    SCHOOL = "school", "学校"
    KINDERGARTEN = "kindergarten", "幼儿园"
    COMMITTEE = "village_committee", "实际居住地村(居)委会"


class AgreementEnding(Term):
    PARENT_RETURNED = "parent_returned", "父母返乡"
    EXPIRED = "expired", "期满"
    DELEGATE_UNFIT = "delegate_unfit", "被委托人不适合"
    REPLACED = "replaced", "更换被委托人"
    OTHER = "other", "其他"


class Deficiency(Term):
    INCAPABLE = "incapable", "缺乏照护能力"
    NEGLIGENT = "negligent", "怠于履行"


class ContactLeg(Term):
    CHILD = "child", "与孩子"
    DELEGATE = "delegate", "与被委托人"


@event("guardian.linked.v1", label="登记监护人", stream="guardianship", rules=("T4.1", "T8.10"))
class GuardianLinked(Event, frozen=True, kw_only=True):
    """监护人或实际照料人. Emitted by the village committee."""

    guardian_id: Code
    name: Personal
    id_number: IDNumber | None = None
    phone: Personal | None = None
    relation: Relation
    capacity: Capacity = Capacity.FULL
    is_legal: bool


@event("guardian.assessed.v1", label="监护能力评估", stream="guardianship", rules=("T8.8",))
class GuardianAssessed(Event, frozen=True, kw_only=True):
    """监护情况评估. Emitted by the child director or county."""

    guardian_id: Code
    grade: GuardianGrade
    capacity: Capacity = Capacity.FULL
    note: Personal | None = None


@event("parent.departed.v1", label="父母外出", stream="guardianship", rules=("T5.1", "T8.7"))
class ParentDeparted(Event, frozen=True, kw_only=True):
    """父或母外出. `place_division` is where they went, as far as known."""

    parent: Parent
    reason: AbsenceReason = AbsenceReason.WORK
    place_division: Place | None = None
    expected_return: date | None = None


@event("parent.returned.v1", label="父母返乡", stream="guardianship", rules=("T5.1",))
class ParentReturned(Event, frozen=True, kw_only=True):
    """父或母返回, to stay or for a holiday."""

    parent: Parent


@event(
    "parent.status_changed.v1",
    label="父母状态变化",
    stream="guardianship",
    emitters=("民政", "公安", "司法", "法院"),
    rules=("T9.1",),
)
class ParentStatusChanged(Event, frozen=True, kw_only=True):
    """父母状态 (事实无人抚养 rests on it, domain.md §2)."""

    parent: Parent
    status: ParentStatus
    note: Personal | None = None


@event(
    "care_agreement.signed.v1",
    label="签订委托照护协议",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.1", "T5.2"),
)
class AgreementSigned(Event, frozen=True, kw_only=True):
    """书面委托照护协议. `name`, `phone`, `id_number` are the delegate's (被委托人)."""

    agreement_id: Code
    name: Personal
    phone: Personal | None = None
    id_number: IDNumber | None = None
    relation: Relation
    start: date
    end: date | None = None
    child_view_heard: bool


@event(
    "care_agreement.delegate_assessed.v1",
    label="评估被委托人",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.2",),
)
class DelegateAssessed(Event, frozen=True, kw_only=True):
    """UPL 22. An empty list of disqualifiers means fit."""

    agreement_id: Code
    disqualifiers: list[Disqualifier] = msgspec.field(default_factory=list)


@event(
    "care_agreement.filed.v1",
    label="协议报村(居)存档",
    stream="care_agreement",
    key="agreement_id",
    emitters=("村(居)委会",),
    rules=("T5.1",),
)
class AgreementFiled(Event, frozen=True, kw_only=True):
    """报村(居)委会存档."""

    agreement_id: Code


@event(
    "care_agreement.notice_sent.v1",
    label="书面告知",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.3",),
)
class NoticeSent(Event, frozen=True, kw_only=True):
    """UPL 23: written notice to school and committee."""

    agreement_id: Code
    to: NoticeTo


@event(
    "care_agreement.renewed.v1",
    label="续签委托照护协议",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.1",),
)
class AgreementRenewed(Event, frozen=True, kw_only=True):
    """期满前后续签: the same agreement, with the same delegate, runs on to a later last day."""

    agreement_id: Code
    end: date


@event(
    "care_agreement.ended.v1",
    label="委托照护终止",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.1",),
)
class AgreementEnded(Event, frozen=True, kw_only=True):
    """协议终止. The event that plans and services also call `terminated`, with its reason."""

    agreement_id: Code
    reason: AgreementEnding


@event(
    "care.deficiency_found.v1",
    label="发现被委托人不适合",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.4",),
)
class DeficiencyFound(Event, frozen=True, kw_only=True):
    """被委托人缺乏照护能力或怠于履行 (UPL 43)."""

    agreement_id: Code
    kind: Deficiency
    note: Personal | None = None


@event(
    "care.parent_notified.v1",
    label="告知父母重新选择",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.4",),
)
class ParentNotified(Event, frozen=True, kw_only=True):
    """告知父母."""

    agreement_id: Code


@event(
    "care.delegate_supported.v1",
    label="帮助督促被委托人",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.4",),
)
class DelegateSupported(Event, frozen=True, kw_only=True):
    """帮助、督促被委托人履行职责."""

    agreement_id: Code
    note: Personal | None = None


@event(
    "care.delegate_replaced.v1",
    label="更换被委托人",
    stream="care_agreement",
    key="agreement_id",
    rules=("T5.4",),
)
class DelegateReplaced(Event, frozen=True, kw_only=True):
    """更换被委托人: the old agreement ends; `new_agreement_id` must be signed on its own."""

    agreement_id: Code
    new_agreement_id: Code


@event("parent_contact.logged.v1", label="亲情联系", stream="fact", rules=("T5.5", "T11.4"))
class ParentContactLogged(Event, frozen=True, kw_only=True):
    """每周联系: parent with child, or parent with delegate."""

    leg: ContactLeg
    parent: Parent
    channel: Channel
    minutes: Minutes | None = None


# --- state: guardians known, parents away (care agreements: domain/care_agreement.py) ----------


@state("guardianship")
class GuardianshipState(msgspec.Struct):
    """Who is known as guardian; each parent's departures (True) and returns (False) in time."""

    guardians: set[str] = msgspec.field(default_factory=set)
    away: dict[Parent, Turns] = msgspec.field(default_factory=dict)


@applies(GuardianLinked)
def _link(family: GuardianshipState, fact: GuardianLinked, _: Occasion) -> None:
    family.guardians.add(fact.guardian_id)


@applies(ParentDeparted)
def _depart(family: GuardianshipState, fact: ParentDeparted, at: Occasion) -> None:
    add_turn(family.away.setdefault(fact.parent, []), at.occurred_at, True)


@applies(ParentReturned)
def _return(family: GuardianshipState, fact: ParentReturned, at: Occasion) -> None:
    add_turn(family.away.setdefault(fact.parent, []), at.occurred_at, False)


# --- guards -----------------------------------------------------------------------------------


@guards(GuardianLinked)
def _may_link(family: GuardianshipState, fact: GuardianLinked, at: Occasion) -> Refusal | None:
    if fact.guardian_id in family.guardians:
        return already(
            "guardian_linked", "guardian_id", fact.guardian_id, "this guardian is linked already"
        )
    if fact.id_number is None:
        return None
    return check_id_number(fact.id_number, synthetic_allowed=at.synthetic_allowed)


@guards(GuardianAssessed)
def _may_assess(family: GuardianshipState, fact: GuardianAssessed, _: Occasion) -> Refusal | None:
    if fact.guardian_id in family.guardians:
        return None
    return not_yet(
        "guardian_unknown",
        "guardian_id",
        fact.guardian_id,
        "this child has no such guardian",
        "guardian.linked",
    )


@guards(ParentDeparted)
def _may_depart(family: GuardianshipState, fact: ParentDeparted, at: Occasion) -> Refusal | None:
    if not turn_before(family.away.get(fact.parent, []), at.occurred_at):
        return None
    what = "this parent was already away at that time"
    return not_yet("parent_away", "parent", fact.parent.value, what, "parent.returned")


@guards(ParentReturned)
def _may_return(family: GuardianshipState, fact: ParentReturned, at: Occasion) -> Refusal | None:
    """A return with nothing known before it is accepted: the departure was before our time."""
    if turn_before(family.away.get(fact.parent, []), at.occurred_at) is not False:
        return None
    what = "this parent had already returned by that time"
    return not_yet("parent_not_away", "parent", fact.parent.value, what, "parent.departed")
