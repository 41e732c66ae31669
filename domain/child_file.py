"""儿童档案, the child's file: who the child is, why it is on the ledger, what its risk is.

One stream a child, under the child's own id. Sources: plan L48 (T8.1, T8.7, T8.8, T8.10),
domain.md §2 (categories) and §3 (field sets).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.event import Code, Days, Event, Personal, Place, Village, event
from domain.terms import Sex, Term, Tier

IDNumber = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=18, extra_json_schema={"x-scope": "child", "x-id": True}),
]
"""公民身份号码 (GB 11643): 17 digits and a check character. Encrypted; found by its blind index."""


class IDType(Term):
    RESIDENT = "resident_id", "居民身份证号"
    NONE = "none", "无户口"


class Hukou(Term):
    RURAL = "rural", "农村"
    URBAN = "urban", "城镇"
    OTHER = "other", "其他"
    NONE = "none", "无户口"


class Category(Term):
    LEFT_BEHIND = "left_behind_child", "农村留守儿童"
    POVERTY = "family_poverty", "家庭贫困"
    DISABLED = "own_disability", "自身残疾"
    UNGUARDED = "guardianship_failure", "监护缺失或不当"
    ORPHAN = "orphan", "孤儿"
    DE_FACTO = "de_facto_unsupported", "事实无人抚养儿童"
    MIGRANT = "migrant_child", "流动儿童"
    SERIOUS_ILLNESS = "serious_illness", "重病"
    OTHER = "other_difficulty", "其他困境"


class RiskFactor(Term):
    """T8.7 (raised frequency) and T8.8 (key attention)."""

    BOTH_PARENTS_AWAY = "both_parents_away", "父母双方常年外出"
    PARENT_DISABILITY = "parent_severe_disability", "父母严重残疾"
    CHILD_DISABILITY = "child_disability", "儿童自身残疾"
    PSYCHOLOGICAL = "psychological_abnormality", "心理或行为异常"
    SINGLE_PARENT = "single_parent", "单亲家庭"
    DISASTER = "disaster", "受灾严重"
    GUARDIANSHIP_IMPROPER = "guardianship_improper", "监护缺失或不当"
    FAMILY_VIOLENCE = "family_violence", "家庭暴力"
    TRUANCY = "truancy", "厌学逃学"


class Health(Term):
    HEALTHY = "healthy", "健康"
    WEAK = "weak", "一般或较弱"
    CHRONIC = "chronic", "慢性病"
    SERIOUS = "serious", "重病"
    DISABLED = "disabled", "残疾"
    OTHER = "other", "其他"


class SchoolStage(Term):
    PRESCHOOL = "preschool", "学龄前"
    KINDERGARTEN = "kindergarten", "幼儿园"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    SENIOR = "senior", "高中"
    VOCATIONAL = "vocational", "中专及以上"
    OTHER = "other", "其他"


class SchoolLeaving(Term):
    GRADUATED = "graduated", "毕业"
    TRANSFERRED = "transferred", "转学"
    DROPPED_OUT = "dropped_out", "辍学"
    OTHER = "other", "其他"


class Leaving(Term):
    """Why a child leaves the ledger."""

    AGED_OUT = "aged_out", "年满"
    PARENT_BACK = "parent_back", "父母返乡"
    REUNITED = "reunited", "随父母生活"
    MOVED_AWAY = "moved_away", "迁出"
    NO_LONGER_IN_DIFFICULTY = "no_longer_in_difficulty", "不再符合条件"
    ADOPTED = "adopted", "被收养"
    DIED = "died", "死亡"
    OTHER = "other", "其他"


class TierOrigin(Term):
    MANUAL = "manual", "人工评定"
    MODEL = "model", "模型建议"


@event("child.registered.v1", label="儿童登记", stream="child", rules=("T8.1", "T8.10"))
class ChildRegistered(Event, frozen=True, kw_only=True):
    """登记建档. Emitted by the village committee or civil affairs when a child enters the ledger.

    `subject` is left empty or holds the ID number; the child's id is given by intake.
    """

    name: Personal
    id_type: IDType
    id_number: IDNumber | None = None
    sex: Sex
    birth_date: date
    ethnicity: Code = "not_collected"
    hukou_type: Hukou
    hukou_division: Place
    residence_division: Village
    address: Personal | None = None
    phone: Personal | None = None


@event("child.category_added.v1", label="纳入类别", stream="child", rules=("T8.1", "T11.1"))
class CategoryAdded(Event, frozen=True, kw_only=True):
    """认定为某类儿童. Emitted by the county after a human confirmed it (domain.md §2)."""

    category: Category
    basis: Code = "not_stated"
    note: Personal | None = None


@event("child.category_removed.v1", label="退出类别", stream="child", rules=("T8.1",))
class CategoryRemoved(Event, frozen=True, kw_only=True):
    """不再属于某类. Emitted by the county."""

    category: Category
    basis: Code = "not_stated"
    note: Personal | None = None


@event("risk.factor_recorded.v1", label="记录风险因素", stream="child", rules=("T8.7", "T8.8"))
class RiskFactorRecorded(Event, frozen=True, kw_only=True):
    """风险因素出现或消除. Emitted by child directors, schools, health services."""

    factor: RiskFactor
    present: bool = True
    note: Personal | None = None


@event("risk.tier_set.v1", label="评定风险等级", stream="child", rules=("T8.7",))
class TierSet(Event, frozen=True, kw_only=True):
    """红黄蓝绿. Emitted by the township or county."""

    tier: Tier
    origin: TierOrigin = TierOrigin.MANUAL
    note: Personal | None = None


@event("visit_plan.set.v1", label="设定走访频次", stream="child", rules=("T8.7",))
class VisitPlanSet(Event, frozen=True, kw_only=True):
    """个别走访间隔. May only be tighter than the rule's own (T8.6, T8.7)."""

    interval_days: Days


