"""安全防护: waters with their four items, hazards found and resolved, accidents.

A water site has a stream from registration on, a hazard from found to resolved. Sources: plan L61
(T14.1 to T14.3).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from domain.errors import Refusal
from domain.event import Code, Event, day, event
from domain.guards import Occasion, already, applies, before, guards, not_yet, state
from domain.terms import Severity, Term


class WaterKind(Term):
    RIVER = "river", "河湖"
    CHANNEL = "channel", "明渠"
    POND = "pond", "山塘"
    RESERVOIR = "reservoir", "水库"


class SiteKind(Term):
    """重点场所 (L61)."""

    SCHOOL = "school", "中小学"
    KINDERGARTEN = "kindergarten", "幼儿园"
    WELFARE = "child_welfare", "儿童福利机构"
    PROTECTION = "minor_protection", "未保机构"
    CARE = "child_care", "托管机构"


class HazardKind(Term):
    """重点隐患 (L61)."""

    FIRE = "fire", "消防"
    BUS = "school_bus", "校车"
    FOOD = "food", "食品卫生"
    NATURE = "natural_disaster", "自然灾害"
    DISEASE = "infectious_disease", "传染病"
    GEOLOGY = "geological", "地质灾害"
    TRAFFIC = "traffic", "周边道路交通"


class AccidentKind(Term):
    DROWNING = "drowning", "溺水"
    TRAFFIC = "traffic", "交通"
    FIRE = "fire", "火灾"
    FALL = "fall", "坠落"
    POISONING = "poisoning", "中毒"
    OTHER = "other", "其他"


Heads = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


@event(
    "water_site.registered.v1",
    label="登记水域",
    stream="water_site",
    key="site_id",
    emitters=(
        "河湖长",
        "水务",
    ),
    rules=("T14.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class WaterSiteRegistered(Event, frozen=True, kw_only=True):
    """人口集中居住地区的水域."""

    site_id: Code
    kind: WaterKind


@event(
    "water_site.equipped.v1",
    label="水域“四个一”",
    stream="water_site",
    key="site_id",
    emitters=(
        "河湖长",
        "水务",
    ),
    rules=("T14.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class WaterSiteEquipped(Event, frozen=True, kw_only=True):
    """一个警示牌、一个救生圈、一根救生绳、一根救生杆, as found on the day."""

    site_id: Code
    warning_sign: bool
    life_ring: bool
    rope: bool
    pole: bool
    barrier: bool = False


@event(
    "water_site.patrolled.v1",
    label="巡查水域",
    stream="water_site",
    key="site_id",
    emitters=(
        "河湖长",
        "水务",
    ),
    rules=("T14.3",),
    sensitivity="general",
    about_child=False,
    levels=(
        "township",
        "village",
    ),
)
class WaterSitePatrolled(Event, frozen=True, kw_only=True):
    """巡查."""

    site_id: Code


@event(
    "hazard.inspected.v1",
    label="排查隐患",
    stream="fact",
    emitters=(
        "教育",
        "公安",
        "民政",
        "应急",
    ),
    rules=("T14.1",),
    sensitivity="general",
    about_child=False,
    levels=(
        "county",
        "township",
        "village",
    ),
)
class HazardInspected(Event, frozen=True, kw_only=True):
    """风险隐患排查."""

    site: SiteKind
    hazard: HazardKind


@event(
    "hazard.found.v1",
    label="发现隐患",
    stream="hazard",
    key="hazard_id",
    emitters=(
        "教育",
        "公安",
        "民政",
        "应急",
    ),
    rules=("T14.1",),
    sensitivity="general",
    about_child=False,
    levels=(
        "county",
        "township",
        "village",
    ),
)
class HazardFound(Event, frozen=True, kw_only=True):
    """发现隐患."""

    hazard_id: Code
    site: SiteKind
    hazard: HazardKind
    severity: Severity


@event(
    "hazard.resolved.v1",
    label="化解隐患",
    stream="hazard",
    key="hazard_id",
    emitters=(
        "教育",
        "公安",
        "民政",
        "应急",
    ),
    rules=("T14.1",),
    sensitivity="general",
    about_child=False,
    levels=(
        "county",
        "township",
        "village",
    ),
)
class HazardResolved(Event, frozen=True, kw_only=True):
    """隐患化解."""

    hazard_id: Code


@event(
    "accident.recorded.v1",
    label="安全事故",
    stream="fact",
    emitters=(
        "教育",
        "公安",
        "民政",
        "应急",
    ),
    rules=("T14.2",),
    sensitivity="general",
    about_child=False,
    levels=(
        "county",
        "township",
        "village",
    ),
)
class AccidentRecorded(Event, frozen=True, kw_only=True):
    """儿童安全事故. Numbers only; a child's own harm is on its file."""

    kind: AccidentKind
    deaths: Heads
    injured: Heads


# --- guards -----------------------------------------------------------------------------------


@state("water_site")
class WaterSiteState(msgspec.Struct):
    """One water site."""

    registered_at: datetime | None = None


@applies(WaterSiteRegistered)
def _register(site: WaterSiteState, _: WaterSiteRegistered, at: Occasion) -> None:
    site.registered_at = at.occurred_at


@guards(WaterSiteRegistered)
def _may_register(site: WaterSiteState, fact: WaterSiteRegistered, _: Occasion) -> Refusal | None:
    if site.registered_at is None:
        return None
    return already("already_registered", "site_id", fact.site_id, "this water site is known")


@guards(WaterSiteEquipped)
@guards(WaterSitePatrolled)
def _may_act(
    site: WaterSiteState, fact: WaterSiteEquipped | WaterSitePatrolled, _: Occasion
) -> Refusal | None:
    if site.registered_at is not None:
        return None
    what = "no such water site is registered yet"
    return not_yet("site_unknown", "site_id", fact.site_id, what, "water_site.registered")


@state("hazard")
class HazardState(msgspec.Struct):
    """One hazard."""

    found_at: datetime | None = None
    resolved: bool = False


@applies(HazardFound)
def _find(hazard: HazardState, _: HazardFound, at: Occasion) -> None:
    hazard.found_at = at.occurred_at


@applies(HazardResolved)
def _resolve(hazard: HazardState, _: HazardResolved, __: Occasion) -> None:
    hazard.resolved = True


@guards(HazardFound)
def _may_find(hazard: HazardState, fact: HazardFound, _: Occasion) -> Refusal | None:
    if hazard.found_at is None:
        return None
    return already("already_found", "hazard_id", fact.hazard_id, "this hazard is recorded")


@guards(HazardResolved)
def _may_resolve(hazard: HazardState, fact: HazardResolved, at: Occasion) -> Refusal | None:
    if hazard.found_at is None:
        what = "no such hazard was found yet"
        return not_yet("hazard_unknown", "hazard_id", fact.hazard_id, what, "hazard.found")
    if hazard.resolved:
        return already("already_resolved", "hazard_id", fact.hazard_id, "this hazard is resolved")
    if before(at.occurred_at, hazard.found_at):
        return Refusal(
            "resolved_before_found",
            "time",
            day(at.occurred_at),
            "earlier than the day it was found; check the event's time",
        )
    return None
