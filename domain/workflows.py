"""办理流程: where a case stands, what is next, by whom and by when. One declaration, data alone.

A case is what hangs together: one report, agreement, dropout, application or benefit; of temporary
guardianship and mental health, which begin before they have a number, one a child. An event moves a
case from the states it names to another; in any other state it changes nothing. SQL twin:
projections/cases.sql, which reads the same tables.

The limits are the numbers of the register's checks: a place that tightens one tightens it here.
Only 移送 within 24 hours (行政案件程序规定 61) is law; the others are service levels of ours.
立案 or not within three days (刑事案件程序规定 178) has no event of its own, so no step.
Deficiencies of a delegate (T5.4) and unpaid months (T9.1/paid) are in `duties`. Source: domain.md
§1, §4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import msgspec

from domain.workdays import workday_after


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """An event takes a case from one of some states to another; '' is before its beginning.

    mark    what the event must say, as `mark_of` has it; empty: whatever it says
    """

    kind: str
    type: str
    froms: tuple[str, ...]
    to: str
    mark: str = ""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What a state of a case asks for. No `next_step`: the case is closed.

    check     of the register, whose number is the limit; empty: none is set
    counted   event type from whose day the limit counts; empty: from the day of the state
    until     1 = due when the agreement ends
    """

    kind: str
    state: str
    label: str
    next_step: str = ""
    actor: str = ""
    check: str = ""
    counted: str = ""
    workdays: bool = False
    until: bool = False
    is_law: bool = False


KINDS = {
    "report": "强制报告", "agreement": "委托照护", "guardianship": "临时监护",
    "dropout": "控辍保学", "mental": "心理健康", "subsidy": "救助保障",
}  # fmt: skip
BY_CHILD = ("guardianship", "mental")
"""Kinds of which a child has one case."""


def _move(kind: str, type_: str, froms: str, to: str, mark: str = "") -> Move:
    """`froms`: states with spaces between, `-` for before the beginning."""
    states = tuple("" if each == "-" else each for each in froms.split())
    return Move(kind=kind, type=f"{type_}.v1", froms=states, to=to, mark=mark)


def _stage(kind: str, state: str, label: str, *following: str, **more: Any) -> Stage:
    """`following`: the next step, who takes it, the check with its limit."""
    named: dict[str, Any] = dict(zip(("next_step", "actor", "check"), following, strict=False))
    return Stage(kind=kind, state=state, label=label, **named, **more)


SIGNED, RENEWED = "care_agreement.signed.v1", "care_agreement.renewed.v1"
_DONE = {
    "assessed": ("care_agreement.delegate_assessed", "已评估", "fit"),
    "filed": ("care_agreement.filed", "已存档", ""),
    "noticed": ("care_agreement.notice_sent", "已告知", ""),
}
"""What a signed agreement needs, in whatever order → its event, its label, what it must say."""
_NEEDED = {
    "assessed": ("评估被委托人是否符合条件", "村(居)委会", "T5.2"),
    "filed": ("报村(居)委会存档", "父母"),
    "noticed": ("书面告知学校和实际居住地村(居)委会", "父母", "T5.3"),
}
_SETS = [frozenset(each) for n in range(len(_DONE) + 1) for each in combinations(_DONE, n)]


def _agreed(done: Iterable[str]) -> str:
    """The state of an agreement by what is done: signed, assessed+filed, in_force."""
    found = [each for each in _DONE if each in set(done)]
    return "in_force" if len(found) == len(_DONE) else "+".join(found) or "signed"


def _agreements() -> tuple[list[Move], list[Stage]]:
    open_ = [_agreed(each) for each in _SETS]
    moves = [_move("agreement", "care_agreement.signed", "-", "signed")]
    moves += [
        _move("agreement", _DONE[one][0], _agreed(had), _agreed(had | {one}), _DONE[one][2])
        for had in _SETS for one in _DONE if one not in had
    ]  # fmt: skip
    assessed, every = _DONE["assessed"][0], " ".join([*open_, "unfit"])
    moves += [
        _move("agreement", assessed, " ".join(open_), "unfit", "unfit"),
        _move("agreement", "care_agreement.renewed", "in_force", "in_force"),
        _move("agreement", "care_agreement.ended", every, "ended"),
        _move("agreement", "care.delegate_replaced", every, "ended"),
    ]
    stages = [
        _stage("agreement", "in_force", "履行中", "到期续签或终止", "父母", until=True),
        _stage("agreement", "unfit", "被委托人不符合条件", "更换被委托人或终止协议", "父母"),
        _stage("agreement", "ended", "已终止"),
    ]
    for done in _SETS[:-1]:
        label = "、".join(["已签订", *(_DONE[each][1] for each in _DONE if each in done)])
        missing = next(each for each in _DONE if each not in done)
        state = _agreed(done)
        stages.append(_stage("agreement", state, label, *_NEEDED[missing], counted=SIGNED))
    return moves, stages


