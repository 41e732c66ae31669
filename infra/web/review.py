"""待核查: what is new since a fortnight, and what waits for a human. Names, each reading recorded.

A category proposal is confirmed or refused by the county (domain/proposals.py): the event is the
answer. New children, corrections and what was taken back are shown to be looked at.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.response import Redirect

from domain.child_file import Category, CategoryAdded, CategoryRemoved
from domain.event import NO_CHILD
from domain.proposals import Change, ProposalRefused, basis_of
from domain.vocabulary import EVENTS
from infra.access import Reader
from infra.home import Home
from infra.web.guard import Asked, Grant
from infra.web.language import t
from infra.web.pages import said
from infra.web.people import read_people
from infra.web.recording import child_here, tapped
from infra.web.refusals import refusal
from infra.web.showing import page, today_of, uuid_of

DAYS = 14
SHOWN = 40
"""Lines of a section: each names a child, and each name that is read is recorded."""

DECIDED = "这条建议已经有人办过,或情况变了。下面是最新的。"

OURS = """
    SELECT child_id, village_code FROM children
    WHERE startsWith(village_code, {place:String}) AND NOT forgotten
"""
PROPOSALS = """
SELECT child_id, village_code, proposal, category, since, count() OVER () FROM category_decisions
WHERE proposal != '' AND startsWith(village_code, {place:String})
ORDER BY since IS NULL, since DESC, village_code, child_id, category LIMIT {shown:UInt32}
"""
ONE = """
SELECT proposal, category, since FROM category_decisions
WHERE child_id = {child:UUID} AND proposal = {change:String} AND category = {category:String}
    AND proposal != ''
"""
NEW = f"""
SELECT t.child_id, o.village_code, t.type, t.occurred_at, t.recorded_at, t.actor, t.role,
    t.corrects, count() OVER ()
FROM timeline AS t INNER JOIN ({OURS}) AS o ON o.child_id = t.child_id
WHERE t.recorded_at >= {{since:DateTime64(6, 'UTC')}}
    AND (t.type = 'child.registered.v1' AND t.corrects = {{nobody:UUID}}) = {{fresh:UInt8}}
    AND (t.type = 'child.registered.v1' OR t.corrects != {{nobody:UUID}})
    AND t.type NOT IN {{hidden:Array(String)}} AND t.type != 'access.logged.v1'
ORDER BY t.recorded_at DESC, t.position DESC LIMIT {{shown:UInt32}}
"""  # noqa: S608 - our own words
KINDS = """
SELECT event_id, type FROM timeline
WHERE child_id IN {children:Array(UUID)} AND event_id IN {events:Array(UUID)}
"""
REPORTS = frozenset(name for name in EVENTS if name.startswith("report."))
SECRET = REPORTS | {name for name, cls in EVENTS.items() if cls.SENSITIVITY == "secret"}
"""Types of which no correction and no retraction is shown here: reports, which have a desk of their
own, to anyone; the others to whoever may not read what is secret."""

PROBLEMS = f"""
SELECT p.child_id, o.village_code, p.problem_id, p.kind, p.severity, p.found_on,
    dateDiff('day', p.found_on, {{today:Date}}), count() OVER ()
FROM problems AS p INNER JOIN ({OURS}) AS o ON o.child_id = p.child_id
WHERE p.resolved_on IS NULL
ORDER BY p.severity = 'urgent' DESC, p.severity = 'serious' DESC, p.found_on, p.problem_id
LIMIT {{shown:UInt32}}
"""  # noqa: S608 - our own words


class Proposed(NamedTuple):
    """A category that the rules would add to a file, or take from it."""

    child_id: UUID
    village: str
    change: str
    category: str
    since: date | None
    of: int


class Fresh(NamedTuple):
    """A record of the fortnight: a new child, or a correction. `of`: how many there are."""

    child_id: UUID
    village: str
    type: str
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    corrects: UUID
    of: int

    @property
    def label(self) -> str:
        """What was recorded, in words."""
        return said(self.type)


class Problem(NamedTuple):
    """An open problem. `days`: since it was found."""

    child_id: UUID
    village: str
    problem_id: str
    kind: str
    severity: str
    found_on: date
    days: int
    of: int


@get("/review", sync_to_thread=True, right="review")
def review_page(state: State, grant: Grant, recorded: str = "") -> Response[Any]:
    """The four sections of the reader's place."""
    return _shown(state, grant, recorded=said(recorded))