@event("child.moved.v1", label="居住地变更", stream="child", rules=("T8.3",))
class ChildMoved(Event, frozen=True, kw_only=True):
    """迁居. Emitted by the village committee of either place."""

    residence_division: Village
    address: Personal | None = None


@event(
    "school.enrolled.v1",
    label="入学",
    stream="child",
    emitters=("教育", "学校"),
    rules=("T10.1", "T11.6"),
)
class SchoolEnrolled(Event, frozen=True, kw_only=True):
    """在读. Emitted by the school or the education bureau."""

    school_code: Code
    stage: SchoolStage
    grade: Annotated[int, msgspec.Meta(ge=0, le=12)] = 0
    boarding: bool = False


@event("school.left.v1", label="离校", stream="child", emitters=("教育", "学校"), rules=("T10.2",))
class SchoolLeft(Event, frozen=True, kw_only=True):
    """离校. Emitted by the school."""

    school_code: Code
    reason: SchoolLeaving


@event(
    "child.health_status_set.v1",
    label="健康状况",
    stream="child",
    emitters=("卫健", "残联", "民政"),
    rules=("T8.7", "T9.4"),
)
class HealthStatusSet(Event, frozen=True, kw_only=True):
    """健康状况. `disability_grade` 1 (most severe) to 4, only with status `disabled`."""

    status: Health
    disability_grade: Annotated[int, msgspec.Meta(ge=1, le=4)] | None = None
    note: Personal | None = None


@event("child.left_ledger.v1", label="退出台账", stream="child", rules=("T8.1", "T8.3"))
class LeftLedger(Event, frozen=True, kw_only=True):
    """退出台账. The file stays; duties end."""

    reason: Leaving
    note: Personal | None = None


@event("child.returned_to_ledger.v1", label="重新纳入台账", stream="child", rules=("T8.1",))
class ReturnedToLedger(Event, frozen=True, kw_only=True):
    """重新纳入. Parents left again, or the difficulty came back."""

    note: Personal | None = None


@event(
    "child.forgotten.v1",
    label="个人信息删除",
    stream="child",
    emitters=("守禾",),
    rules=("G6",),
)
class ChildForgotten(Event, frozen=True, kw_only=True):
    """个人信息删除 (PIPL 47): the data key is destroyed; the facts stay, nameless."""

    basis: Code = "not_stated"


@event("access.logged.v1", label="查看记录", stream="fact", emitters=("守禾",), rules=("G6",))
class AccessLogged(Event, frozen=True, kw_only=True):
    """查看个人信息 (网保条例 36): who read which child's personal data, and why."""

    purpose: Code
    page: Code


@event("record.retracted.v1", label="撤销记录", stream="fact", rules=("T8.3",))
class RecordRetracted(Event, frozen=True, kw_only=True):
    """撤销: the event named in `corrects` did not happen, or not to this child.

    Stored in the stream of the event that it takes back.
    """

    reason: Code = "entered_by_mistake"
    note: Personal | None = None
