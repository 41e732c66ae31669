"""Where a role begins: a director at the week's list, a supervisor at the progress, others here."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.response import Redirect

from domain.divisions import address
from infra.access import Role
from infra.web.breaking import break_glass_notices
from infra.web.guard import Grant
from infra.web.showing import page, today_of


@get("/", sync_to_thread=True, right="home")
def home_page(state: State, grant: Grant) -> Response[Any]:
    """What the role may open, each with a line of what it is for."""
    match grant.reader.role:
        case Role.DIRECTOR:
            return Redirect(f"/villages/{grant.reader.place}", status_code=303)
        case Role.SUPERVISOR:
            return Redirect("/supervision", status_code=303)
        case _:
            told = break_glass_notices(state.home, grant.reader)
            return page("home.html", grant, place=address(grant.reader.place),
                        today=today_of(state.home), **told)  # fmt: skip


ROUTES = (home_page,)
