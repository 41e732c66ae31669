"""活动与宣传: what departments and schools hold for children and guardians, and who came.

Facts; `theme` says which of the plan's activities it is. Sources: plan L29, L31, L33, L37, L41,
L53, L59, L99.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Code, Event, Level, event
from domain.terms import Term

ANYWHERE: tuple[Level, ...] = ("province", "prefecture", "county", "township", "village")
Heads = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Theme(Term):
    """Which of the plan's activities."""

    FIRST_BUTTON = "first_button", "扣好人生第一粒扣子"
    GREEN_BOOKMARK = "green_bookmark", "绿书签"
    NETWORK_SAFETY = "network_safety", "网络安全进课堂"
    RULE_OF_LAW = "rule_of_law", "法治进校园、进课堂"
    CONSTITUTION = "constitution_week", "宪法宣传周"
    CIVIL_CODE = "civil_code_month", "民法典宣传月"
    YOUNG_PIONEERS = "young_pioneers", "少先队实践活动"
    MORAL = "moral_education", "思想道德教育"
    LIFE = "life_education", "生命教育"
    SETBACK = "setback_education", "挫折教育"
    PEER = "peer_education", "同伴教育"
    PRACTICE = "practice", "实践活动"
    SUMMER_CAMP = "summer_camp", "励志夏令营、集体游学"
    INTERESTS = "interest_group", "社团、兴趣小组"
    MANDATORY_REPORT = "mandatory_report", "强制报告宣传"
    SAFETY_PUBLICITY = "safety_publicity", "安全宣传"
    SAFETY_INTO_VILLAGE = "safety_into_village", "安全知识进村(居)"
    SAFETY_LECTURE = "safety_lecture", "安全知识大讲堂"
    OTHER = "other", "其他"


class Host(Term):
    """Who holds it."""

    SCHOOL = "school", "学校"
    EDUCATION = "education", "教育"
    POLICE = "police", "公安"
    CIVIL_AFFAIRS = "civil_affairs", "民政"
    YOUTH = "youth_league", "团委"
    WOMEN = "women_federation", "妇联"
    COURT = "court", "法院"
    PROCURATOR = "procurator", "检察院"
    JUSTICE = "justice", "司法"
    HEALTH = "health", "卫健"
    COMMITTEE = "village_committee", "村(居)委会"
    SOCIAL = "social_organisation", "社会组织"


class SafetyTopic(Term):
    DROWNING = "drowning", "防溺水"
    FIRE = "fire", "防火灾"
    BULLYING = "bullying", "防欺凌"
    SEXUAL_ABUSE = "sexual_abuse", "防性侵"
    TRAFFIC = "traffic", "道路交通"
    FRAUD = "fraud", "防诈骗"
    DRUGS = "drugs", "抵制毒品"
    TATTOO = "tattoo", "抵制文身"


class Venue(Term):
    SCHOOL = "school", "学校"
    CHILDREN_HOME = "children_home", "儿童之家"
    CENTRE = "children_centre", "儿童活动中心"
    STATION = "out_of_school_station", "校外辅导站"
    LOVE_POST = "love_post", "爱心驿站"
    BASE = "education_base", "教育基地"
    VILLAGE = "village", "村(居)"
    ONLINE = "online", "线上"


class AgeBand(Term):
    PRESCHOOL = "0_5", "0—5岁"
    PRIMARY = "6_11", "6—11岁"
    JUNIOR = "12_15", "12—15岁"
    SENIOR = "16_17", "16—17岁"


@event(
    "activity.planned.v1",
    label="计划活动",
    stream="fact",
    emitters=(
        "教育",
        "学校",
        "公安",
        "民政",
        "团委",
        "妇联",
    ),
    rules=(
        "T1.1",
        "T3.4",
    ),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class ActivityPlanned(Event, frozen=True, kw_only=True):
    """计划开展的活动."""

    activity_id: Code
    theme: Theme


@event(
    "activity.held.v1",
    label="开展活动",
    stream="fact",
    emitters=(
        "教育",
        "学校",
        "公安",
        "民政",
        "团委",
        "妇联",
    ),
    rules=(
        "T1.1",
        "T1.4",
        "T1.5",
        "T1.6",
        "T2.1",
        "T2.2",
        "T3.4",
        "T3.5",
        "T6.1",
        "T13.1",
        "T13.2",
        "T13.3",
    ),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class ActivityHeld(Event, frozen=True, kw_only=True):
    """主题活动. A school names itself in `school_code`; `place` is where it was held."""

    activity_id: Code
    theme: Theme
    host: Host
    attendance: Heads = 0
    school_code: Code | None = None
    topics: list[SafetyTopic] = msgspec.field(default_factory=list)
    venue: Venue | None = None
    age_band: AgeBand | None = None


@event(
    "activity.attended.v1",
    label="参加活动",
    stream="fact",
    emitters=(
        "学校",
        "团委",
        "妇联",
    ),
    rules=("T3.6",),
)
class ActivityAttended(Event, frozen=True, kw_only=True):
    """儿童参加社团、兴趣小组、课外实践."""

    activity_id: Code


@event(
    "family_education.session_held.v1",
    label="家庭教育指导",
    stream="fact",
    emitters=(
        "妇联",
        "教育",
    ),
    rules=("T1.2",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class FamilyEducationHeld(Event, frozen=True, kw_only=True):
    """家庭教育指导. Emitted by the women's federation."""

    attendance: Heads = 0


@event(
    "parent_school.session_held.v1",
    label="社区家长学校",
    stream="fact",
    emitters=(
        "民政",
        "妇联",
    ),
    rules=("T11.4",),
    sensitivity="general",
    about_child=False,
    levels=(
        "county",
        "township",
        "village",
    ),
)
class ParentSchoolHeld(Event, frozen=True, kw_only=True):
    """社区家长学校: 游戏、阅读、集体活动、学业辅导、精神抚慰."""

    attendance: Heads = 0


@event(
    "legal_publicity.visit_made.v1",
    label="法律明白人普法",
    stream="fact",
    emitters=("司法",),
    rules=("T4.5",),
    sensitivity="general",
    about_child=False,
    levels=(
        "county",
        "township",
        "village",
    ),
)
class LegalVisitMade(Event, frozen=True, kw_only=True):
    """法律明白人走村入户普法."""

    attendance: Heads = 0


@event(
    "legal_publicity.case_published.v1",
    label="发布典型案例",
    stream="fact",
    emitters=(
        "法院",
        "检察院",
        "公安",
    ),
    rules=("T4.6",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class TypicalCasePublished(Event, frozen=True, kw_only=True):
    """网上发布典型案例, without any child's identity."""

    published_by: Host
