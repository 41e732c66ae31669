"""强制报告: from submission to feedback, one stream a report. The reporter stays secret.

Sources: plan L41 (T6.2, T6.4); UPL 11; 强制报告意见 2020 art. 4 (nine situations); domain.md §4.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, Personal, ReporterSecret, day, event
from domain.guards import Occasion, already, applies, before, guards, key_taken, not_yet, state
from domain.terms import Department, Severity, Term


class Situation(Term):
    """意见 2020 art. 4, items 1 to 9."""

    INTIMATE_INJURY = "intimate_injury", "隐私部位异常损伤"
    GIRL_UNDER_14 = "girl_under_14", "不满十四周岁女性疑似遭受性侵害、怀孕、流产"
    GIRL_OVER_14 = "girl_14_or_over", "十四周岁以上女性遭受性侵害致怀孕、流产"
    VIOLENCE = "multiple_injuries", "多处损伤、严重营养不良、意识不清,疑似家庭暴力、欺凌、虐待"
    SELF_HARM = "suicide_or_poisoning", "自杀、自残、工伤、中毒、殴打等致伤残或死亡"
    UNATTENDED = "abandoned_or_unattended", "被遗弃或长期处于无人照料状态"
    MISSING = "missing_or_trafficked", "来源不明、失踪、被拐卖、收买"
    BEGGING = "organised_begging", "被组织乞讨"
    OTHER = "other_serious_harm", "其他严重侵害或危险"


class ReporterKind(Term):
    DIRECTOR = "director", "儿童主任"
    SCHOOL = "school", "学校"
    HOSPITAL = "hospital", "医疗机构"
    LODGING = "lodging", "住宿经营者"
    COMMITTEE = "village_committee", "村(居)委会"
    CITIZEN = "citizen", "群众"
    SELF = "self", "儿童本人"
    OTHER = "other", "其他"


class Substantiation(Term):
    SUBSTANTIATED = "substantiated", "属实"
    UNSUBSTANTIATED = "unsubstantiated", "不属实"
    UNCLEAR = "unclear", "无法查清"


class Measure(Term):
    STOPPED = "stopped_on_site", "现场制止"
    MEDICAL = "medical_help", "协助就医"
    WARNING = "warning_letter", "告诫书"
    REPRIMAND = "reprimand", "训诫"
    EDUCATION = "family_education", "责令家庭教育指导"
    TEMPORARY_GUARDIANSHIP = "temporary_guardianship", "临时监护"
    PROTECTION_ORDER = "protection_order", "人身安全保护令"
    CASE_FILED = "case_filed", "立案"


class Disposal(Term):
    CRIMINAL = "criminal_case", "刑事立案"
    ADMINISTRATIVE = "administrative_penalty", "行政处罚"
    GUIDANCE = "guidance", "批评教育指导"
    PLACEMENT = "placement", "监护安置"
    NO_ACTION = "no_further_action", "不予处置"


class FeedbackManner(Term):
    PHONE = "phone", "电话"
    WRITTEN = "written", "书面"
    IN_PERSON = "in_person", "当面"


@event(
    "report.submitted.v1",
    label="提交强制报告",
    stream="report",
    key="report_id",
    emitters=("任何报告义务人",),
    rules=("T6.2",),
    sensitivity="secret",
)
class ReportSubmitted(Event, frozen=True, kw_only=True):
    """立即报告 (UPL 11). Who reported is readable by the receiving desk alone (ADV 14)."""

    report_id: Code
    situation: Situation
    severity: Severity = Severity.SERIOUS
    to: Department
    discovered_at: datetime | None = None
    reporter_kind: ReporterKind
    reporter_name: ReporterSecret | None = None
    reporter_phone: ReporterSecret | None = None
    note: Personal | None = None


@event(
    "report.received.v1",
    label="接收报告",
    stream="report",
    key="report_id",
    emitters=("公安", "民政", "教育"),
    rules=("T6.4",),
    sensitivity="secret",
)
class ReportReceived(Event, frozen=True, kw_only=True):
    """接报."""

    report_id: Code
    desk: Department


@event(
    "report.transferred.v1",
    label="移送",
    stream="report",
    key="report_id",
    emitters=("公安", "民政", "教育"),
    rules=("T6.4",),
    sensitivity="secret",
)
class ReportTransferred(Event, frozen=True, kw_only=True):
    """移送有权处理单位, within 24 hours (行政案件程序规定 61(2))."""

    report_id: Code
    to: Department


@event(
    "report.accepted.v1",
    label="受理",
    stream="report",
    key="report_id",
    emitters=("公安", "民政", "教育"),
    rules=("T6.4",),
    sensitivity="secret",
)
class ReportAccepted(Event, frozen=True, kw_only=True):
    """受理."""

    report_id: Code
    desk: Department


@event(
    "report.investigated.v1",
    label="调查",
    stream="report",
    key="report_id",
    emitters=("公安", "民政"),
    rules=("T6.4",),
    sensitivity="secret",
)
class ReportInvestigated(Event, frozen=True, kw_only=True):
    """调查结论."""

    report_id: Code
    finding: Substantiation
    note: Personal | None = None


@event(
    "report.measure_taken.v1",
    label="采取措施",
    stream="report",
    key="report_id",
    emitters=("公安", "民政", "法院"),
    rules=("T4.3", "T6.5", "T6.6"),
    sensitivity="secret",
)
class ReportMeasureTaken(Event, frozen=True, kw_only=True):
    """保护措施."""

    report_id: Code
    measure: Measure


@event(
    "report.disposed.v1",
    label="处置办结",
    stream="report",
    key="report_id",
    emitters=("公安", "民政", "教育"),
    rules=("T6.4",),
    sensitivity="secret",
)
class ReportDisposed(Event, frozen=True, kw_only=True):
    """处置结果."""

    report_id: Code
    outcome: Disposal


@event(
    "report.feedback_given.v1",
    label="反馈报告人",
    stream="report",
    key="report_id",
    emitters=("公安", "民政", "教育"),
    rules=("T6.4",),
    sensitivity="secret",
)
class ReportFeedbackGiven(Event, frozen=True, kw_only=True):
    """以适当方式告知处理结果 (UPL 11(3))."""

    report_id: Code
    manner: FeedbackManner


# --- state ------------------------------------------------------------------------------------
#
#   submitted → received → accepted → investigated → disposed → feedback given
#        ↑          │ transferred         │ measure taken (any number, once received,
#        └──────────┘ (to another desk)   ↓  until disposed)


@state("report")
class ReportState(msgspec.Struct):
    """Where one report stands. `desk` is who holds it; `received` is about that desk."""

    child_id: UUID = NO_CHILD
    submitted_at: datetime | None = None
    desk: Department | None = None
    received: bool = False
    accepted: bool = False
    investigated: bool = False
    disposed_at: datetime | None = None
    fed_back: bool = False


Step = (
    ReportReceived
    | ReportTransferred
    | ReportAccepted
    | ReportInvestigated
    | ReportMeasureTaken
    | ReportDisposed
    | ReportFeedbackGiven
)


@applies(ReportSubmitted)
def _submit(report: ReportState, fact: ReportSubmitted, at: Occasion) -> None:
    report.child_id, report.submitted_at, report.desk = at.child_id, at.occurred_at, fact.to


@applies(ReportReceived)
def _receive(report: ReportState, fact: ReportReceived, _: Occasion) -> None:
    report.desk, report.received = fact.desk, True


@applies(ReportTransferred)
def _transfer(report: ReportState, fact: ReportTransferred, _: Occasion) -> None:
    report.desk, report.received = fact.to, False


@applies(ReportAccepted)
def _accept(report: ReportState, _: ReportAccepted, __: Occasion) -> None:
    report.accepted = True


@applies(ReportInvestigated)
def _investigate(report: ReportState, _: ReportInvestigated, __: Occasion) -> None:
    report.investigated = True


@applies(ReportDisposed)
def _dispose(report: ReportState, _: ReportDisposed, at: Occasion) -> None:
    report.disposed_at = at.occurred_at


@applies(ReportFeedbackGiven)
def _feed_back(report: ReportState, _: ReportFeedbackGiven, __: Occasion) -> None:
    report.fed_back = True


# --- guards: a report can be worked on whether or not the child is still on the ledger ---------


def _missing(fact: Step, what: str, first: str) -> Refusal:
    return not_yet("report_step_missing", "report_id", fact.report_id, what, first)


def _repeated(fact: Step, what: str) -> Refusal:
    return already("report_step_repeated", "report_id", fact.report_id, what)


def _step_refusal(report: ReportState, fact: Step, at: Occasion) -> Refusal | None:
    """What every step after the first needs: this child's report, submitted by that day."""
    if report.submitted_at is None:
        return _missing(fact, "no such report was submitted yet", "report.submitted")
    if report.child_id != at.child_id:
        return key_taken("report_id", fact.report_id)
    if before(at.occurred_at, report.submitted_at):
        return Refusal(
            "before_submission",
            "time",
            day(at.occurred_at),
            "earlier than the report's submission; check the event's time",
        )
    return None


