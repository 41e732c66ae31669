"""Recording what happened at the door: a form an event, sent once however often it is sent.

The form carries the id that its event will have; a second click, a reload, or a phone that did not
hear the answer sends the same id, and counts once. Who records, as what and where is the account's,
whatever the form says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, Parameter
from litestar.response import Redirect

from domain.event import SHANGHAI, Event, event_id
from domain.list_line import ListLine
from domain.visiting import Selection, VisitCompleted
from domain.vocabulary import EVENTS
from infra.access import Reader, Role
from infra.access.authority import of_reader
from infra.home import Home
from infra.intake import Outcome
from infra.visit_lists import week_of
from infra.web import sheets
from infra.web.follower import Follower
from infra.web.forms import data_of, fields_of, shanghai_moment
from infra.web.guard import Asked, Grant
from infra.web.language import plain
from infra.web.multipart import is_multipart, last, parts_of, texts
from infra.web.people import read_people
from infra.web.photos import LARGEST_FORM, MEGABYTES, keep
from infra.web.refusals import refusal
from infra.web.showing import page

SOURCE = "shouhe/people"
LARGEST = 2 * 1024 * 1024
"""Bytes of what a phone sends at once."""

TOLD = ("id", "type", "subject", "time", "data", "corrects", "place")
"""What a person says of an event; the rest of its envelope is made here."""

MOST = 500
"""Events of one sending."""

RECORDED: dict[str, str] = {
    "visit.completed.v1": "入户走访",
    "visit.attempt_failed.v1": "没有访成",
    "contact.logged.v1": "电话、视频联系",
    "parent_contact.logged.v1": "父母联系(每周)",
    "problem.found.v1": "发现问题",
    "problem.resolved.v1": "问题办结",
    "care_agreement.signed.v1": "签订委托照护协议",
    "care_agreement.renewed.v1": "续签委托照护协议",
    "care_agreement.filed.v1": "协议报备",
    "care_agreement.delegate_assessed.v1": "评估被委托人",
    "parent.departed.v1": "父母外出",
    "parent.returned.v1": "父母返回",
    "guardian.guidance_given.v1": "督促指导监护人",
    "risk.factor_recorded.v1": "风险因素",
    "worklog.added.v1": "工作日志",
    "report.submitted.v1": "报告侵害",
}
"""Type → what the page calls it. What a role may record: infra/access/table.py."""

WITH_PHOTO = {"visit.completed.v1", "visit.attempt_failed.v1", "contact.logged.v1",
              "problem.found.v1", "problem.resolved.v1", "care_agreement.signed.v1",
              "care_agreement.renewed.v1", "risk.factor_recorded.v1"}  # fmt: skip
"""Types whose form takes a photo. A report's does not: what belongs to it is for its desk alone."""

BEGINS = {"problem.found.v1", "care_agreement.signed.v1", "report.submitted.v1"}
"""Types that begin a case: its reference is made up here."""

LISTED = """
SELECT duty, listed_for, task, raised_for FROM visit_list
WHERE week = {week:String} AND child_id = {child:UUID} ORDER BY worker_id = {person:String} DESC
LIMIT 1
"""
REFERENCES = """
SELECT DISTINCT JSONExtractString(data, {key:String}) AS reference, max(occurred_at) AS at
FROM timeline WHERE child_id = {child:UUID} AND type IN {types:Array(String)}
GROUP BY reference HAVING reference != '' ORDER BY at DESC LIMIT 20
"""

