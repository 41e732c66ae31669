"""What a phone takes along for a week without network: the list, whom it names, the forms.

Only the children of the week's list, no others (of the reader's own list, where a village has
several directors); each reading of their names is recorded. Bounded: `CHILDREN` children, `LARGEST`
bytes, so that it comes through a weak signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.child_file import Category
from domain.divisions import address, names
from domain.event import SHANGHAI
from domain.list_line import ListLine
from domain.terms import Term, Tier
from domain.vocabulary import EVENTS
from infra.access import Reader
from infra.access.authority import of_reader
from infra.home import Home
from infra.visit_lists import monday_of
from infra.web import sheets
from infra.web.forms import Field, fields_of
from infra.web.people import Person, read_people
from infra.web.recording import BEGINS, RECORDED, WITH_PHOTO
from infra.web.showing import age, label, shown_week
from infra.web.standing import bands
from infra.web.telling import ROLES, Row, tell

CHILDREN = 100
"""A director's week has some thirty; a supervisor's townships may have more."""

LARGEST = 300_000
"""Bytes. What is too long loses the older events of each child first."""

EVENTS_TOLD = (5, 3, 1, 0)
"""How many events of a child come along; the next smaller number where it would be too long."""

LONGEST = 80
"""Characters of one event's details."""

SEEN_DAYS = 14
"""So far back a visit is told with who made it, so that two of one day are noticed."""

KEPT_DAYS = 7
"""So long a phone keeps it."""

ASKED = (
    "visit.completed.v1", "visit.attempt_failed.v1", "contact.logged.v1", "problem.found.v1",
    "parent_contact.logged.v1", "guardian.guidance_given.v1",
)  # fmt: skip
"""What can be recorded without network. A harm is not: whoever sees one calls 110 at once."""

UNTOLD = (*sheets.HIDDEN, "visit_list.child_listed.v1", "attachment.added.v1")

LINES = """
SELECT l.child_id, any(l.worker_id), any(l.duty), any(l.reasons),
    any(l.listed_for), any(l.task), any(l.raised_for), any(c.sex), any(c.birth_month),
    any(c.tier), any(c.categories), any(c.village_code)
FROM visit_list AS l
JOIN children AS c ON c.child_id = l.child_id AND NOT c.forgotten
WHERE l.week = {week:String} AND startsWith(l.village_code, {place:String})
    AND startsWith(c.village_code, {place:String})
GROUP BY l.child_id
ORDER BY any(l.village_code), any(l.worker_id), any(l.rank)
"""
LAST = """
SELECT child_id, max(day) FROM visits WHERE child_id IN {children:Array(UUID)} GROUP BY child_id
"""
SEEN = """
SELECT child_id, day, worker_id, by FROM visits
WHERE child_id IN {children:Array(UUID)} AND day >= {since:Date} ORDER BY child_id, day
"""
LATEST = """
SELECT child_id, position, type, event_id, occurred_at, recorded_at, actor, role, source, corrects,
    data
FROM timeline WHERE child_id IN {children:Array(UUID)} AND type NOT IN {hidden:Array(String)}
ORDER BY child_id, position DESC LIMIT 15 BY child_id
"""


class Line(NamedTuple):
    """One line of the week, nameless."""

    child_id: UUID
    worker_id: str
    duty: str
    reasons: list[str]
    listed_for: str
    task: str
    raised_for: str
    sex: str
    birth_month: date
    tier: str
    categories: list[str]
    village_code: str

    @property
    def asked(self) -> ListLine:
        """What it asks for, and for what."""
        return ListLine.stored(self.duty, self.listed_for, self.task, self.raised_for)


class Happened(msgspec.Struct, frozen=True):
    """One event of a child's file, in words."""

    day: str
    what: str
    text: str
    undone: str = ""


class Seen(msgspec.Struct, frozen=True):
    """A visit of late. own: by whoever reads this."""

    day: str
    who: str
    own: bool


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the week, with what is needed at the door. task: visit, contact, or not known."""

    id: UUID
    name: str
    phone: str
    address: str
    village: str
    about: str
    tier: str
    tier_label: str
    categories: str
    rank: int
    duty: str
    task: str
    task_label: str
    ahead: bool
    badge: str
    band: str
    reasons: list[str]
    last_visit: str
    selection: str
    seen: list[Seen]
    file: list[Happened]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One event's form. begins: the field for which the phone makes up a reference, and how; photo:
    whether it takes one.
    """

    type: str
    label: str
    fields: list[Field]
    begins: str = ""
    prefix: str = ""
    photo: bool = False


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """All that a phone takes along. left_out: lines of the list that did not fit."""

    person: str
    role: str
    place: str
    week: str
    monday: date
    sunday: date
    today: date
    made_at: datetime
    kept_days: int
    children: list[Child]
    left_out: int
    forms: list[Form]


