"""救助台: who has a claim and is not covered, what facts are lacking, what to pay, what went wrong.

The sheets are those of `shouhe entitlements` (infra/entitling.py); a payment that was made is one
tap, and its event. Names, each reading recorded: so many lines at a time.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, NamedTuple, cast
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import Redirect

from domain.categories import WORDS
from domain.child_file import Category
from domain.subsidy import BenefitGranted, BenefitPaid, Eligibility, EligibilityAssessed
from infra.entitling import QUERIES, Sheet
from infra.home import Home
from infra.web.forms import data_of
from infra.web.guard import Asked, Grant
from infra.web.language import word
from infra.web.people import read_people
from infra.web.recording import child_here, tapped
from infra.web.refusals import refusal
from infra.web.showing import page, today_of, uuid_of

SHOWN = 50
"""Lines of a page."""

TITLES: dict[Sheet, str] = {
    "uncovered": "应保未保", "needs": "待补充情况", "to-pay": "本月待发", "findings": "发放问题",
}  # fmt: skip
"""The sheets of the desk; category proposals are reviewed elsewhere (review.py)."""

KINDS = {
    "double_paid": "重复发放", "excluded": "不可同时享受", "wrong_paid": "发放金额不符",
    "wrong_granted": "批准金额不符", "late_paid": "迟发", "unpaid": "未发",
}  # fmt: skip
LACKING: dict[str, str] = {each.value: each.label for each in Category} | WORDS | {
    "confirmation": "类别认定", "school": "就学情况", "grade": "残疾等级",
}  # fmt: skip
"""What a sheet says is lacking → in Chinese."""


class Lines(NamedTuple):
    """One sheet of a place: how many lines, the fen of all of them, and one page of them."""

    total: int
    fen: int
    rows: list[dict[str, Any]]


ShownSheet = Annotated[str, Parameter(pattern="^(uncovered|needs|to-pay|findings)$")]
Number = Annotated[int, Parameter(ge=1, le=100_000)]


@get("/desk/subsidies", sync_to_thread=True, right="subsidy_desk")
def desk(
    state: State, grant: Grant, show: ShownSheet = "uncovered", part: Number = 1, done: str = ""
) -> Response[Any]:
    """One sheet of the reader's place."""
    return _shown(state, grant, cast("Sheet", show), part, done=done)


def _shown(
    state: State,
    grant: Grant,
    name: Sheet,
    part: int = 1,
    *,
    done: str = "",
    refused: str = "",
) -> Response[Any]:
    home: Home = state.home
    place, today = grant.reader.place, today_of(home)
    lines = sheet_lines(home, name, place, today, part=part)
    people = read_people(home, grant.reader, [row["child"] for row in lines.rows],
                         purpose="subsidy_desk", page=f"desk/subsidies/{name}")  # fmt: skip
    return page("subsidy_desk.html", grant, status=409 if refused else 200, refused=refused,
                show=name, titles=TITLES, lines=lines,
                people=people, part=part, parts=-(-lines.total // SHOWN), kinds=KINDS,
                lacking=lacking, today=today, done=done, new_id=uuid4,
                month=f"{today:%Y-%m}")  # fmt: skip


@post("/desk/subsidies/paid", right="subsidy_desk", status_code=200)
async def pay(request: Asked, state: State, grant: Grant) -> Response[Any]:
    """发放一期: the month's amount of one benefit was paid. A second click counts once."""
    form = await request.form()
    asked = ("child", "benefit_id", "period", "part")
    answers = {name: str(form.get(name) or "") for name in asked}
    return await sync_to_thread(_pay, state, grant, answers)


def _pay(state: State, grant: Grant, answers: dict[str, str]) -> Response[Any]:
    home: Home = state.home
    child_id = uuid_of(answers["child"])
    child = child_here(state, grant, child_id)
    due = [
        row
        for row in _rows(home, "to-pay", child.village_code, today_of(home))
        if (row["child"], row["benefit_id"], row["period"])
        == (child_id, answers["benefit_id"], answers["period"])
    ]
    part = max(1, int(answers["part"][:6])) if answers["part"].isdecimal() else 1
    if due:  # what is not due any more was paid meanwhile
        fact = {"benefit_id": due[0]["benefit_id"], "amount_fen": due[0]["fen"],
                "period": due[0]["period"]}  # fmt: skip
        sent = {
            "id": f"paid-{fact['benefit_id']}-{fact['period']}", "type": BenefitPaid.TYPE,
            "subject": str(child_id), "data": fact,
        }  # fmt: skip
        if outcome := tapped(state, grant.reader, sent):
            return _shown(state, grant, "to-pay", part, refused=refusal(outcome))
    return Redirect(f"/desk/subsidies?show=to-pay&part={part}&done=paid", status_code=303)


@post("/desk/subsidies/grant", right="subsidy_desk", status_code=200)
async def approve(request: Asked, state: State, grant: Grant) -> Response[Any]:
    """资格认定 and 批准: both events, under one new number."""
    form = await request.form()
    asked = ("id", "child", "type", "amount_fen", "from_month")
    answers = {name: [str(form.get(name) or "")] for name in asked}
    return await sync_to_thread(_approve, state, grant, answers)


def _approve(state: State, grant: Grant, answers: dict[str, list[str]]) -> Response[Any]:
    child_id, tap = uuid_of(answers["child"][0]), uuid_of(answers["id"][0])
    child_here(state, grant, child_id)
    number, kind = f"B-{tap.hex[:12]}", answers["type"][0]
    assessed = {"benefit_id": number, "type": kind, "result": Eligibility.ELIGIBLE}
    granted = {**data_of(BenefitGranted, answers), "benefit_id": number}
    outcome = tapped(
        state, grant.reader,
        {"id": f"{tap}-1", "type": EligibilityAssessed.TYPE, "subject": str(child_id),
         "data": assessed},
        {"id": f"{tap}-2", "type": BenefitGranted.TYPE, "subject": str(child_id), "data": granted},
    )  # fmt: skip
    if outcome:
        return _shown(state, grant, "uncovered", refused=refusal(outcome))
    return Redirect("/desk/subsidies?done=granted", status_code=303)


def sheet_lines(home: Home, name: Sheet, place: str, today: date, *, part: int) -> Lines:
    """One page of a sheet; `child` as a UUID."""
    rows = _rows(home, name, place, today)
    fen = sum(row.get("fen", 0) for row in rows)
    return Lines(len(rows), fen, rows[(part - 1) * SHOWN : part * SHOWN])


def lacking(name: str) -> str:
    """What is lacking, in words."""
    return word(name, LACKING.get(name, name))


def _rows(home: Home, name: Sheet, place: str, today: date) -> list[dict[str, Any]]:
    found = home.warehouse.query(QUERIES[name], _asked(place, today)).named_results()
    return [{**row, "child": UUID(row["child"])} for row in found]


def _asked(place: str, today: date) -> dict[str, object]:
    return {"as_of": today, "known_by": today, "place": place}


ROUTES = (desk, pay, approve)
