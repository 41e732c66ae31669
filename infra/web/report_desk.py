"""强制报告台: the clock of every report, and each step as a form that records its event.

A desk works on the reports that it holds; who reported is shown to the receiving desk alone, by a
step of its own that is recorded (ADV 14). Limits: domain/workflows.py, with what is law among them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import ClientException, NotFoundException, PermissionDeniedException
from litestar.params import Parameter
from litestar.response import Redirect

from domain.event import Event
from domain.mandatory_report import ReportMeasureTaken
from domain.terms import Department
from domain.vocabulary import EVENTS
from domain.workflows import MOVES, STAGE_OF
from infra.home import Home
from infra.intake import Outcome
from infra.web.forms import Field, data_of, fields_of
from infra.web.guard import Asked, Grant
from infra.web.people import Person, read_people, record_reading
from infra.web.recording import tapped
from infra.web.showing import page, today_of, utc

OURS: str = Department.CIVIL_AFFAIRS.value
"""The desk of those who open this page."""

WORKING = ("received", "accepted", "investigated")
"""States in which a measure can be taken."""

LAW_HOURS = 24
"""Within which a desk accepts or transfers what it received (行政案件程序规定 61(2))."""

SHOWN = 60
CLOSED = 20

REPORTS = """
SELECT c.reference, c.child_id, c.place, c.state, c.next_step, c.due_on, c.is_law, c.overdue_days,
    r.situation, r.severity, r.desk, r.submitted_at, s.at
FROM (
    SELECT * FROM cases_as_of(as_of = {today:Date})
    WHERE kind = 'report' AND startsWith(place, {place:String})
        AND ({one:String} = '' OR reference = {one:String})
) AS c
LEFT JOIN reports AS r ON r.report_id = c.reference
LEFT JOIN (
    SELECT reference, max(occurred_at) AS at FROM case_steps WHERE startsWith(type, 'report.')
    GROUP BY reference
) AS s ON s.reference = c.reference
ORDER BY c.next_step = '', c.overdue_days DESC, c.due_on, r.submitted_at DESC, c.reference
"""
STEPS = """
SELECT type, occurred_at, data FROM timeline
WHERE child_id = {child:UUID} AND startsWith(type, 'report.')
    AND JSONExtractString(data, 'report_id') = {one:String} ORDER BY occurred_at, position
"""


class Report(NamedTuple):
    """One report as it stands. `at`: the moment of its latest step; due_on None: no limit set."""

    report_id: str
    child_id: UUID
    village: str
    state: str
    next_step: str
    due_on: date | None
    is_law: int
    overdue_days: int
    situation: str
    severity: str
    desk: str
    submitted_at: datetime
    at: datetime

    @property
    def stage(self) -> str:
        """Where it stands, in Chinese."""
        return STAGE_OF["report", self.state].label

    @property
    def ours(self) -> bool:
        """Whether the desk of civil affairs holds it."""
        return self.desk == OURS

    def hours(self, now: datetime) -> int:
        """Hours since the latest step."""
        return int((now - utc(self.at)).total_seconds() // 3600)

    def late(self, now: datetime) -> bool:
        """Past its limit: of law to the hour, of a service level to the day."""
        past_law = bool(self.is_law) and self.hours(now) >= LAW_HOURS
        return bool(self.next_step) and (self.overdue_days > 0 or past_law)


class Form(NamedTuple):
    """A step that can be taken now."""

    type: str
    label: str
    fields: list[Field]


ReportId = Annotated[str, Parameter(pattern=r"^[0-9A-Za-z][0-9A-Za-z._:/-]{0,63}$", query="id")]


@get("/desk/reports", sync_to_thread=True, right="report_desk")
def desk(state: State, grant: Grant) -> Response[Any]:
    """Every report of the place: what is late first, what is closed last."""
    home: Home = state.home
    found = reports(home, grant.reader.place)
    open_ = [each for each in found if each.next_step]
    open_ = sorted(open_, key=lambda each: not each.late(home.clock()))[:SHOWN]
    closed = sorted((each for each in found if not each.next_step),
                    key=lambda each: each.at, reverse=True)  # fmt: skip
    named = [each.child_id for each in (*open_, *closed[:CLOSED])]
    people = read_people(home, grant.reader, named, purpose="report_desk", page="desk/reports")
    return page("report_desk.html", grant, people=people, open=open_, closed=closed[:CLOSED],
                count=len([each for each in found if each.next_step]), closed_count=len(closed),
                late=len([each for each in found if each.late(home.clock())]),
                now=home.clock())  # fmt: skip


@get("/desk/report", right="report_desk")
async def one_report(state: State, grant: Grant, report_id: ReportId) -> Response[Any]:
    """One report: its steps, and the forms of the steps that can follow."""
    return await sync_to_thread(_one, state, grant, report_id)


@post("/desk/report/{type_name:str}", right="report_desk", status_code=200)
async def step(request: Asked, state: State, grant: Grant, type_name: str) -> Response[Any]:
    """A step is recorded; the page again with what is wrong, if so."""
    form = await request.form()
    answers = {name: [str(each) for each in form.getall(name)] for name in form}
    return await sync_to_thread(_step, state, grant, type_name, answers)


@post("/desk/reporter", right="report_desk", status_code=200)
async def reporter(request: Asked, state: State, grant: Grant) -> Response[Any]:
    """Who reported, for the desk that received it; the look is recorded as one of its own."""
    form = await request.form()
    return await sync_to_thread(_reporter, state, grant, str(form.get("report_id") or ""))


def reports(home: Home, place: str, one: str = "") -> list[Report]:
    """The reports of a place, open ones first, most overdue first. one: a report's number."""
    asked = {"today": today_of(home), "place": place, "one": one}
    return [Report(*row) for row in home.warehouse.query(REPORTS, asked).result_rows]


