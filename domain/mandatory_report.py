"""强制报告: from submission to feedback, one stream a report. The reporter stays secret.

Sources: plan L41 (T6.2, T6.4); UPL 11; 强制报告意见 2020 art. 4 (nine situations); domain.md §4.
"""

from __future__ import annotations

from datetime import datetime

from domain.event import Code, Event, Personal, ReporterSecret, event
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
