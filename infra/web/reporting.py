"""报告侵害 in three taps: report, which of the nine situations, now. The hotlines stand on top.

Sources: UPL 11; 强制报告意见 2020 art. 4; domain.md §4. Who reported is not asked and not kept: the
event of a report carries no actor (ADV 14).
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from domain.duty_settings import values_on
from domain.mandatory_report import ReporterKind, ReportSubmitted, Situation
from domain.rules.register import ALL_SETTINGS
from domain.terms import Department, Severity
from domain.workflows import STAGE_OF
from infra.access import Role
from infra.intake import Outcome
from infra.web.guard import Asked, Grant
from infra.web.people import read_people
from infra.web.recording import child_here, tapped
from infra.web.sheets import Child
from infra.web.showing import page, today_of

DESKS = (Department.POLICE, Department.CIVIL_AFFAIRS, Department.EDUCATION)
"""Where one reports (UPL 11)."""

FOR_CIVIL_AFFAIRS = (Situation.UNATTENDED, Situation.OTHER)
"""Situations whose first word is civil affairs; the others are offences, for the police."""

FOLLOWING = ("submitted", "received", "accepted", "investigated", "disposed")
"""States of a report, each with a limit for the next step."""


class Limit(NamedTuple):
    """What a desk has to do, and within how many days."""

    step: str
    days: int
    is_law: bool


@get("/children/{child_id:uuid}/report", sync_to_thread=True, right="report_harm")
def situations(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """The first tap is behind us: which of the nine situations?"""
    child = child_here(state, grant, child_id)
    person = _named(state, grant, child_id)
    return page("report_situations.html", grant, child=child, person=person,
                situations=list(Situation))  # fmt: skip


@get("/children/{child_id:uuid}/report/{situation:str}", right="report_harm")
async def confirm(state: State, grant: Grant, child_id: UUID, situation: str) -> Response[Any]:
    """The last tap; what else can be said is not asked for."""
    return await sync_to_thread(_confirm, state, grant, child_id, situation, {})


@post(
    "/children/{child_id:uuid}/report/{situation:str}", right="report_harm", status_code=200
)  # fmt: skip
async def report(
    request: Asked, state: State, grant: Grant, child_id: UUID, situation: str
) -> Response[Any]:
    """Reported, once however often it is sent."""
    form = await request.form()
    asked = ("id", "report_id", "to", "severity", "note")
    answers = {name: str(form.get(name) or "") for name in asked}
    return await sync_to_thread(_report, state, grant, child_id, situation, answers)


def _confirm(
    state: State,
    grant: Grant,
    child_id: UUID,
    situation: str,
    answers: dict[str, str],
    *,
    outcome: Outcome | None = None,
) -> Response[Any]:
    child = child_here(state, grant, child_id)
    chosen = next((each for each in Situation if each.value == situation), None)
    if chosen is None:
        raise NotFoundException("no such situation")
    first = DESKS[1] if chosen in FOR_CIVIL_AFFAIRS else DESKS[0]
    known = {
        "id": str(uuid4()), "report_id": f"R-{uuid4().hex[:12]}", "to": first.value,
        "severity": Severity.SERIOUS.value, "note": "",
    }  # fmt: skip
    answers = known | {name: value for name, value in answers.items() if value}
    return page("report_confirm.html", grant, status=422 if outcome else 200, child=child,
                person=_named(state, grant, child_id), situation=chosen, desks=DESKS,
                severities=list(Severity), answers=answers, outcome=outcome,
                limits=limits(state, child))  # fmt: skip


def _report(
    state: State, grant: Grant, child_id: UUID, situation: str, answers: dict[str, str]
) -> Response[Any]:
    child_here(state, grant, child_id)
    by_director = grant.reader.role is Role.DIRECTOR
    data = {
        "report_id": answers["report_id"], "situation": situation, "to": answers["to"],
        "severity": answers["severity"],
        "reporter_kind": (ReporterKind.DIRECTOR if by_director else ReporterKind.OTHER).value,
    } | ({"note": answers["note"]} if answers["note"].strip() else {})  # fmt: skip
    sent = {
        "id": answers["id"], "type": ReportSubmitted.TYPE, "subject": str(child_id),
        "data": data,
    }  # fmt: skip
    if outcome := tapped(state, grant.reader, sent):
        return _confirm(state, grant, child_id, situation, answers, outcome=outcome)
    return Redirect(f"/children/{child_id}?recorded={ReportSubmitted.TYPE}", status_code=303)


def limits(state: State, child: Child) -> list[Limit]:
    """What follows a report, by the numbers that hold at the child's place today."""
    values = values_on(ALL_SETTINGS, child.village_code, today_of(state.home))
    stages = [STAGE_OF["report", each] for each in FOLLOWING]
    return [Limit(each.next_step, values[each.check], each.is_law) for each in stages]


def _named(state: State, grant: Grant, child_id: UUID) -> Any:
    return read_people(
        state.home, grant.reader, [child_id], purpose="report_harm", page="report"
    )[child_id]  # fmt: skip


ROUTES = (situations, confirm, report)
