"""走访与联系: visits, contacts, and the problems they bring to light.

A visit, a failed attempt and a contact are one fact each; a problem has a stream of its own from
found to solved. Sources: plan L48 (T8.4 to T8.7, T8.9).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, Minutes, Personal, day, event
from domain.guards import Occasion, already, applies, before, guards, key_taken, not_yet, state
from domain.terms import Channel, Severity, Term, WorkerRole


class Finding(Term):
    FINE = "fine", "正常"
    CONCERN = "concern", "需关注"
    UNSAFE = "unsafe", "有危险"
    NOT_SEEN = "not_seen", "未了解"


class Concern(Term):
    LIVING = "living", "生活"
    GUARDIANSHIP = "guardianship", "监护"
    SCHOOLING = "schooling", "就学"
    HEALTH = "health", "健康"
    PSYCHOLOGY = "psychology", "心理"
    SAFETY = "safety", "安全"
    INTERNET = "internet", "用网"


class NotVisited(Term):
    NOBODY_HOME = "nobody_home", "无人在家"
    MOVED = "moved", "已搬走"
    REFUSED = "refused", "拒绝"
    UNSAFE = "unsafe", "不安全"
    WEATHER = "weather", "天气"


class ContactWith(Term):
    CHILD = "child", "儿童"
    CARER = "carer", "照料人"
    PARENT = "parent", "父母"
    SCHOOL = "school", "学校"


class ProblemKind(Term):
    LIVING = "living", "生活困难"
    GUARDIANSHIP = "guardianship", "监护缺失或不当"
    ABUSE = "abuse", "疑似侵害"
    SCHOOLING = "schooling", "厌学辍学"
    HEALTH = "health", "健康"
    PSYCHOLOGY = "psychology", "心理"
    SAFETY = "safety", "安全隐患"
    INTERNET = "internet", "沉迷网络"
    UNATTENDED = "unattended", "无人照看"


class FoundBy(Term):
    """How a problem came to light: `visit` is discovered, the others are reported."""

    VISIT = "visit", "走访发现"
    CONTACT = "contact", "联系发现"
    REPORT = "report", "他人报告"
    SCHOOL = "school", "学校发现"


class ProblemOutcome(Term):
    SOLVED = "solved", "已解决"
    REFERRED = "referred", "已转办"
    UNFOUNDED = "unfounded", "不属实"


class Selection(Term):
    """Why this visit was made; models need it so as not to take being looked at for risk."""

    DUTY = "duty", "到期走访"
    RISK = "risk", "风险优先"
    RANDOM = "random", "随机走访"
    REQUEST = "request", "应请求"
    OTHER = "other", "其他"


class AskedBy(Term):
    """Who asks for a visit."""

    CHILD = "child", "儿童本人"
    CARER = "carer", "照料人"
    PARENT = "parent", "父母"
    SCHOOL = "school", "学校"
    HOTLINE = "hotline", "热线"
    NEIGHBOUR = "neighbour", "邻里"


class Checklist(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """七项: what the visitor saw."""

    living: Finding = Finding.NOT_SEEN
    guardianship: Finding = Finding.NOT_SEEN
    schooling: Finding = Finding.NOT_SEEN
    health: Finding = Finding.NOT_SEEN
    psychology: Finding = Finding.NOT_SEEN
    safety: Finding = Finding.NOT_SEEN
    internet: Finding = Finding.NOT_SEEN


@event("visit.completed.v1", label="入户走访", stream="fact", rules=("T8.6", "T8.7"))
class VisitCompleted(Event, frozen=True, kw_only=True):
    """入户走访完成. Emitted by the child director or supervisor."""

    by: WorkerRole
    child_seen: bool
    child_spoken_alone: bool = False
    carer_present: bool = True
    checklist: Checklist = Checklist()
    concerns: list[Concern] = msgspec.field(default_factory=list)
    selection: Selection = Selection.DUTY
    minutes: Minutes | None = None
    next_due: date | None = None
    note: Personal | None = None


@event("visit.attempt_failed.v1", label="走访未成", stream="fact", rules=("T8.6",))
class VisitAttemptFailed(Event, frozen=True, kw_only=True):
    """未能走访. It does not fulfil the duty; it explains."""

    by: WorkerRole
    reason: NotVisited
    note: Personal | None = None


@event(
    "visit.requested.v1",
    label="请求走访",
    stream="fact",
    emitters=("家庭", "学校", "热线"),
    rules=("T8.9",),
)
class VisitRequested(Event, frozen=True, kw_only=True):
    """求助, 请求上门. Stands before everything else on the list until a visit answers it."""

    asked_by: AskedBy
    note: Personal | None = None


@event("contact.logged.v1", label="联系", stream="fact", rules=("T8.4", "T8.5"))
class ContactLogged(Event, frozen=True, kw_only=True):
    """电话、音视频或面谈联系."""

    by: WorkerRole
    channel: Channel
    with_whom: ContactWith = ContactWith.CHILD
    minutes: Minutes | None = None
    note: Personal | None = None


@event(
    "problem.found.v1",
    label="发现问题",
    stream="problem",
    key="problem_id",
    emitters=("民政", "教育", "卫健"),
    rules=("T8.9",),
)
class ProblemFound(Event, frozen=True, kw_only=True):
    """发现问题."""

    problem_id: Code
    kind: ProblemKind
    severity: Severity
    found_by: FoundBy
    note: Personal | None = None


@event("problem.resolved.v1", label="问题办结", stream="problem", key="problem_id", rules=("T8.9",))
class ProblemResolved(Event, frozen=True, kw_only=True):
    """问题办结."""

    problem_id: Code
    outcome: ProblemOutcome
    note: Personal | None = None


# --- a problem, from found to solved ----------------------------------------------------------


@state("problem")
class ProblemState(msgspec.Struct):
    """One problem. Times are when it happened."""

    child_id: UUID = NO_CHILD
    found_at: datetime | None = None
    resolved_at: datetime | None = None


@applies(ProblemFound)
def _find(problem: ProblemState, _: ProblemFound, at: Occasion) -> None:
    problem.child_id, problem.found_at = at.child_id, at.occurred_at


@applies(ProblemResolved)
def _resolve(problem: ProblemState, _: ProblemResolved, at: Occasion) -> None:
    problem.resolved_at = at.occurred_at


@guards(ProblemFound)
def _may_find(problem: ProblemState, fact: ProblemFound, at: Occasion) -> Refusal | None:
    if problem.found_at is None:
        return None
    if problem.child_id != at.child_id:
        return key_taken("problem_id", fact.problem_id)
    return already("already_found", "problem_id", fact.problem_id, "this problem is recorded")


@guards(ProblemResolved)
def _may_resolve(problem: ProblemState, fact: ProblemResolved, at: Occasion) -> Refusal | None:
    if problem.found_at is None:
        what = "no such problem was found yet"
        return not_yet("problem_unknown", "problem_id", fact.problem_id, what, "problem.found")
    if problem.child_id != at.child_id:
        return key_taken("problem_id", fact.problem_id)
    if problem.resolved_at is not None:
        return already("already_resolved", "problem_id", fact.problem_id, "this problem is solved")
    if before(at.occurred_at, problem.found_at):
        return Refusal(
            "resolved_before_found",
            "time",
            day(at.occurred_at),
            "earlier than the day it was found; check the event's time, or correct the finding's",
        )
    return None
