"""建档与帮扶: the child's file and work log, the plan of help, alerts, consent, and growing up.

Facts, but for an alert, which is raised, acknowledged and closed. Sources: plan L48 (T8.3, T8.10),
L49 (T9.3), L53 (T11.1), L71 (T18.2), L81 (M2), L99 (G6); PIPL 31; domain.md §3.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from domain.ageing import age_on
from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, Personal, day, event
from domain.guards import Occasion, already, applies, guards, key_taken, not_yet, state
from domain.subsidy import Positive
from domain.terms import Term


class HelpMeasure(Term):
    """分类落实的帮扶措施 (L53)."""

    VISITING = "visiting", "加密走访"
    GUARDIANSHIP = "guardianship", "监护指导"
    LIVING = "living", "生活救助"
    SCHOOLING = "schooling", "教育帮扶"
    HEALTH = "health", "医疗康复"
    PSYCHOLOGY = "psychology", "心理辅导"
    SAFETY = "safety", "安全防护"
    COMPANIONSHIP = "companionship", "亲情陪伴"


class WorkKind(Term):
    VISIT = "visit", "走访"
    CONTACT = "contact", "联系"
    COORDINATION = "coordination", "协调解决"
    PAPERWORK = "paperwork", "资料整理"
    PUBLICITY = "publicity", "宣传"


class FileClosing(Term):
    LEFT = "left_ledger", "退出台账"
    TRANSFERRED = "transferred", "移交他处"


class ConsentTo(Term):
    RECORDING = "recording", "采集和保存个人信息"
    SCORING = "scoring", "风险评分"
    SHARING = "sharing", "向其他部门提供"


class AlertKind(Term):
    OVERDUE = "overdue", "走访逾期"
    RISK = "risk", "风险升高"
    REPORT = "report", "强制报告"
    SCHOOL = "school", "学校缺课"
    HEALTH = "health", "健康"
    OTHER = "other", "其他"


@event("file.opened.v1", label="建立档案", stream="fact", rules=("T8.10", "M2"))
class FileOpened(Event, frozen=True, kw_only=True):
    """一人一档建立, 五部分齐备与否. Emitted by the village committee."""

    parts_complete: bool


@event("file.closed.v1", label="档案归档", stream="fact", rules=("T8.10",))
class FileClosed(Event, frozen=True, kw_only=True):
    """档案归档. Emitted by the village committee."""

    reason: FileClosing


@event("worklog.added.v1", label="工作日志", stream="fact", rules=("T8.10",))
class WorklogAdded(Event, frozen=True, kw_only=True):
    """工作日志. Emitted by the child director."""

    kind: WorkKind
    note: Personal | None = None


@event("care_plan.adopted.v1", label="制定帮扶措施", stream="fact", rules=("T11.1", "T18.2", "M2"))
class CarePlanAdopted(Event, frozen=True, kw_only=True):
    """有针对性的帮扶措施和帮扶责任人. Emitted by the county or the child director."""

    responsible_person: Code
    measures: list[HelpMeasure] = msgspec.field(default_factory=list)
    note: Personal | None = None


@event("need.matched.v1", label="匹配需求", stream="fact", rules=("T18.2",))
class NeedMatched(Event, frozen=True, kw_only=True):
    """精准匹配需求. Emitted by civil affairs."""

    need: HelpMeasure
    resource: Code = "not_stated"


@event(
    "alert.raised.v1",
    label="预警",
    stream="alert",
    key="alert_id",
    emitters=("守禾", "民政", "学校"),
    rules=("T18.2",),
)
class AlertRaised(Event, frozen=True, kw_only=True):
    """主动发现, 发出预警."""

    alert_id: Code
    kind: AlertKind


@event("alert.acknowledged.v1", label="签收预警", stream="alert", key="alert_id", rules=("T18.2",))
class AlertAcknowledged(Event, frozen=True, kw_only=True):
    """签收预警. Emitted by the township or county."""

    alert_id: Code


@event("alert.closed.v1", label="办结预警", stream="alert", key="alert_id", rules=("T18.2",))
class AlertClosed(Event, frozen=True, kw_only=True):
    """办结预警. Emitted by the township or county."""

    alert_id: Code
    founded: bool


@event("consent.given.v1", label="同意处理个人信息", stream="fact", rules=("G6",))
class ConsentGiven(Event, frozen=True, kw_only=True):
    """监护人同意 (PIPL 31)."""

    to: ConsentTo


@event("consent.withdrawn.v1", label="撤回同意", stream="fact", rules=("G6",))
class ConsentWithdrawn(Event, frozen=True, kw_only=True):
    """监护人撤回同意 (PIPL 15)."""

    to: ConsentTo


@event(
    "national_system.synced.v1", label="录入全国儿童福利信息系统", stream="fact", rules=("T8.3",)
)
class NationalSystemSynced(Event, frozen=True, kw_only=True):
    """信息录入或更新. Emitted by the county."""


@event(
    "child.died.v1",
    label="儿童死亡",
    stream="child",
    emitters=("民政", "公安", "卫健"),
    rules=("T8.3",),
)
class ChildDied(Event, frozen=True, kw_only=True):
    """死亡. The fact; `child.left_ledger` with reason `died` ends the duties."""

    by_accident: bool


@event("child.aged_out.v1", label="年满", stream="child", rules=("T8.1", "T7.2"))
class AgedOut(Event, frozen=True, kw_only=True):
    """年满十六(留守)或十八周岁, by the calendar. What ends with it is said by its own events."""

    years: Annotated[int, msgspec.Meta(ge=16, le=18)]


@event(
    "charity.aid_given.v1",
    label="慈善帮扶",
    stream="fact",
    emitters=("民政", "团委", "妇联", "社会组织"),
    rules=("T9.3", "T11.5"),
)
class CharityAidGiven(Event, frozen=True, kw_only=True):
    """慈善帮扶. In kind where there is no amount."""

    org_id: Code
    amount_fen: Positive | None = None


# --- an alert, from raised to closed ----------------------------------------------------------


@state("alert")
class AlertState(msgspec.Struct):
    """One alert."""

    child_id: UUID = NO_CHILD
    raised_at: datetime | None = None
    acknowledged: bool = False
    closed: bool = False


@applies(AlertRaised)
def _raise(alert: AlertState, _: AlertRaised, at: Occasion) -> None:
    alert.child_id, alert.raised_at = at.child_id, at.occurred_at


@applies(AlertAcknowledged)
def _acknowledge(alert: AlertState, _: AlertAcknowledged, __: Occasion) -> None:
    alert.acknowledged = True


@applies(AlertClosed)
def _close(alert: AlertState, _: AlertClosed, __: Occasion) -> None:
    alert.closed = True


@guards(AlertRaised)
def _may_raise(alert: AlertState, fact: AlertRaised, at: Occasion) -> Refusal | None:
    if alert.raised_at is None:
        return None
    if alert.child_id != at.child_id:
        return key_taken("alert_id", fact.alert_id)
    return already("already_raised", "alert_id", fact.alert_id, "this alert was raised")


@guards(AlertAcknowledged)
def _may_acknowledge(alert: AlertState, fact: AlertAcknowledged, at: Occasion) -> Refusal | None:
    refusal = _unknown(alert, fact.alert_id, at)
    if refusal is None and alert.acknowledged:
        what = "this alert was acknowledged"
        return already("already_acknowledged", "alert_id", fact.alert_id, what)
    return refusal


@guards(AlertClosed)
def _may_close(alert: AlertState, fact: AlertClosed, at: Occasion) -> Refusal | None:
    refusal = _unknown(alert, fact.alert_id, at)
    if refusal is None and alert.closed:
        return already("already_closed", "alert_id", fact.alert_id, "this alert was closed")
    return refusal


def _unknown(alert: AlertState, alert_id: str, at: Occasion) -> Refusal | None:
    if alert.raised_at is None:
        what = "no such alert was raised yet"
        return not_yet("alert_unknown", "alert_id", alert_id, what, "alert.raised")
    return None if alert.child_id == at.child_id else key_taken("alert_id", alert_id)


@guards(AgedOut)
def _may_age_out(file: object, fact: AgedOut, at: Occasion) -> Refusal | None:
    birth_date = getattr(file, "birth_date", None)
    if birth_date is None or age_on(birth_date, day(at.occurred_at)) >= fact.years:
        return None
    return Refusal(
        "not_of_age",
        "years",
        fact.years,
        f"the child is not {fact.years} on that day; check the event's time or the birth date",
    )
