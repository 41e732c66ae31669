"""社会力量: organisations engaged and commended, volunteers checked and paired.

An organisation and a volunteer each have a stream. Nobody is paired with a child without a clear
background check. Sources: plan L69 (T17.1 to T17.3), L31 (T2.8); UPL 62.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.errors import Refusal
from domain.event import Code, Event, Level, event
from domain.guards import Occasion, already, applies, guards, not_yet, state
from domain.terms import Term

ANYWHERE: tuple[Level, ...] = ("province", "prefecture", "county", "township", "village")


class OrgKind(Term):
    SOCIAL_WORK = "social_work", "社会工作机构"
    CHARITY = "charity", "慈善组织"
    VOLUNTEER = "volunteer", "志愿服务组织"
    YOUTH = "youth", "青年社会组织"
    OTHER = "other", "其他"


class Engagement(Term):
    """培育引导的形式 (L69)."""

    COMMISSIONED = "commissioned", "政府委托"
    PROJECT = "project", "项目合作"
    PROMOTED = "promoted", "重点推介"
    INCUBATED = "incubated", "孵化扶持"


class Programme(Term):
    RURAL_YOUTH = "rural_youth", "乡村振兴青春建功"
    HOPE = "project_hope", "希望工程"
    OTHER = "other", "其他"


@event(
    "org.registered.v1",
    label="登记社会组织",
    stream="org",
    key="org_id",
    emitters=(
        "民政",
        "团委",
        "妇联",
    ),
    rules=("T17.1",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class OrgRegistered(Event, frozen=True, kw_only=True):
    """儿童福利领域社会组织."""

    org_id: Code
    kind: OrgKind


@event(
    "org.engaged.v1",
    label="引导社会组织参与",
    stream="org",
    key="org_id",
    emitters=(
        "民政",
        "团委",
        "妇联",
    ),
    rules=("T17.1",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class OrgEngaged(Event, frozen=True, kw_only=True):
    """政府委托、项目合作、重点推介、孵化扶持."""

    org_id: Code
    form: Engagement


@event(
    "org.commended.v1",
    label="推荐表彰",
    stream="org",
    key="org_id",
    emitters=(
        "民政",
        "团委",
        "妇联",
    ),
    rules=("T17.3",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class OrgCommended(Event, frozen=True, kw_only=True):
    """推荐表彰社会组织 (L69)."""

    org_id: Code


@event(
    "volunteer.registered.v1",
    label="登记志愿者",
    stream="volunteer",
    key="volunteer_id",
    emitters=(
        "民政",
        "团委",
        "妇联",
    ),
    rules=("T17.2",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class VolunteerRegistered(Event, frozen=True, kw_only=True):
    """志愿者."""

    volunteer_id: Code


@event(
    "volunteer.background_checked.v1",
    label="志愿者背景查询",
    stream="volunteer",
    key="volunteer_id",
    emitters=(
        "公安",
        "民政",
    ),
    rules=("T17.2",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class VolunteerChecked(Event, frozen=True, kw_only=True):
    """违法犯罪记录查询 (UPL 62)."""

    volunteer_id: Code
    clear: bool


@event(
    "volunteer.paired.v1",
    label="志愿者结对",
    stream="volunteer",
    key="volunteer_id",
    emitters=(
        "民政",
        "团委",
        "妇联",
    ),
    rules=(
        "T2.8",
        "T17.2",
    ),
)
class VolunteerPaired(Event, frozen=True, kw_only=True):
    """志愿者与儿童结对."""

    volunteer_id: Code


@event(
    "volunteer.ended.v1",
    label="志愿者退出",
    stream="volunteer",
    key="volunteer_id",
    emitters=(
        "民政",
        "团委",
        "妇联",
    ),
    rules=("T17.2",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class VolunteerEnded(Event, frozen=True, kw_only=True):
    """退出志愿服务."""

    volunteer_id: Code


@event(
    "volunteer.project_started.v1",
    label="志愿服务项目",
    stream="fact",
    emitters=("团委",),
    rules=("T17.2",),
    sensitivity="general",
    about_child=False,
    levels=ANYWHERE,
)
class ProjectStarted(Event, frozen=True, kw_only=True):
    """乡村振兴青春建功、希望工程等项目."""

    programme: Programme


# --- guards -----------------------------------------------------------------------------------


@state("org")
class OrgState(msgspec.Struct):
    """One organisation."""

    registered_at: datetime | None = None


@applies(OrgRegistered)
def _register(org: OrgState, _: OrgRegistered, at: Occasion) -> None:
    org.registered_at = at.occurred_at


@guards(OrgRegistered)
def _may_register(org: OrgState, fact: OrgRegistered, _: Occasion) -> Refusal | None:
    if org.registered_at is None:
        return None
    return already("already_registered", "org_id", fact.org_id, "this organisation is known")


@guards(OrgEngaged)
@guards(OrgCommended)
def _may_act(org: OrgState, fact: OrgEngaged | OrgCommended, _: Occasion) -> Refusal | None:
    if org.registered_at is not None:
        return None
    what = "no such organisation is registered yet"
    return not_yet("org_unknown", "org_id", fact.org_id, what, "org.registered")


@state("volunteer")
class VolunteerState(msgspec.Struct):
    """One volunteer. `clear`: what the latest background check said."""

    registered_at: datetime | None = None
    clear: bool | None = None
    checked_at: datetime | None = None
    ended: bool = False


@applies(VolunteerRegistered)
def _join(volunteer: VolunteerState, _: VolunteerRegistered, at: Occasion) -> None:
    volunteer.registered_at = at.occurred_at


@applies(VolunteerChecked)
def _check(volunteer: VolunteerState, fact: VolunteerChecked, at: Occasion) -> None:
    if volunteer.checked_at is None or volunteer.checked_at <= at.occurred_at:
        volunteer.clear, volunteer.checked_at = fact.clear, at.occurred_at


@applies(VolunteerEnded)
def _leave(volunteer: VolunteerState, _: VolunteerEnded, __: Occasion) -> None:
    volunteer.ended = True


@guards(VolunteerRegistered)
def _may_join(volunteer: VolunteerState, fact: VolunteerRegistered, _: Occasion) -> Refusal | None:
    if volunteer.registered_at is None:
        return None
    key, what = fact.volunteer_id, "this volunteer is known"
    return already("already_registered", "volunteer_id", key, what)


@guards(VolunteerChecked)
@guards(VolunteerEnded)
def _may_follow(
    volunteer: VolunteerState, fact: VolunteerChecked | VolunteerEnded, _: Occasion
) -> Refusal | None:
    key = fact.volunteer_id
    if volunteer.registered_at is None:
        what = "no such volunteer is registered yet"
        return not_yet("volunteer_unknown", "volunteer_id", key, what, "volunteer.registered")
    if volunteer.ended and isinstance(fact, VolunteerEnded):
        return already("already_ended", "volunteer_id", key, "this volunteer has left")
    return None


@guards(VolunteerPaired)
def _may_pair(volunteer: VolunteerState, fact: VolunteerPaired, _: Occasion) -> Refusal | None:
    if volunteer.clear:
        return None
    if volunteer.clear is None:
        what = "no background check of this volunteer is recorded yet"
        checks = "volunteer.background_checked"
        return not_yet("not_checked", "volunteer_id", fact.volunteer_id, what, checks)
    return Refusal(
        "not_clear",
        "volunteer_id",
        fact.volunteer_id,
        "the background check was not clear: nobody is paired with a child without a clear one"
        " (UPL 62); choose another volunteer",
    )
