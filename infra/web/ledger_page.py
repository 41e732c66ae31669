"""Every child on a village's ledger, listed this week or not: a director records more than visits.

Who was seen longest ago stands first. Names, each reading recorded, as on the list.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get
from litestar.datastructures import State

from domain.divisions import address
from infra.home import Home
from infra.web.guard import Grant
from infra.web.people import read_people
from infra.web.places import VillageCode, place_here
from infra.web.showing import page, today_of
from infra.web.village_week import enrolled

MOST = 300
"""Children of one page; a village has some thirty."""


@get("/villages/{code:str}/children", sync_to_thread=True, right="visit_list")
def ledger_page(state: State, grant: Grant, code: VillageCode) -> Response[Any]:
    """The children of a village, and the way to the file and the forms of each."""
    place_here(state, grant, code)
    home: Home = state.home
    today = today_of(home)
    here = enrolled(home.warehouse, code, today)
    cards = {child: card for child, card in here.items() if not card.forgotten}
    longest_ago = sorted(cards, key=lambda child: (cards[child].last_visit or date.min, child))
    shown = longest_ago[:MOST]
    people = read_people(home, grant.reader, shown, purpose="visit_list",
                         page=f"villages/{code}/children")  # fmt: skip
    return page("ledger.html", grant, code=code, place=address(code), people=people,
                rows=[(child, cards[child]) for child in shown], today=today)  # fmt: skip


ROUTES = (ledger_page,)
