"""紧急查阅: the form, and the file that it opens for a while. Each reading says so in the log."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body
from litestar.response import Redirect

from domain.break_glass import MOST_HOURS, PURPOSE, USUAL_MINUTES, Emergency
from infra.access import Reader, Role
from infra.access.glass import close_glass, find_child, open_glass, open_until
from infra.home import Home
from infra.looking import notices
from infra.web.child_file import details, read_file, stated
from infra.web.follower import Follower
from infra.web.guard import Grant
from infra.web.language import t
from infra.web.limits import Limit
from infra.web.showing import page

RIGHT = "break_glass"
PAGE = "/break-glass"
MINUTES = (15, USUAL_MINUTES, 4 * 60, MOST_HOURS * 60)
LEAST_NOTE = 4
"""Characters of a reason: a word at least."""

TRIES: Any = {"rate": 10 / 3600, "burst": 10}
"""A reader opens or tries to open ten an hour: an ID number is not to be found by trying."""


class Opening(msgspec.Struct):
    """The form. `child`: our child id, or the ID number."""

    child: str = ""
    emergency: str = ""
    note: str = ""
    minutes: str = str(USUAL_MINUTES)
    csrf: str = ""


Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@get(PAGE, right=RIGHT)
async def break_glass_page(grant: Grant) -> Response[Any]:
    """The form, and what it means to send it."""
    return _form(grant, Opening())


@post(PAGE, right=RIGHT, status_code=200)
async def break_glass(state: State, grant: Grant, data: Annotated[Opening, Form]) -> Response[Any]:
    """Recorded and told to the county; then the file opens."""
    return await sync_to_thread(_break, state, grant, data)


def _break(state: State, grant: Grant, data: Opening) -> Response[Any]:
    home: Home = state.home
    tries: Limit = state.glass_tries
    emergency = next((each for each in Emergency if each.value == data.emergency), None)
    minutes = int(data.minutes) if data.minutes in map(str, MINUTES) else 0
    if emergency is None or not minutes or len(data.note.strip()) < LEAST_NOTE:
        return _form(grant, data, "请选择情形和时长,并写明原因。", 422)
    if len(data.note) > 2000:  # noqa: PLR2004 - what a Personal field holds
        return _form(grant, data, "原因太长,请写在 2000 字以内。", 422)
    if not tries.allow(f"glass {grant.reader.person}"):
        return _form(grant, data, "开启太频繁,请稍后再试,或联系县民政。", 429)
    child = find_child(home, data.child)
    if child is None:
        return _form(grant, data, "没有找到这个孩子。请核对编号或身份证号。", 422)
    open_glass(home, grant.reader, child, emergency=emergency, note=data.note.strip(),
               minutes=minutes)  # fmt: skip
    follower: Follower = state.follower
    follower.poke()
    return Redirect(f"{PAGE}/{child}", status_code=303)


@get(PAGE + "/{opened_id:uuid}", sync_to_thread=True, right=RIGHT)
def opened_page(state: State, grant: Grant, opened_id: UUID) -> Response[Any]:
    """The file, while it is open to this reader; afterwards the form again."""
    home: Home = state.home
    until = open_until(home, grant.reader, opened_id)
    if until is None:
        return Redirect(PAGE, status_code=303)
    everywhere = msgspec.structs.replace(grant.reader, place="")
    file = read_file(home, everywhere, opened_id, purpose=PURPOSE, page="break-glass")
    if file is None:
        raise NotFoundException("no such child here")
    return page("break_glass_file.html", grant, file=file, stated=stated(file), details=details,
                until=until, child_id=opened_id)  # fmt: skip


@post(PAGE + "/{opened_id:uuid}/close", sync_to_thread=True, right=RIGHT, status_code=200)
def close_page(state: State, grant: Grant, opened_id: UUID) -> Response[Any]:
    """Over, before its time."""
    home: Home = state.home
    if open_until(home, grant.reader, opened_id) is not None:
        close_glass(home, grant.reader, opened_id)
        follower: Follower = state.follower
        follower.poke()
    return Redirect("/", status_code=303)


def break_glass_notices(home: Home, reader: Reader) -> dict[str, Any]:
    """What a home page tells a county's officers of: `{% include "_glass_notices.html" %}`."""
    told = reader.role is Role.OFFICER
    found = notices(home.warehouse, home.clock(), reader.place) if told else []
    return {"glasses": found, "emergencies": {e.value: e.label for e in Emergency}}


def _form(grant: Grant, data: Opening, said: str = "", status: int = 200) -> Response[Any]:
    return page("break_glass.html", grant, status=status, data=data, said=t(said),
                minutes=MINUTES, emergencies=list(Emergency))  # fmt: skip


ROUTES = (
    break_glass_page, break_glass, opened_page, close_page,
)  # fmt: skip
