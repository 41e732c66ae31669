"""Every child on a village's ledger, listed this week or not: a director records more than visits.

Who was seen longest ago stands first. Names, each reading recorded, as on the list.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State

from domain.divisions import address
from infra.home import Home
from infra.web.guard import Grant
from infra.web.people import read_people
from infra.web.places import VillageCode, place_here
from infra.web.showing import page, today_of

MOST = 300
"""Children of one page; a village has some thirty."""

LEDGER = """
SELECT c.child_id, c.sex, c.birth_month, c.tier, c.categories, v.last
FROM (
    SELECT * FROM children WHERE village_code = {village:String} AND on_ledger AND NOT forgotten
) AS c
LEFT JOIN (
    SELECT child_id, toNullable(max(day)) AS last FROM visits
    WHERE child_id IN (SELECT child_id FROM children WHERE village_code = {village:String})
    GROUP BY child_id
) AS v ON v.child_id = c.child_id
ORDER BY v.last IS NOT NULL, v.last, c.child_id LIMIT {most:UInt32}
"""


class Enrolled(NamedTuple):
    """A child on the ledger, nameless. last_visit: None where none is recorded."""

    child_id: UUID
    sex: str
    birth_month: date
    tier: str
    categories: list[str]
    last_visit: date | None


@get("/villages/{code:str}/children", sync_to_thread=True, right="visit_list")
def ledger_page(state: State, grant: Grant, code: VillageCode) -> Response[Any]:
    """The children of a village, and the way to the file and the forms of each."""
    place_here(state, grant, code)
    home: Home = state.home
    asked = {"village": code, "most": MOST}
    rows = [Enrolled(*row) for row in home.warehouse.query(LEDGER, asked).result_rows]
    people = read_people(home, grant.reader, [row.child_id for row in rows], purpose="visit_list",
                         page=f"villages/{code}/children")  # fmt: skip
    return page("ledger.html", grant, code=code, place=address(code), rows=rows, people=people,
                today=today_of(home))  # fmt: skip


ROUTES = (ledger_page,)
