"""需求与措施: from what was found about a child to what the plan offers. A proposal, no more.

Pure rules, in the plan's own words (T11, T18.2). A person reads the proposal, drops or adds, and
accepts; only that makes `need.matched` and `care_plan.adopted`. Nothing here happens by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.care_plan import HelpMeasure
from domain.child_file import RiskFactor
from domain.mental_health import Band
from domain.terms import Department
from domain.visiting import ProblemKind

SILENT_DAYS = 30
"""So long without a parent's contact while a parent is away (T11.4 asks for one a week)."""

SCREENED_DAYS = 365
DEFICIENT_DAYS = 365


class Fact(NamedTuple):
    """Something that stands in the log about one child, uncorrected. data: as stored."""

    type: str
    event_id: UUID
    on: date
    data: Mapping[str, Any]


class Offer(NamedTuple):
    """What the plan offers. text: what is to be done, for the page."""

    measure: HelpMeasure
    rule: str
    department: Department
    text: str


class Need(NamedTuple):
    """What a child seems to need: why, what is offered, and the events it rests on."""

    why: str
    offer: Offer
    events: tuple[UUID, ...]


CIVIL, SCHOOLS, HEALTH = Department.CIVIL_AFFAIRS, Department.EDUCATION, Department.HEALTH
M = HelpMeasure

BY_PROBLEM: Mapping[ProblemKind, Offer] = {
    ProblemKind.LIVING: Offer(
        M.LIVING, "T11.5", CIVIL, "核对低保、特困、临时救助是否应保尽保,链接慈善帮扶"
    ),
    ProblemKind.GUARDIANSHIP: Offer(
        M.GUARDIANSHIP, "T5.4", CIVIL, "告知父母另行委托,或帮助、督促被委托人履行照护"
    ),
    ProblemKind.ABUSE: Offer(
        M.SAFETY, "T6.2", Department.POLICE, "立即强制报告,评估是否需要临时监护"
    ),
    ProblemKind.SCHOOLING: Offer(M.SCHOOLING, "T11.6", SCHOOLS, "劝返复学,结对帮扶,优先寄宿"),
    ProblemKind.HEALTH: Offer(M.HEALTH, "T9.4", HEALTH, "协助就医,衔接医疗救助和康复"),
    ProblemKind.PSYCHOLOGY: Offer(
        M.PSYCHOLOGY, "T11.2", SCHOOLS, "心理教师一对一辅导或家访,告知12355、12338"
    ),
    ProblemKind.SAFETY: Offer(M.SAFETY, "T4.1", CIVIL, "督促监护人消除隐患,开展防溺水等安全教育"),
    ProblemKind.INTERNET: Offer(
        M.GUARDIANSHIP, "T15.1", Department.CYBERSPACE, "指导监护人管理上网,防沉迷"
    ),
    ProblemKind.UNATTENDED: Offer(
        M.GUARDIANSHIP, "T11.3", CIVIL, "落实照护人,评估是否符合临时监护条件"
    ),
}
BY_FACTOR: Mapping[RiskFactor, Offer] = {
    RiskFactor.FAMILY_VIOLENCE: Offer(
        M.SAFETY, "T11.3", CIVIL, "对照未成年人保护法第九十二条评估,符合的由民政临时监护"
    ),
    RiskFactor.TRUANCY: BY_PROBLEM[ProblemKind.SCHOOLING],
    RiskFactor.PSYCHOLOGICAL: BY_PROBLEM[ProblemKind.PSYCHOLOGY],
    RiskFactor.GUARDIANSHIP_IMPROPER: Offer(
        M.GUARDIANSHIP, "T4.1", CIVIL, "督促指导监护人,必要时家庭教育指导"
    ),
    RiskFactor.CHILD_DISABILITY: Offer(
        M.HEALTH, "T9.5", Department.DISABLED, "评估手术、辅具、康复训练"
    ),
    RiskFactor.DISASTER: BY_PROBLEM[ProblemKind.LIVING],
}
BY_SCREENING: Mapping[Band, Offer] = {
    Band.NEEDS_COUNSELLING: BY_PROBLEM[ProblemKind.PSYCHOLOGY],
    Band.SUSPECTED_ILLNESS: Offer(M.PSYCHOLOGY, "T2.7", HEALTH, "督促家长送医诊断,跟踪服务"),
}
DEFICIENT = BY_PROBLEM[ProblemKind.GUARDIANSHIP]
LONELY = Offer(M.COMPANIONSHIP, "T11.4", CIVIL, "督促父母每周联系,参加社区家长学校亲子活动")
SERIOUS = Offer(M.VISITING, "T8.7", CIVIL, "加密走访,直到问题办结")