def next_forms(found: Report) -> list[Form]:
    """The steps that can follow, by the workflow; none where another desk holds the report."""
    if not found.ours:
        return []
    following = [m.type for m in MOVES if m.kind == "report" and found.state in m.froms]
    if found.state in WORKING:
        following.append(ReportMeasureTaken.TYPE)
    return [Form(type_, EVENTS[type_].LABEL, _fields(EVENTS[type_], found)) for type_ in following]


def _fields(cls: type[Event], found: Report) -> list[Field]:
    asked = fields_of(cls, {"report_id": found.report_id, "desk": OURS})
    kept = [each for each in asked if each.name != "to"]
    if len(kept) == len(asked):
        return asked
    desks = [(each.value, each.label) for each in Department if each.value != OURS]
    to = next(each for each in asked if each.name == "to")
    return [msgspec.structs.replace(to, options=desks, value=Department.POLICE.value), *kept]


def _find(state: State, grant: Grant, report_id: str) -> Report:
    """Raises ClientException without a number, NotFoundException."""
    if not report_id:
        raise ClientException("which report?")
    found = reports(state.home, grant.reader.place, report_id)
    if not found:
        raise NotFoundException("no such report here")
    grant.within(found[0].village)
    return found[0]


def _one(
    state: State,
    grant: Grant,
    report_id: str,
    answers: dict[str, list[str]] | None = None,
    *,
    outcome: Outcome | None = None,
    reporter: dict[str, str] | None = None,
) -> Response[Any]:
    home: Home = state.home
    found = _find(state, grant, report_id)
    person = read_people(home, grant.reader, [found.child_id], purpose="report_desk",
                         page="desk/report")[found.child_id]  # fmt: skip
    steps = home.warehouse.query(STEPS, {"child": found.child_id, "one": report_id}).result_rows
    told = [(EVENTS[type_].LABEL, at, _note(home, person, found, data)) for type_, at, data in steps
            if type_ in EVENTS]  # fmt: skip
    return page("report_one.html", grant, status=422 if outcome else 200, report=found,
                person=person, steps=told, forms=next_forms(found), answers=answers or {},
                outcome=outcome, reporter=reporter, id=uuid4(), now=home.clock())  # fmt: skip


def _note(home: Home, person: Person, found: Report, data: str) -> str:
    """What was written at a step, where the child's data may be read."""
    token = msgspec.json.decode(data).get("note")
    if not token or not person.shown:
        return ""
    return home.keys.decrypt(f"child/{found.child_id}", token) or ""


def _step(
    state: State, grant: Grant, type_name: str, answers: dict[str, list[str]]
) -> Response[Any]:
    report_id = (answers.get("report_id") or [""])[0]
    found = _find(state, grant, report_id)
    if type_name not in {each.type for each in next_forms(found)}:
        raise NotFoundException("no such step now")
    cls = EVENTS[type_name]
    sent = {
        "id": (answers.get("id") or [""])[0], "type": type_name, "subject": str(found.child_id),
        "data": data_of(cls, {**answers, "desk": [OURS]}),
    }  # fmt: skip
    if outcome := tapped(state, grant.reader, sent):
        return _one(state, grant, report_id, answers, outcome=outcome)
    return Redirect("/desk/reports", status_code=303)


def _reporter(state: State, grant: Grant, report_id: str) -> Response[Any]:
    home: Home = state.home
    found = _find(state, grant, report_id)
    if not found.ours:
        raise PermissionDeniedException("another desk holds the report")
    rows = home.warehouse.query(STEPS, {"child": found.child_id, "one": report_id}).result_rows
    sent: dict[str, str] = next((msgspec.json.decode(data) for type_, _, data in rows
                 if type_ == "report.submitted.v1"), {})  # fmt: skip
    seen = record_reading(
        home, grant.reader, [found.child_id], purpose="reporter", page="desk/reporter"
    )
    who = {
        name: home.keys.decrypt(f"report/{report_id}", sent[name]) or ""
        for name in ("reporter_name", "reporter_phone")
        if sent.get(name) and found.child_id in seen
    }
    return _one(state, grant, report_id, reporter=who)


ROUTES = (desk, one_report, step, reporter)