def _desk_refusal(report: ReportState, desk: Department) -> Refusal | None:
    if report.desk is desk:
        return None
    holder = "" if report.desk is None else report.desk.value
    return Refusal(
        "wrong_desk",
        "desk",
        desk.value,
        f"the report is with {holder}; send report.transferred first, or check the desk",
    )


@guards(ReportSubmitted)
def _may_submit(report: ReportState, fact: ReportSubmitted, at: Occasion) -> Refusal | None:
    if report.submitted_at is None:
        return None
    if report.child_id != at.child_id:
        return key_taken("report_id", fact.report_id)
    return already("already_submitted", "report_id", fact.report_id, "this report is submitted")


@guards(ReportReceived)
def _may_receive(report: ReportState, fact: ReportReceived, at: Occasion) -> Refusal | None:
    if (refusal := _step_refusal(report, fact, at)) is not None:
        return refusal
    if report.received and report.desk is fact.desk:
        return _repeated(fact, "this desk has received the report")
    return _desk_refusal(report, fact.desk)


@guards(ReportTransferred)
def _may_transfer(report: ReportState, fact: ReportTransferred, at: Occasion) -> Refusal | None:
    if (refusal := _step_refusal(report, fact, at)) is not None:
        return refusal
    if not report.received:
        return _missing(fact, "the desk has not received the report", "report.received")
    if report.accepted:
        return Refusal(
            "already_accepted",
            "report_id",
            fact.report_id,
            "an accepted report is not transferred; dispose of it at the desk that accepted it",
        )
    if fact.to is report.desk:
        return Refusal(
            "same_desk", "to", fact.to.value, "the report is there already; name the other desk"
        )
    return None