def needs_of(facts: Sequence[Fact], day: date) -> list[Need]:
    """What a child seems to need on a day, in the order of HelpMeasure; the same offer once."""
    found = [
        *_problems(facts),
        *_factors(facts),
        *_screening(facts, day),
        *_deficiencies(facts, day),
        *_silence(facts, day),
    ]
    merged: dict[Offer, Need] = {}
    for each in found:
        known = merged.get(each.offer)
        if known is None:
            merged[each.offer] = each
        else:
            events = tuple(dict.fromkeys((*known.events, *each.events)))
            why = known.why if each.why in known.why else f"{known.why};{each.why}"
            merged[each.offer] = Need(why, each.offer, events)
    order = list(HelpMeasure)
    return sorted(merged.values(), key=lambda each: order.index(each.offer.measure))


def _problems(facts: Sequence[Fact]) -> list[Need]:
    """Problems that are not resolved."""
    resolved = {f.data.get("problem_id") for f in facts if f.type == "problem.resolved.v1"}
    needs = []
    for fact in facts:
        if fact.type != "problem.found.v1" or fact.data.get("problem_id") in resolved:
            continue
        kind = msgspec.convert(fact.data["kind"], ProblemKind)
        why = f"{fact.on} 发现{kind.label}问题,尚未办结"
        needs.append(Need(why, BY_PROBLEM[kind], (fact.event_id,)))
        if fact.data["severity"] in {"serious", "urgent"}:
            needs.append(Need(why, SERIOUS, (fact.event_id,)))
    return needs


def _factors(facts: Sequence[Fact]) -> list[Need]:
    latest = {f.data["factor"]: f for f in facts if f.type == "risk.factor_recorded.v1"}
    return [
        Need(f"{fact.on} 记录{factor.label}", BY_FACTOR[factor], (fact.event_id,))
        for value, fact in latest.items()
        if fact.data.get("present", True)
        and (factor := msgspec.convert(value, RiskFactor)) in BY_FACTOR
    ]


def _screening(facts: Sequence[Fact], day: date) -> list[Need]:
    """What the latest screening said, within a year."""
    screened = [f for f in facts if f.type == "mental.screening_completed.v1"][-1:]
    return [
        Need(f"{fact.on} 心理筛查:{band.label}", BY_SCREENING[band], (fact.event_id,))
        for fact in screened
        if day - fact.on < timedelta(days=SCREENED_DAYS)
        and (band := msgspec.convert(fact.data["band"], Band)) in BY_SCREENING
    ]


def _deficiencies(facts: Sequence[Fact], day: date) -> list[Need]:
    """Delegates found unfit within a year, with nothing done about that agreement since."""
    done = ("care.delegate_supported.v1", "care.delegate_replaced.v1", "care_agreement.ended.v1")
    answered = {f.data.get("agreement_id"): f.on for f in facts if f.type in done}
    return [
        Need(f"{fact.on} 发现被委托人不适合照护", DEFICIENT, (fact.event_id,))
        for fact in facts
        if fact.type == "care.deficiency_found.v1"
        and day - fact.on < timedelta(days=DEFICIENT_DAYS)
        and answered.get(fact.data.get("agreement_id"), date.min) < fact.on
    ]


def _silence(facts: Sequence[Fact], day: date) -> list[Need]:
    """A parent is away, and none has been in touch with the child for a month."""
    turns = {
        f.data["parent"]: f for f in facts if f.type in {"parent.departed.v1", "parent.returned.v1"}
    }
    away = [f for f in turns.values() if f.type == "parent.departed.v1"]
    heard = [
        f.on for f in facts if f.type == "parent_contact.logged.v1" and f.data.get("leg") == "child"
    ]
    since = timedelta(days=SILENT_DAYS)
    if not away or any(day - on < since for on in heard) or all(day - f.on < since for f in away):
        return []
    return [Need("父母外出,一个月没有与孩子联系", LONELY, tuple(f.event_id for f in away))]


TYPES = (
    "problem.found.v1", "problem.resolved.v1", "risk.factor_recorded.v1",
    "mental.screening_completed.v1", "care.deficiency_found.v1", "care.delegate_supported.v1",
    "care.delegate_replaced.v1", "care_agreement.ended.v1", "parent.departed.v1",
    "parent.returned.v1", "parent_contact.logged.v1",
)  # fmt: skip
"""What the rules look at."""