TypeName = Annotated[str, Parameter(pattern=r"^[a-z_]+\.[a-z_]+\.v[0-9]+$")]
Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@get("/children/{child_id:uuid}/record", sync_to_thread=True, right="record")
def choose(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """What can be recorded about a child."""
    child = child_here(state, grant, child_id)
    person = read_people(
        state.home, grant.reader, [child_id], purpose="record", page="record"
    )[child_id]  # fmt: skip
    may = of_reader(grant.reader)
    listed = {t: label for t, label in RECORDED.items() if may.type_refusal(t) is None}
    return page("record_choose.html", grant, child=child, person=person, types=listed)


@get("/children/{child_id:uuid}/record/{type_name:str}", right="record")
async def blank(state: State, grant: Grant, child_id: UUID, type_name: TypeName) -> Response[Any]:
    """The form of one event."""
    return await sync_to_thread(_blank, state, grant, child_id, type_name)


def _blank(state: State, grant: Grant, child_id: UUID, type_name: str) -> Response[Any]:
    child_here(state, grant, child_id)
    return form_page(state, grant, child_id, type_name, {})


@post(
    "/children/{child_id:uuid}/record/{type_name:str}", right="record", status_code=200,
    request_max_body_size=LARGEST_FORM,
)  # fmt: skip
async def submit(
    request: Asked, state: State, grant: Grant, child_id: UUID, type_name: TypeName
) -> Response[Any]:
    """Recorded, or the form again with what is wrong. A photo that is refused holds nothing up."""
    if is_multipart(request):
        parts = await parts_of(request)
        answers, photo = texts(parts, "photo"), last(parts, "photo")
    else:
        form = await request.form()
        answers, photo = {name: [str(e) for e in form.getall(name)] for name in form}, b""
    return await sync_to_thread(_submit, state, grant, child_id, type_name, answers, photo=photo)


def _submit(
    state: State,
    grant: Grant,
    child_id: UUID,
    type_name: str,
    answers: dict[str, list[str]],
    *,
    photo: bytes,
) -> Response[Any]:
    child_here(state, grant, child_id)
    cls = _class(grant.reader, type_name)
    id_ = (answers.get("id") or [""])[0]
    at = (answers.get("time") or [""])[0]
    sent = {
        "id": id_, "type": type_name, "subject": str(child_id),
        "time": shanghai_moment(at) if at else state.home.clock().isoformat(),
        "data": data_of(cls, answers),
    }  # fmt: skip
    outcome = take_in(state, grant.reader, [sent])[0]
    if outcome.status == "rejected":
        return form_page(state, grant, child_id, type_name, answers, outcome=outcome)
    kept = ""
    if photo and type_name in WITH_PHOTO:
        about = str(event_id(source_of(grant.reader), id_))
        kept = keep(state.home, grant.reader, child_id, photo, about=about, id_=f"photo-{id_}")
        kept = f"&photo={kept or 'kept'}"
    return Redirect(f"/children/{child_id}?recorded={type_name}{kept}", status_code=303)


@post("/phone/events", right="phone", status_code=200, request_max_body_size=LARGEST)
async def outbox(request: Asked, state: State, grant: Grant) -> Response[bytes]:
    """What a phone recorded without network: `[{id, type, subject, time, data}]`.

    One outcome an event, in order: `accepted`, `duplicate` (it was here already) or `rejected` with
    the reason (`said`: in Chinese), for a person to look at.
    """
    try:
        sent = msgspec.json.decode(await request.body(), type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _json(400, {"error": "events: must be a JSON array of objects"})
    if len(sent) > MOST:
        return _json(413, {"error": f"events: {len(sent)} at once; send at most {MOST}"})
    outcomes = await sync_to_thread(take_in, state, grant.reader, sent)
    with plain():
        told = [msgspec.to_builtins(each) | _why(each) for each in outcomes]
    return _json(200, {"outcomes": told})


def _why(outcome: Outcome) -> dict[str, str]:
    return {"said": refusal(outcome)} if outcome.status == "rejected" else {}


def take_in(state: State, reader: Reader, sent: list[dict[str, Any]]) -> list[Outcome]:
    """Events as a person recorded them: the envelope is made here, whatever was sent."""
    home: Home = state.home
    follower: Follower = state.follower
    own = {
        "specversion": "1.0", "source": source_of(reader), "actor": reader.person,
        "actorrole": reader.role.value,
    }  # fmt: skip
    bodies = [
        msgspec.json.encode({name: each[name] for name in TOLD if each.get(name)} | own)
        for each in sent
    ]
    outcomes = home.intake.submit(bodies, authority=of_reader(reader))
    if any(each.status == "accepted" for each in outcomes):
        follower.poke()
    return outcomes


def source_of(reader: Reader) -> str:
    """The source of what a person records."""
    return f"{SOURCE}/{reader.person}"


def tapped(state: State, reader: Reader, *sent: dict[str, Any]) -> Outcome | None:
    """Events of one tap, which happen now. → the first refusal; the same tap again is none.

    The moment is the server's, so the same tap twice says two moments under one id. The id is of
    the form and of what was chosen on it: another choice is another event, for its guard to judge.
    """
    now = state.home.clock().isoformat()
    outcomes = take_in(state, reader, [{"time": now, **each, "id": _chosen(each)} for each in sent])
    refused = (e for e in outcomes if e.status == "rejected" and e.code != "id_reused")
    return next(refused, None)


def _chosen(sent: dict[str, Any]) -> str:
    """An id of the form's id and what it says; empty, and so refused, where the form has none."""
    said = msgspec.json.encode(sent.get("data"), order="sorted").decode()
    return uuid5(NAMESPACE_OID, f"{sent['id']} {said}").hex if sent.get("id") else ""


def _class(reader: Reader, type_name: str) -> type[Event]:
    """Raises NotFoundException for a type that is not recorded on a page, or not by this role."""
    if type_name not in RECORDED or of_reader(reader).type_refusal(type_name) is not None:
        raise NotFoundException("no such form")
    return EVENTS[type_name]


def child_here(state: State, grant: Grant, child_id: UUID) -> sheets.Child:
    """Raises NotFoundException."""
    child = sheets.child(state.home.warehouse, child_id)
    if child is None:
        raise NotFoundException("no such child here")
    grant.within(child.village_code)
    return child


def form_page(
    state: State,
    grant: Grant,
    child_id: UUID,
    type_name: str,
    answers: Mapping[str, list[str]],
    *,
    outcome: Outcome | None = None,
) -> Response[Any]:
    home: Home = state.home
    cls = _class(grant.reader, type_name)
    known = {"found_by": "visit"}
    if type_name == VisitCompleted.TYPE:
        known["selection"] = _selection(home, grant.reader, child_id)
    if grant.reader.role in (Role.DIRECTOR, Role.SUPERVISOR):
        known["by"] = grant.reader.role.value
    if type_name in BEGINS and cls.KEY:
        made_up = f"{cls.STREAM[0].upper()}-{uuid4().hex[:12]}"
        known[cls.KEY] = (answers.get(cls.KEY) or [made_up])[0]
    person = read_people(home, grant.reader, [child_id], purpose="record", page="record")[child_id]
    now: datetime = home.clock().astimezone(SHANGHAI)
    return page("record.html", grant, status=422 if outcome else 200, child_id=child_id,
                person=person, label=RECORDED[type_name], type=type_name, outcome=outcome,
                fields=fields_of(cls, known), answers=answers,
                id=(answers.get("id") or [str(uuid4())])[0],
                now=(answers.get("time") or [f"{now:%Y-%m-%dT%H:%M}"])[0],
                references=_references(home, cls, child_id), key=cls.KEY,
                with_photo=type_name in WITH_PHOTO, megabytes=MEGABYTES)  # fmt: skip


def _selection(home: Home, reader: Reader, child_id: UUID) -> str:
    """What a visit now is made for, by this week's list; duty where the child is on none."""
    week = week_of(home.clock().astimezone(SHANGHAI).date())
    asked = {"week": week, "child": child_id, "person": reader.person}
    rows = home.warehouse.query(LISTED, asked).result_rows
    made_for = ListLine.stored(*rows[0]).selection if rows else Selection.DUTY
    return str(made_for.value)


def _references(home: Home, cls: type[Event], child_id: UUID) -> list[str]:
    """The cases of a child that such an event can belong to, latest first."""
    if cls.KEY is None or cls.TYPE in BEGINS:
        return []
    begun = [each for each in BEGINS if EVENTS[each].STREAM == cls.STREAM]
    asked = {"key": cls.KEY, "child": child_id, "types": begun}
    return [row[0] for row in home.warehouse.query(REFERENCES, asked).result_rows] if begun else []


def _json(status: int, value: object) -> Response[bytes]:
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")


ROUTES = (choose, blank, submit, outbox)
