"""监护干预: protection, temporary and long-term guardianship, warning letters, cases filed.

A temporary guardianship has a stream of its own from its start to its end; the rest are facts.
Sources: plan L37 (T4.3), L41 (T6.5), L53 (T11.3), L61 (T14.4); UPL 92 to 94; ADV 15 to 17.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, Personal, day, event
from domain.guards import Occasion, already, applies, before, guards, key_taken, not_yet, state
from domain.terms import Term


class Protection(Term):
    STOPPED = "stopped", "现场制止"
    SEPARATED = "separated", "暂时带离"
    MEDICAL = "medical", "送医"
    RELATIVES = "with_relatives", "亲属照看"
    OTHER = "other", "其他"


class NeedOfGuardianship(Term):
    """UPL 92: the seven items."""

    UNKNOWN = "guardian_unknown", "流浪乞讨或身份不明"
    UNATTENDED = "no_one_else", "监护人下落不明且无其他人可担任"
    UNABLE = "temporarily_unable", "监护人因自身客观原因或灾害等不能履行"
    REFUSED = "refused_or_neglected", "监护人拒绝或怠于履行,致无人照料"
    MISLED = "misled_into_crime", "监护人教唆、利用违法犯罪需带离"
    HARMED = "seriously_harmed", "遭受监护人严重伤害或面临危险"
    OTHER = "other", "法律规定的其他情形"


class Placement(Term):
    RELATIVES = "relatives", "委托亲属抚养"
    FOSTER = "foster_family", "家庭寄养"
    PROTECTION = "protection_institution", "未成年人救助保护机构"
    WELFARE = "welfare_institution", "儿童福利机构"


class GuardianshipEnding(Term):
    SENT_BACK = "sent_back", "送回"
    LONG_TERM = "long_term", "转为长期监护"
    OTHER = "other", "其他"


class LongTermGround(Term):
    """UPL 94: the five items."""

    NOT_FOUND = "guardian_not_found", "查找不到父母或其他监护人"
    DEAD = "guardian_dead", "监护人死亡或宣告死亡且无其他人可担任"
    UNABLE = "guardian_unable", "监护人丧失监护能力且无其他人可担任"
    REVOKED = "guardianship_revoked", "撤销监护人资格并指定民政担任"
    OTHER = "other", "法律规定的其他情形"


class Fitness(Term):
    FIT = "fit", "适合送回"
    UNFIT = "unfit", "不适合送回"


class CaseKind(Term):
    CRIMINAL = "criminal", "刑事"
    ADMINISTRATIVE = "administrative", "治安"


@event(
    "protection.measure_taken.v1",
    label="采取保护措施",
    stream="fact",
    emitters=("村(居)委会", "民政", "公安"),
    rules=("T4.3",),
    sensitivity="secret",
)
class ProtectionTaken(Event, frozen=True, kw_only=True):
    """情节严重时及时采取保护措施."""

    measure: Protection
    note: Personal | None = None


@event(
    "protection.temp_guardianship_assessed.v1",
    label="评估临时监护条件",
    stream="fact",
    rules=("T6.5", "T11.3"),
    sensitivity="secret",
)
class GuardianshipNeedAssessed(Event, frozen=True, kw_only=True):
    """UPL 92. Emitted by civil affairs; `met`: civil affairs has to place the child."""

    met: bool
    items: list[NeedOfGuardianship] = msgspec.field(default_factory=list)


@event(
    "temp_guardianship.started.v1",
    label="临时监护开始",
    stream="temp_guardianship",
    key="guardianship_id",
    rules=("T6.5",),
    sensitivity="secret",
)
class GuardianshipStarted(Event, frozen=True, kw_only=True):
    """民政部门临时监护."""

    guardianship_id: Code
    placement: Placement


@event(
    "temp_guardianship.reviewed.v1",
    label="临时监护评估",
    stream="temp_guardianship",
    key="guardianship_id",
    rules=("T6.5",),
    sensitivity="secret",
)
class GuardianshipReviewed(Event, frozen=True, kw_only=True):
    """定期评估."""

    guardianship_id: Code
    go_on: bool


@event(
    "temp_guardianship.ended.v1",
    label="临时监护终止",
    stream="temp_guardianship",
    key="guardianship_id",
    rules=("T6.5",),
    sensitivity="secret",
)
class GuardianshipEnded(Event, frozen=True, kw_only=True):
    """送回、长期监护或其他."""

    guardianship_id: Code
    ending: GuardianshipEnding


@event(
    "long_guardianship.started.v1",
    label="长期监护",
    stream="fact",
    rules=("T6.5",),
    sensitivity="secret",
)
class LongGuardianshipStarted(Event, frozen=True, kw_only=True):
    """民政部门长期监护 (UPL 94)."""

    ground: LongTermGround
    placement: Placement


@event("adoption.completed.v1", label="收养", stream="fact", rules=("T6.5",), sensitivity="secret")
class AdoptionCompleted(Event, frozen=True, kw_only=True):
    """依法收养."""

    registered_on: date


@event(
    "child.sent_back_assessed.v1",
    label="送回评估",
    stream="fact",
    rules=("T6.5",),
    sensitivity="secret",
)
class SentBackAssessed(Event, frozen=True, kw_only=True):
    """送回监护人前的评估 (UPL 93)."""

    fitness: Fitness


@event(
    "police.warning_letter_issued.v1",
    label="告诫书",
    stream="fact",
    emitters=("公安",),
    rules=("T4.4", "T6.6"),
    sensitivity="secret",
)
class WarningLetterIssued(Event, frozen=True, kw_only=True):
    """家庭暴力告诫书 (ADV 16)."""


@event(
    "case.filed.v1",
    label="立案",
    stream="fact",
    emitters=("公安",),
    rules=("T14.4",),
    sensitivity="secret",
)
class CaseFiled(Event, frozen=True, kw_only=True):
    """侵害农村留守儿童和困境儿童案件立案."""

    kind: CaseKind


# --- a temporary guardianship, from start to end ----------------------------------------------


@state("temp_guardianship")
class GuardianshipTerm(msgspec.Struct):
    """One temporary guardianship."""

    child_id: UUID = NO_CHILD
    started_at: datetime | None = None
    ended_at: datetime | None = None


@applies(GuardianshipStarted)
def _start(term: GuardianshipTerm, _: GuardianshipStarted, at: Occasion) -> None:
    term.child_id, term.started_at = at.child_id, at.occurred_at


@applies(GuardianshipEnded)
def _end(term: GuardianshipTerm, _: GuardianshipEnded, at: Occasion) -> None:
    term.ended_at = at.occurred_at


@guards(GuardianshipStarted)
def _may_start(term: GuardianshipTerm, fact: GuardianshipStarted, at: Occasion) -> Refusal | None:
    if term.started_at is None:
        return None
    if term.child_id != at.child_id:
        return key_taken("guardianship_id", fact.guardianship_id)
    what = "this guardianship has begun"
    return already("already_started", "guardianship_id", fact.guardianship_id, what)


@guards(GuardianshipReviewed)
@guards(GuardianshipEnded)
def _may_follow(
    term: GuardianshipTerm, fact: GuardianshipReviewed | GuardianshipEnded, at: Occasion
) -> Refusal | None:
    key = fact.guardianship_id
    if term.started_at is None:
        what = "no such guardianship has begun yet"
        begins = "temp_guardianship.started"
        return not_yet("guardianship_unknown", "guardianship_id", key, what, begins)
    if term.child_id != at.child_id:
        return key_taken("guardianship_id", key)
    if before(at.occurred_at, term.started_at):
        return Refusal(
            "before_start",
            "time",
            day(at.occurred_at),
            "earlier than the guardianship's start; check the event's time",
        )
    over = term.ended_at is not None and (
        isinstance(fact, GuardianshipEnded) or before(term.ended_at, at.occurred_at)
    )
    if over:
        return already("already_ended", "guardianship_id", key, "this guardianship has ended")
    return None
