"""机构与儿童之家: welfare and protection institutions, children's homes, orphans who come of age.

An institution and a children's home each have a stream from registration on. Sources: plan L33
(T3.1 to T3.3), L43 (T7.1 to T7.5), L49 (T9.6).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.errors import Refusal
from domain.event import Code, Event, event
from domain.guards import Occasion, already, applies, guards, not_yet, state
from domain.terms import Term


class InstitutionKind(Term):
    WELFARE = "child_welfare", "儿童福利机构"
    PROTECTION = "minor_protection", "未成年人救助保护机构"
    CARE = "child_care", "托管机构"
    STATION = "protection_station", "未成年人保护工作站"


class InstitutionStatus(Term):
    """县级儿童福利机构的转型状态 (L43)."""

    IN_USE = "in_use", "已投用"
    BUILT = "built_not_in_use", "建成未投用"
    BUILDING = "under_construction", "在建"
    NOT_BEGUN = "not_begun", "未动工"
    TRANSFORMED = "transformed", "已转型"


class Resource(Term):
    STAFF = "staff", "人员"
    PREMISES = "premises", "场所"
    EQUIPMENT = "equipment", "设施设备"


class HomeService(Term):
    """儿童之家服务 (L33)."""

    PLAY = "play", "游戏活动"
    AFTER_SCHOOL = "after_school", "课后托管"
    HEALTH = "health_education", "健康教育"
    SKILLS = "life_skills", "生活技能指导"
    FAMILY = "family_education", "家庭教育指导"


class AdultOrphanHelp(Term):
    """成年孤儿安置 (L43)."""

    EMPLOYMENT = "employment", "就业帮扶"
    HOUSING = "housing", "住房保障"
    MEDICAL = "medical", "医疗保障"
    ARMY = "army", "参军入伍"
    LIVING = "living", "生活保障"


@event(
    "institution.registered.v1",
    label="登记机构",
    stream="institution",
    key="institution_id",
    rules=(
        "T7.1",
        "T7.3",
    ),
    sensitivity="general",
    about_child=False,
    levels=(
        "prefecture",
        "county",
        "township",
        "village",
    ),
)
class InstitutionRegistered(Event, frozen=True, kw_only=True):
    """机构. `place`: where it stands, or whose it is."""

    institution_id: Code
    kind: InstitutionKind


@event(
    "institution.status_changed.v1",
    label="机构状态变化",
    stream="institution",
    key="institution_id",
    rules=("T7.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "prefecture",
        "county",
        "township",
        "village",
    ),
)
class InstitutionStatusChanged(Event, frozen=True, kw_only=True):
    """已投用、建成未投用、在建、未动工、已转型."""

    institution_id: Code
    status: InstitutionStatus


@event(
    "institution.upgrade_completed.v1",
    label="完成优化提质",
    stream="institution",
    key="institution_id",
    rules=("T7.1",),
    sensitivity="general",
    about_child=False,
    levels=(
        "prefecture",
        "county",
        "township",
        "village",
    ),
)
class UpgradeCompleted(Event, frozen=True, kw_only=True):
    """区域性儿童福利机构优化提质."""

    institution_id: Code


@event(
    "institution.resource_allocated.v1",
    label="资源优先配置",
    stream="institution",
    key="institution_id",
    rules=("T7.4",),
    sensitivity="general",
    about_child=False,
    levels=(
        "prefecture",
        "county",
        "township",
        "village",
    ),
)
class ResourceAllocated(Event, frozen=True, kw_only=True):
    """盘活资源优先用于未保机构."""

    institution_id: Code
    resource: Resource


@event(
    "institution.inspection_recorded.v1",
    label="机构检查",
    stream="institution",
    key="institution_id",
    rules=("T7.5",),
    sensitivity="general",
    about_child=False,
    levels=(
        "prefecture",
        "county",
        "township",
        "village",
    ),
)
class InstitutionInspected(Event, frozen=True, kw_only=True):
    """养育、教育、基本医疗、心理辅导和设施人员检查."""

    institution_id: Code
    passed: bool


@event(
    "institution.rehab_designated.v1",
    label="纳入康复定点",
    stream="institution",
    key="institution_id",
    emitters=(
        "民政",
        "残联",
    ),
    rules=("T9.6",),
    sensitivity="general",
    about_child=False,
    levels=(
        "prefecture",
        "county",
        "township",
        "village",
    ),
)
class RehabDesignated(Event, frozen=True, kw_only=True):
    """残疾儿童康复救助定点服务机构."""

    institution_id: Code


@event(
    "children_home.registered.v1",
    label="登记儿童之家",
    stream="children_home",
    key="home_id",
    rules=("T3.1",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class ChildrenHomeRegistered(Event, frozen=True, kw_only=True):
    """儿童之家. A later one says its state anew: who supervises it, who runs it."""

    home_id: Code
    supervised: bool
    run_by_committee: bool


@event(
    "children_home.service_delivered.v1",
    label="儿童之家服务",
    stream="children_home",
    key="home_id",
    emitters=(
        "村(居)委会",
        "民政",
    ),
    rules=("T3.2",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class HomeServiceDelivered(Event, frozen=True, kw_only=True):
    """儿童之家开展服务."""

    home_id: Code
    service: HomeService


@event(
    "children_home.demo_designated.v1",
    label="示范儿童之家",
    stream="children_home",
    key="home_id",
    rules=("T3.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class DemoHomeDesignated(Event, frozen=True, kw_only=True):
    """儿童之家示范工程."""

    home_id: Code
    relocation_community: bool


@event(
    "orphan_transition.measure_recorded.v1",
    label="成年孤儿安置",
    stream="fact",
    emitters=(
        "民政",
        "人社",
        "住建",
        "医保",
    ),
    rules=("T7.2",),
)
class OrphanHelped(Event, frozen=True, kw_only=True):
    """成年孤儿安置帮扶. About the orphan, whose file remains."""

    help: AdultOrphanHelp


# --- guards -----------------------------------------------------------------------------------


@state("institution")
class InstitutionState(msgspec.Struct):
    """One institution."""

    registered_at: datetime | None = None


@applies(InstitutionRegistered)
def _register(institution: InstitutionState, _: InstitutionRegistered, at: Occasion) -> None:
    institution.registered_at = at.occurred_at


@guards(InstitutionRegistered)
def _may_register(
    institution: InstitutionState, fact: InstitutionRegistered, _: Occasion
) -> Refusal | None:
    if institution.registered_at is None:
        return None
    what = "this institution is known"
    return already("already_registered", "institution_id", fact.institution_id, what)


Step = (
    InstitutionStatusChanged
    | UpgradeCompleted
    | ResourceAllocated
    | InstitutionInspected
    | RehabDesignated
)


@guards(InstitutionStatusChanged)
@guards(UpgradeCompleted)
@guards(ResourceAllocated)
@guards(InstitutionInspected)
@guards(RehabDesignated)
def _may_act(institution: InstitutionState, fact: Step, _: Occasion) -> Refusal | None:
    if institution.registered_at is not None:
        return None
    key, what = fact.institution_id, "no such institution is registered yet"
    return not_yet("institution_unknown", "institution_id", key, what, "institution.registered")


@state("children_home")
class HomeState(msgspec.Struct):
    """One children's home."""

    registered_at: datetime | None = None


@applies(ChildrenHomeRegistered)
def _open(home: HomeState, _: ChildrenHomeRegistered, at: Occasion) -> None:
    home.registered_at = home.registered_at or at.occurred_at


@guards(HomeServiceDelivered)
@guards(DemoHomeDesignated)
def _may_serve(
    home: HomeState, fact: HomeServiceDelivered | DemoHomeDesignated, _: Occasion
) -> Refusal | None:
    if home.registered_at is not None:
        return None
    what = "no such children's home is registered yet"
    return not_yet("home_unknown", "home_id", fact.home_id, what, "children_home.registered")
