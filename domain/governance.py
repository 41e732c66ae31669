"""组织保障: plans, census, inspections, reports, data matches, audits.

Facts about places. Sources: plan L48 (T8.1, T8.2), L51 (T10.1), L71 (T18.1), L75 to L99 (M1 to M5,
G1 to G6); 网保条例 37; PIPL 55.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.event import Code, Event, event
from domain.terms import Department, Term

Year = Annotated[int, msgspec.Meta(ge=2000, le=2100)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]


class Stage(Term):
    """工作阶段 (L77 to L85)."""

    INTERIM = "interim", "阶段性成果"
    GOALS = "goals", "基本实现目标"
    CONSOLIDATION = "consolidation", "巩固提升"


class InspectionLevel(Term):
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "市(州)级"


class InspectionForm(Term):
    ON_SITE = "on_site", "实地调研"
    MEETING = "meeting", "座谈交流"
    THIRD_PARTY = "third_party", "第三方评估"


class Medium(Term):
    NEWSPAPER = "newspaper", "报刊"
    BROADCAST = "broadcast", "广播电视"
    ONLINE = "online", "网络新媒体"
    NOTICE = "notice_board", "宣传栏"


class Findings(Term):
    GOOD = "good", "符合"
    MINOR = "minor_gaps", "一般问题"
    MAJOR = "major_gaps", "严重问题"


@event(
    "plan.responsibility_table_submitted.v1",
    label="上报责任分工表",
    stream="fact",
    rules=("M1",),
    sensitivity="general",
    about_child=False,
    levels=("prefecture",),
)
class ResponsibilityTableSubmitted(Event, frozen=True, kw_only=True):
    """每条措施的牵头部门、责任部门、完成时限 (L77). Emitted by the prefecture."""

    tasks: Annotated[int, msgspec.Meta(ge=1, le=18)]


@event(
    "census.village_completed.v1",
    label="完成摸底排查",
    stream="fact",
    rules=(
        "T8.1",
        "M2",
    ),
    sensitivity="general",
    about_child=False,
    levels=("village",),
)
class CensusCompleted(Event, frozen=True, kw_only=True):
    """一村摸底建档完成 (L48, L81)."""

    children: Count


@event(
    "stage_report.submitted.v1",
    label="报告阶段成果",
    stream="fact",
    rules=(
        "M3",
        "M4",
        "M5",
    ),
    sensitivity="general",
    about_child=False,
    levels=("prefecture",),
)
class StageReportSubmitted(Event, frozen=True, kw_only=True):
    """阶段性成果、目标实现、巩固提升 (L81, L85)."""

    stage: Stage


@event(
    "inspection.done.v1",
    label="督促检查",
    stream="fact",
    rules=(
        "G1",
        "G2",
    ),
    sensitivity="general",
    about_child=False,
    levels=(
        "prefecture",
        "county",
    ),
)
class InspectionDone(Event, frozen=True, kw_only=True):
    """实地调研、座谈、第三方评估或检查 (L95). `place`: what was inspected."""

    level: InspectionLevel
    form: InspectionForm


@event(
    "annual_report.submitted.v1",
    label="年度进展报告",
    stream="fact",
    rules=("G3",),
    sensitivity="general",
    about_child=False,
    levels=("prefecture",),
)
class AnnualReportSubmitted(Event, frozen=True, kw_only=True):
    """每年11月底前报省民政厅 (L95)."""

    year: Year


@event(
    "supervision.recorded.v1",
    label="督促落实",
    stream="fact",
    emitters=("妇儿工委办",),
    rules=("G4",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class SupervisionRecorded(Event, frozen=True, kw_only=True):
    """省妇儿工委办督促相关部门 (L91)."""

    department: Department


@event(
    "priority_list.adopted.v1",
    label="列入年度重点工作",
    stream="fact",
    rules=("G4",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class PriorityListAdopted(Event, frozen=True, kw_only=True):
    """列入年度重点工作 (L91)."""

    year: Year


@event(
    "publicity.published.v1",
    label="宣传",
    stream="fact",
    rules=("G5",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class PublicityPublished(Event, frozen=True, kw_only=True):
    """政策和典型宣传 (L99)."""

    medium: Medium


@event(
    "data_match.run.v1",
    label="信息比对",
    stream="fact",
    rules=(
        "T8.2",
        "T10.1",
        "T18.1",
    ),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class DataMatchRun(Event, frozen=True, kw_only=True):
    """与教育、公安等部门信息比对 (L48, L51, L71)."""

    partner: Department
    matched: Count
    mismatched: Count


@event(
    "pia.recorded.v1",
    label="个人信息保护影响评估",
    stream="fact",
    rules=("G6",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class ImpactAssessed(Event, frozen=True, kw_only=True):
    """个人信息保护影响评估 (PIPL 55), kept three years (PIPL 56).

    `document_hash`: SHA-256 of the report; `keep_until`: until when it is kept, at the least.
    """

    purpose: Code
    model_id: Code | None = None
    document_hash: Code | None = None
    assessed_by: Code | None = None
    keep_until: date | None = None


@event(
    "audit.completed.v1",
    label="合规审计",
    stream="fact",
    rules=("G6",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class AuditCompleted(Event, frozen=True, kw_only=True):
    """个人信息保护合规审计 (网保条例 37)."""

    year: Year
    findings: Findings