def _shown(
    state: State, grant: Grant, *, recorded: str = "", refused: str = "", status: int = 200
) -> Response[Any]:
    home: Home = state.home
    proposed, fresh, corrected, problems = queue(home, grant.reader)
    named = [each.child_id for own in (proposed, fresh, corrected, problems) for each in own]
    people = read_people(home, grant.reader, named, purpose="review", page="review")
    return page("review.html", grant, status=status, people=people, proposed=proposed, fresh=fresh,
                corrected=corrected, problems=problems, days=DAYS, shown=SHOWN,
                may_decide=grant.may("categories"), recorded=recorded,
                refused=refused)  # fmt: skip


def queue(
    home: Home, reader: Reader
) -> tuple[list[Proposed], list[Fresh], list[Fresh], list[Problem]]:
    """Category proposals, new children, corrections, open problems: the first SHOWN of each."""
    today, hidden = today_of(home), REPORTS if reader.may_read_secret else SECRET
    asked = {"place": reader.place, "today": today, "since": home.clock() - timedelta(days=DAYS),
             "nobody": NO_CHILD, "shown": SHOWN, "hidden": sorted(hidden)}  # fmt: skip

    def ask(sql: str, **more: object) -> Any:
        return home.warehouse.query(sql, asked | more).result_rows

    corrected = [Fresh(*row) for row in ask(NEW, fresh=0)]
    named = {"children": [each.child_id for each in corrected],
             "events": [each.corrects for each in corrected]}  # fmt: skip
    kinds = dict(ask(KINDS, **named)) if corrected else {}
    open_ = [each for each in corrected if kinds.get(each.corrects) not in hidden]
    return (
        [Proposed(*row) for row in ask(PROPOSALS)],
        [Fresh(*row) for row in ask(NEW, fresh=1)],
        [each._replace(of=each.of - len(corrected) + len(open_)) for each in open_],
        [Problem(*row) for row in ask(PROBLEMS)],
    )


@post("/review/category", right="categories", status_code=200)
async def decide(request: Asked, state: State, grant: Grant) -> Response[Any]:
    """A proposal is confirmed or refused; what it rests on is read again first."""
    form = await request.form()
    asked = ("child", "change", "category", "answer")
    return await sync_to_thread(
        _decide, state, grant, {name: str(form.get(name) or "") for name in asked}
    )


def _decide(state: State, grant: Grant, answers: dict[str, str]) -> Response[Any]:
    home: Home = state.home
    child_id = uuid_of(answers["child"])
    child_here(state, grant, child_id)
    rows = home.warehouse.query(ONE, {**answers, "child": child_id}).result_rows
    if not rows:
        return _shown(state, grant, refused=t(DECIDED), status=409)
    change, category, since = (
        msgspec.convert(rows[0][0], Change), msgspec.convert(rows[0][1], Category), rows[0][2]
    )  # fmt: skip
    confirmed = CategoryAdded if change is Change.ADDED else CategoryRemoved
    cls = confirmed if answers["answer"] == "confirm" else ProposalRefused
    data: dict[str, Any] = {"category": category, "basis": basis_of(change, category.value, since)}
    if cls is ProposalRefused:
        data["change"] = change
    sent = {
        "id": str(uuid4()), "type": cls.TYPE, "subject": str(child_id),
        "data": data,
    }  # fmt: skip
    if outcome := tapped(state, grant.reader, sent):
        return _shown(state, grant, refused=refusal(outcome), status=409)
    return Redirect(f"/review?recorded={cls.TYPE}", status_code=303)


ROUTES = (review_page, decide)
