"""网络保护: the four mechanisms, incidents from report to disposal, guidance against addiction.

An incident has a stream of its own and names no child. Sources: plan L63 (T15.1 to T15.4).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.errors import Refusal
from domain.event import Code, Event, Personal, day, event
from domain.guards import Occasion, already, applies, before, guards, not_yet, state
from domain.terms import Term


class Mechanism(Term):
    """四项机制 (L63)."""

    PATROL = "patrol", "网络巡查"
    KEYWORD_REVIEW = "keyword_review", "信息发布关键词预审"
    REPORT_HANDLING = "report_handling", "不良信息举报受理"
    OPINION_RESPONSE = "opinion_response", "舆情应对处理"


class IncidentKind(Term):
    BULLYING = "bullying", "网络欺凌"
    RUMOUR = "rumour", "造谣攻击"
    DOXXING = "doxxing", "人肉搜索"
    PRIVACY = "privacy", "侵犯隐私"
    ADDICTION = "addiction", "诱导沉迷"


class Handling(Term):
    REMOVED = "removed", "删除"
    WARNED = "warned", "约谈警告"
    POLICE = "to_police", "移送公安"
    UNFOUNDED = "unfounded", "不属实"


class Platform(Term):
    LIVE = "live_stream", "直播"
    SHORT_VIDEO = "short_video", "短视频"
    GAME = "game", "游戏"
    SOCIAL = "social", "社交"
    OTHER = "other", "其他"


@event(
    "network.mechanism_established.v1",
    label="建立网络保护机制",
    stream="fact",
    emitters=("网信",),
    rules=("T15.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class MechanismEstablished(Event, frozen=True, kw_only=True):
    """四项机制之一建立."""

    mechanism: Mechanism


@event(
    "network.incident_reported.v1",
    label="网络侵害报告",
    stream="network_incident",
    key="incident_id",
    emitters=(
        "网信",
        "公安",
    ),
    rules=("T15.4",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class IncidentReported(Event, frozen=True, kw_only=True):
    """网络欺凌、造谣攻击、人肉搜索、侵犯隐私."""

    incident_id: Code
    kind: IncidentKind


@event(
    "network.disposed.v1",
    label="处置网络侵害",
    stream="network_incident",
    key="incident_id",
    emitters=(
        "网信",
        "公安",
    ),
    rules=("T15.4",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class IncidentDisposed(Event, frozen=True, kw_only=True):
    """受理处置."""

    incident_id: Code
    handling: Handling


@event(
    "network.guardian_guided.v1",
    label="指导监护人防沉迷",
    stream="fact",
    emitters=(
        "网信",
        "教育",
        "学校",
    ),
    rules=("T15.1",),
)
class GuardianGuided(Event, frozen=True, kw_only=True):
    """指导监护人提高网络素养、防止沉迷."""

    note: Personal | None = None


@event(
    "network.violation_handled.v1",
    label="处理平台违规",
    stream="fact",
    emitters=(
        "网信",
        "公安",
    ),
    rules=("T15.2",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class ViolationHandled(Event, frozen=True, kw_only=True):
    """“黔净”工程: 直播、短视频平台违规问题."""

    platform: Platform
    handling: Handling


# --- an incident, from report to disposal -----------------------------------------------------


@state("network_incident")
class IncidentState(msgspec.Struct):
    """One incident."""

    reported_at: datetime | None = None
    disposed: bool = False


@applies(IncidentReported)
def _report(incident: IncidentState, _: IncidentReported, at: Occasion) -> None:
    incident.reported_at = at.occurred_at


@applies(IncidentDisposed)
def _dispose(incident: IncidentState, _: IncidentDisposed, __: Occasion) -> None:
    incident.disposed = True


@guards(IncidentReported)
def _may_report(incident: IncidentState, fact: IncidentReported, _: Occasion) -> Refusal | None:
    if incident.reported_at is None:
        return None
    return already("already_reported", "incident_id", fact.incident_id, "this incident is recorded")


@guards(IncidentDisposed)
def _may_dispose(incident: IncidentState, fact: IncidentDisposed, at: Occasion) -> Refusal | None:
    key = fact.incident_id
    if incident.reported_at is None:
        what = "no such incident was reported yet"
        return not_yet("incident_unknown", "incident_id", key, what, "network.incident_reported")
    if incident.disposed:
        return already("already_disposed", "incident_id", key, "this incident is settled")
    if before(at.occurred_at, incident.reported_at):
        return Refusal(
            "before_report",
            "time",
            day(at.occurred_at),
            "earlier than the incident's report; check the event's time",
        )
    return None
