"""家庭与监护指导: the household's circumstances, and what guardians are told, urged, ordered.

One fact each. Sources: plan L37 (T4.1, T4.2, T4.4), L55 (T12.2); 家庭教育促进法 49; domain.md §3.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Code, Event, Personal, event
from domain.terms import Term


class IncomeStatus(Term):
    SUBSISTENCE = "subsistence", "低保"
    MARGIN = "low_income_margin", "低保边缘"
    DESTITUTE = "destitute", "特困"
    MONITORED = "poverty_return_monitored", "防返贫监测"
    NONE = "none", "无"


class Disaster(Term):
    FLOOD = "flood", "洪涝"
    LANDSLIDE = "landslide", "滑坡泥石流"
    FIRE = "fire", "火灾"
    DROUGHT = "drought", "干旱"
    OTHER = "other", "其他"


class GuidanceTopic(Term):
    """What guardians are guided on (L37)."""

    DUTIES = "duties", "监护职责"
    DROWNING = "drowning", "防溺水"
    BULLYING = "bullying", "防欺凌"
    SEXUAL_ABUSE = "sexual_abuse", "防性侵"
    FIRE_AND_POWER = "fire_and_power", "用火用电"
    DEVICES = "devices", "电子产品使用"


class Shortcoming(Term):
    NEGLECT = "neglect", "不履行监护职责"
    HARM = "harm", "侵害儿童权益"


class OrderedBy(Term):
    POLICE = "police", "公安"
    COURT = "court", "法院"
    PROCURATOR = "procurator", "检察院"


@event("household.registered.v1", label="登记家庭", stream="fact", rules=("T8.1",))
class HouseholdRegistered(Event, frozen=True, kw_only=True):
    """家庭基本情况. Children of one house share `household_id`."""

    household_id: Code
    members: Annotated[int, msgspec.Meta(ge=1, le=50)]
    relocated: bool = False


@event(
    "household.income_status_set.v1", label="家庭收入状况", stream="fact", rules=("T9.1", "T9.2")
)
class IncomeStatusSet(Event, frozen=True, kw_only=True):
    """低保、特困等家庭收入状况. Emitted by civil affairs."""

    status: IncomeStatus


@event("household.disaster_hit.v1", label="家庭受灾", stream="fact", rules=("T8.8",))
class DisasterHit(Event, frozen=True, kw_only=True):
    """家庭受灾. Emitted by civil affairs or emergency management."""

    disaster: Disaster
    severe: bool


@event(
    "guardian.guidance_given.v1",
    label="督促指导监护人",
    stream="fact",
    emitters=("村(居)委会", "民政"),
    rules=("T4.1",),
)
class GuidanceGiven(Event, frozen=True, kw_only=True):
    """督促指导监护人履行职责. Emitted by the village committee."""

    topics: list[GuidanceTopic] = msgspec.field(default_factory=list)
    note: Personal | None = None


@event(
    "guardian.admonished_by_committee.v1",
    label="劝诫监护人",
    stream="fact",
    emitters=("村(居)委会",),
    rules=("T4.2",),
)
class AdmonishedByCommittee(Event, frozen=True, kw_only=True):
    """村(居)委会劝诫、制止. Emitted by the village committee."""

    shortcoming: Shortcoming
    note: Personal | None = None


@event(
    "guardian.police_reprimanded.v1",
    label="公安训诫",
    stream="fact",
    emitters=("公安",),
    rules=("T4.4",),
    sensitivity="secret",
)
class PoliceReprimanded(Event, frozen=True, kw_only=True):
    """公安机关训诫监护人 (UPL 118). Emitted by the police."""

    note: Personal | None = None


@event(
    "guardian.family_education_ordered.v1",
    label="责令接受家庭教育指导",
    stream="fact",
    emitters=("公安", "法院", "检察院"),
    rules=("T4.4", "T6.6"),
    sensitivity="secret",
)
class FamilyEducationOrdered(Event, frozen=True, kw_only=True):
    """责令接受家庭教育指导 (家庭教育促进法 49)."""

    ordered_by: OrderedBy


@event(
    "migration.child_reunited.v1",
    label="随父母共同生活",
    stream="fact",
    emitters=("民政", "教育", "住建"),
    rules=("T12.2",),
)
class ChildReunited(Event, frozen=True, kw_only=True):
    """外出务工父母携带子女共同生活. Emitted by civil affairs of either place."""