_AGREED = _agreements()
_CALM = "- screened counselled followed_up"

MOVES: tuple[Move, ...] = (
    _move("report", "report.submitted", "-", "submitted"),
    _move("report", "report.received", "submitted transferred", "received"),
    _move("report", "report.transferred", "received", "transferred"),
    _move("report", "report.accepted", "received", "accepted"),
    _move("report", "report.investigated", "accepted", "investigated"),
    _move("report", "report.disposed", "investigated", "disposed"),
    _move("report", "report.feedback_given", "disposed", "fed_back"),
    *_AGREED[0],
    _move("guardianship", "protection.temp_guardianship_assessed", "- ended", "assessed", "met"),
    _move("guardianship", "temp_guardianship.started", "- assessed ended", "started"),
    _move("guardianship", "temp_guardianship.reviewed", "started to_end", "reviewed", "go_on"),
    _move("guardianship", "temp_guardianship.reviewed", "started reviewed", "to_end", "stop"),
    _move("guardianship", "temp_guardianship.ended", "started reviewed to_end", "ended"),
    _move("dropout", "dropout.suspected", "-", "suspected"),
    _move("dropout", "dropout.confirmed", "- suspected persuaded", "confirmed"),
    _move("dropout", "dropout.persuasion_made", "suspected confirmed relapsed", "persuaded"),
    _move("dropout", "dropout.returned", "suspected confirmed persuaded relapsed", "returned"),
    _move("dropout", "dropout.plan_made", "returned", "plan_made"),
    _move("dropout", "dropout.relapsed", "returned plan_made", "relapsed"),
    _move("mental", "mental.screening_completed", _CALM, "screened", "normal"),
    _move("mental", "mental.screening_completed", _CALM, "screened", "attention"),
    _move("mental", "mental.screening_completed", _CALM, "needs_counselling", "needs_counselling"),
    _move("mental", "mental.screening_completed", f"{_CALM} needs_counselling",
          "suspected_illness", "suspected_illness"),
    _move("mental", "mental.counselling_delivered", "needs_counselling", "counselled"),
    _move("mental", "mental.referral_urged", f"{_CALM} needs_counselling suspected_illness",
          "urged"),
    _move("mental", "mental.medical_visit_confirmed", "urged", "visited"),
    _move("mental", "mental.followup_recorded", "visited", "followed_up"),
    _move("subsidy", "eligibility.applied", "-", "applied"),
    _move("subsidy", "eligibility.accepted", "applied", "accepted"),
    _move("subsidy", "eligibility.checked", "applied accepted", "checked"),
    _move("subsidy", "eligibility.confirmed", "applied accepted checked", "confirmed"),
    _move("subsidy", "eligibility.rejected", "applied accepted checked", "rejected"),
    _move("subsidy", "eligibility.notified", "confirmed rejected", "notified"),
    _move("subsidy", "eligibility.assessed", "- ineligible", "eligible", "eligible"),
    _move("subsidy", "eligibility.assessed", "- eligible", "ineligible", "ineligible"),
    _move("subsidy", "benefit.granted", "- eligible", "granted"),
    _move("subsidy", "benefit.paid", "granted", "paid"),
    _move("subsidy", "benefit.stopped", "granted paid", "stopped"),
)  # fmt: skip