def read_week(home: Home, reader: Reader) -> bytes:
    """The week's list of the reader's place, as JSON of at most LARGEST bytes.

    Records a reading of each child on it. Raises AccessNotRecordedError.
    """
    now = home.clock()
    today = now.astimezone(SHANGHAI).date()
    week = shown_week(sheets.weeks(home.warehouse, reader.place), "", today)
    asked = {"week": week, "place": reader.place}
    listed = [Line(*row) for row in home.warehouse.query(LINES, asked).result_rows]
    lines = [line for line in listed if line.worker_id == reader.person] or listed
    monday = monday_of(week)
    made = Week(
        person=reader.person,
        role=reader.role.value,
        place=names().get(reader.place) or address(reader.place),
        week=week,
        monday=monday,
        sunday=monday + timedelta(days=6),
        today=today,
        made_at=now,
        kept_days=KEPT_DAYS,
        children=_children(home, reader, lines[:CHILDREN], today, monday),
        left_out=max(0, len(lines) - CHILDREN),
        forms=_forms(reader),
    )
    return _fitted(made)


def _fitted(week: Week) -> bytes:
    """As JSON, with as many events of each child as there is room for."""
    said = b""
    for most in EVENTS_TOLD:
        shorter = [msgspec.structs.replace(c, file=c.file[:most]) for c in week.children]
        said = msgspec.json.encode(msgspec.structs.replace(week, children=shorter))
        if len(said) <= LARGEST:
            break
    return said


def _children(
    home: Home, reader: Reader, lines: Sequence[Line], today: date, monday: date
) -> list[Child]:
    ids = [line.child_id for line in lines]
    if not ids:
        return []
    people = read_people(home, reader, ids, purpose="phone", page="phone")
    asked = {"children": ids, "since": today - timedelta(days=SEEN_DAYS)}
    last = dict(home.warehouse.query(LAST, asked).result_rows)
    seen: dict[UUID, list[Seen]] = {child: [] for child in ids}
    for child, day, worker, by in home.warehouse.query(SEEN, asked).result_rows:
        who = " ".join(filter(None, (ROLES.get(by, by), worker)))
        seen[child].append(Seen(day.isoformat(), who, worker == reader.person))
    files = _files(home, reader, people)
    standing = bands(home.warehouse, ids, monday)
    return [
        Child(
            id=line.child_id,
            name=(person := people[line.child_id]).name,
            phone=person.phone,
            address=person.address,
            village=names().get(line.village_code, line.village_code),
            about=f"{label(line.sex, 'sex')} {age(line.birth_month, today)}岁",
            tier=line.tier,
            tier_label=_label(Tier, line.tier),
            categories="、".join(_label(Category, each) for each in line.categories),
            rank=rank,
            duty=line.duty,
            task=line.task,
            task_label=line.asked.task.label if line.asked.task else "",
            ahead=line.asked.ahead,
            badge=" · ".join(each.label for each in line.asked.why),
            band=band.label if (band := standing.get(line.child_id)) else "",
            reasons=line.reasons,
            last_visit=last[line.child_id].isoformat() if line.child_id in last else "",
            selection=line.asked.selection.value,
            seen=seen[line.child_id],
            file=files.get(line.child_id, []),
        )
        for rank, line in enumerate(lines, start=1)
    ]


def _files(home: Home, reader: Reader, people: dict[UUID, Person]) -> dict[UUID, list[Happened]]:
    """The last events of each child, latest first; nothing that is secret to the reader."""
    asked = {"children": list(people), "hidden": list(UNTOLD)}
    rows = home.warehouse.query(LATEST, asked).result_rows
    return {
        child: _told(home, reader, child, people[child], [Row(*row[1:]) for row in own])
        for child, own in groupby(rows, key=lambda row: row[0])
    }


def _told(
    home: Home, reader: Reader, child: UUID, person: Person, rows: list[Row]
) -> list[Happened]:
    def opened(token: str) -> str:
        text = home.keys.decrypt(f"child/{child}", token) if person.shown else None
        return text or "(已删除)"

    return [
        Happened(
            f"{each.at:%Y-%m-%d}",
            each.label,
            ";".join(f"{h}:{t}" if h else t for h, t in each.details)[:LONGEST],
            each.became,
        )
        for each in tell(rows, opened)
        if reader.may_read_secret or not each.secret
    ][: EVENTS_TOLD[0]]


def _forms(reader: Reader) -> list[Form]:
    """What this role may record, question by question."""
    may = of_reader(reader)
    return [_form(reader, each) for each in ASKED if may.type_refusal(each) is None]


def _form(reader: Reader, type_name: str) -> Form:
    cls = EVENTS[type_name]
    known = {"by": reader.role.value, "found_by": "visit", "selection": "duty"}
    begins = (cls.KEY or "") if type_name in BEGINS else ""
    return Form(
        type=type_name,
        label=RECORDED[type_name],
        fields=fields_of(cls, known | ({begins: ""} if begins else {})),
        begins=begins,
        prefix=cls.STREAM[0].upper() if begins else "",
        photo=type_name in WITH_PHOTO,
    )


def _label(term: type[Term], value: str) -> str:
    return next((each.label for each in term if each.value == value), value)