@guards(ReportAccepted)
def _may_accept(report: ReportState, fact: ReportAccepted, at: Occasion) -> Refusal | None:
    if (refusal := _step_refusal(report, fact, at)) is not None:
        return refusal
    if report.accepted:
        return _repeated(fact, "this report is accepted")
    if not report.received:
        return _missing(fact, "the desk has not received the report", "report.received")
    return _desk_refusal(report, fact.desk)


@guards(ReportInvestigated)
def _may_investigate(report: ReportState, fact: ReportInvestigated, at: Occasion) -> Refusal | None:
    if (refusal := _step_refusal(report, fact, at)) is not None:
        return refusal
    if not report.accepted:
        return _missing(fact, "the report is not accepted yet", "report.accepted")
    if report.investigated:
        return _repeated(fact, "this report is investigated")
    return None


@guards(ReportMeasureTaken)
def _may_measure(report: ReportState, fact: ReportMeasureTaken, at: Occasion) -> Refusal | None:
    """Stopping harm or calling a doctor does not wait for acceptance (ADV 15)."""
    if (refusal := _step_refusal(report, fact, at)) is not None:
        return refusal
    if not report.received:
        return _missing(fact, "the desk has not received the report", "report.received")
    if before(report.disposed_at, at.occurred_at):
        return Refusal(
            "report_disposed",
            "report_id",
            fact.report_id,
            "the report was disposed of earlier; check the event's time, or submit a new report",
        )
    return None


@guards(ReportDisposed)
def _may_dispose(report: ReportState, fact: ReportDisposed, at: Occasion) -> Refusal | None:
    if (refusal := _step_refusal(report, fact, at)) is not None:
        return refusal
    if not report.investigated:
        return _missing(fact, "the report is not investigated yet", "report.investigated")
    if report.disposed_at is not None:
        return _repeated(fact, "this report is disposed of")
    return None


@guards(ReportFeedbackGiven)
def _may_feed_back(report: ReportState, fact: ReportFeedbackGiven, at: Occasion) -> Refusal | None:
    if (refusal := _step_refusal(report, fact, at)) is not None:
        return refusal
    if report.disposed_at is None:
        return _missing(fact, "the report is not disposed of yet", "report.disposed")
    if report.fed_back:
        return _repeated(fact, "the reporter was told")
    return None