DESK = "接报部门"
STAGES: tuple[Stage, ...] = (
    _stage("report", "submitted", "已报告", "接收报告", DESK, "T6.4/received"),
    _stage("report", "received", "已接收", "受理或移送", DESK, "T6.4/accepted", is_law=True),
    _stage("report", "transferred", "已移送", "接收报告", DESK, "T6.4/received"),
    _stage("report", "accepted", "已受理", "调查", DESK, "T6.4/investigated"),
    _stage("report", "investigated", "已调查", "处置", DESK, "T6.4/disposed",
           counted="report.accepted.v1"),
    _stage("report", "disposed", "已处置", "将处理结果告知报告人", DESK, "T6.4/feedback"),
    _stage("report", "fed_back", "已反馈"),
    *_AGREED[1],
    _stage("guardianship", "assessed", "符合临时监护条件", "临时监护安置", "民政", "T6.5"),
    _stage("guardianship", "started", "临时监护中", "定期评估", "民政"),
    _stage("guardianship", "reviewed", "评估后继续", "定期评估", "民政"),
    _stage("guardianship", "to_end", "评估后终止", "送回或转长期监护", "民政"),
    _stage("guardianship", "ended", "已终止"),
    _stage("dropout", "suspected", "疑似辍学", "核实", "学校"),
    _stage("dropout", "confirmed", "确认辍学", "劝返复学", "学校", "T10.2/persuaded"),
    _stage("dropout", "persuaded", "已劝返", "返校复学", "教育", "T10.2/returned",
           counted="dropout.confirmed.v1"),
    _stage("dropout", "returned", "已返校", "制定教学计划并安置", "学校", "T10.3/plan"),
    _stage("dropout", "plan_made", "已制定教学计划"),
    _stage("dropout", "relapsed", "再次辍学", "劝返复学", "学校"),
    _stage("mental", "screened", "已筛查"),
    _stage("mental", "needs_counselling", "需要辅导", "开展心理辅导", "学校", "T2.6"),
    _stage("mental", "counselled", "已辅导"),
    _stage("mental", "suspected_illness", "疑似精神疾病", "督促家长送医", "学校", "T2.7/urged"),
    _stage("mental", "urged", "已督促送医", "确认已送医", "学校", "T2.7/visit"),
    _stage("mental", "visited", "已就医", "就医后跟踪服务", "学校", "T2.7/followup"),
    _stage("mental", "followed_up", "已跟踪"),
    _stage("subsidy", "applied", "已申请", "受理申请", "乡镇", "T9.1/accepted", workdays=True),
    _stage("subsidy", "accepted", "已受理", "查验申请", "乡镇", "T9.1/checked", workdays=True),
    _stage("subsidy", "checked", "已查验", "确认申请", "县级民政", "T9.1/decided", workdays=True),
    _stage("subsidy", "confirmed", "已确认", "告知结果", "县级民政", "T9.1/notified",
           workdays=True),
    _stage("subsidy", "rejected", "不予确认", "告知结果", "县级民政", "T9.1/notified",
           workdays=True),
    _stage("subsidy", "notified", "已告知"),
    _stage("subsidy", "eligible", "符合条件", "批准救助", "民政", "T9.1/assessed"),
    _stage("subsidy", "ineligible", "不符合条件"),
    _stage("subsidy", "granted", "已批准", "发放", "县级民政"),
    _stage("subsidy", "paid", "发放中", "按月发放", "县级民政"),
    _stage("subsidy", "stopped", "已停发"),
)  # fmt: skip
STAGE_OF = {(each.kind, each.state): each for each in STAGES}


# --- one case, on a day -----------------------------------------------------------------------


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a case: its Shanghai day, its mark, the end of the agreement where it has one."""

    type: str
    day: date
    mark: str = ""
    until: date | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case stands on a day. `overdue_days`: below 0 before the day, 0 where none is set."""

    kind: str
    state: str
    state_since: date
    next_step: str
    actor: str
    due_on: date | None
    is_law: bool
    overdue_days: int


def mark_of(type_: str, data: Mapping[str, Any]) -> str:
    """What an event says that a move may ask for."""
    match type_:
        case "care_agreement.delegate_assessed.v1":
            return "unfit" if data.get("disqualifiers") else "fit"
        case "protection.temp_guardianship_assessed.v1":
            return "met" if data["met"] else "not_met"
        case "temp_guardianship.reviewed.v1":
            return "go_on" if data["go_on"] else "stop"
        case "mental.screening_completed.v1":
            return str(data["band"])
        case "eligibility.assessed.v1":
            return str(data["result"])
        case _:
            return ""


def _moves(move: Move, kind: str, step: Step) -> bool:
    return (move.kind, move.type) == (kind, step.type) and move.mark in ("", step.mark)


def case_of(kind: str, steps: Sequence[Step], on: date, values: Mapping[str, int]) -> Case | None:
    """Where a case stands after its steps, in their order; None where none began it.

    values   check → its limit at the child's place (domain/duty_settings.py, values_on)
    """
    state, since = "", on
    for step in steps:
        moved = (each.to for each in MOVES if _moves(each, kind, step) and state in each.froms)
        if (to := next(moved, None)) is not None:
            state, since = to, step.day
    if not state:
        return None
    stage = STAGE_OF[kind, state]
    due = _due(stage, steps, since, values)
    return Case(
        kind=kind, state=state, state_since=since, next_step=stage.next_step, actor=stage.actor,
        due_on=due, is_law=stage.is_law, overdue_days=(on - due).days if due else 0,
    )  # fmt: skip


def _due(
    stage: Stage, steps: Sequence[Step], since: date, values: Mapping[str, int]
) -> date | None:
    if stage.until:
        return next((s.until for s in reversed(steps) if s.type in (SIGNED, RENEWED)), None)
    if not stage.check:
        return None
    start = max((each.day for each in steps if each.type == stage.counted), default=since)
    if stage.workdays:
        return workday_after(start, values[stage.check])
    return start + timedelta(days=values[stage.check])
