"""本人副本 and 删除: what is held about a child, for child or guardian; and the end of it."""

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

from domain.event import SHANGHAI
from infra import attachments
from infra.home import Home
from infra.intake.forget import By
from infra.retaining import held
from infra.subject_copy import HELD_BACK, Copy, subject_copy
from infra.web.follower import Follower
from infra.web.guard import Grant
from infra.web.language import t
from infra.web.looks import PURPOSES
from infra.web.people import read_people
from infra.web.recording import child_here
from infra.web.showing import page

ERASURE = "/children/{child_id:uuid}/erasure"
BASES = {
    "asked_by_guardian": "监护人要求", "asked_by_child": "本人要求", "retention_over": "保存期满",
    "no_longer_needed": "不再需要", "unlawful": "不应收集",
}  # fmt: skip
"""What `child.forgotten` gives as its basis → in Chinese (PIPL 47)."""


@get("/children/{child_id:uuid}/copy", sync_to_thread=True, right="erasure")
def copy_page(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """For the child or its guardian, on paper."""
    return page("subject_copy.html", grant, copy=_copy(state, grant, child_id),
                purposes=PURPOSES, held_back=t(HELD_BACK))  # fmt: skip


@get("/children/{child_id:uuid}/copy.json", sync_to_thread=True, right="erasure")
def copy_file(state: State, grant: Grant, child_id: UUID) -> Response[bytes]:
    """The same, for a machine."""
    body = msgspec.json.encode(_copy(state, grant, child_id))
    headers = {"content-disposition": "attachment; filename=copy.json"}
    return Response(body, media_type="application/json", headers=headers)


class Erasing(msgspec.Struct):
    """The form. `sure`: that it can't be undone."""

    basis: str = ""
    sure: str = ""
    csrf: str = ""


Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@get(ERASURE, right="erasure")
async def erasure_page(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """What erasing means for this child, and the form."""
    return await sync_to_thread(_erasure, state, grant, child_id)


@post(ERASURE, right="erasure", status_code=200)
async def erase_child(
    state: State, grant: Grant, child_id: UUID, data: Annotated[Erasing, Form]
) -> Response[Any]:
    """The key is destroyed, attachments are removed; the facts stay, nameless."""
    return await sync_to_thread(_erase, state, grant, child_id, data)


def _erase(state: State, grant: Grant, child_id: UUID, data: Erasing) -> Response[Any]:
    home: Home = state.home
    child_here(state, grant, child_id)
    if data.basis not in BASES or data.sure != "yes":
        said = "请选择依据,并确认不可恢复。"
        return _erasure(state, grant, child_id, said, 422, basis=data.basis)
    by = By(data.basis, grant.reader.person, grant.reader.role.value)
    home.intake.forget(str(child_id), by=by)
    attachments.remove(home, child_id)
    follower: Follower = state.follower
    follower.poke()
    return Redirect("/", status_code=303)


def _erasure(
    state: State,
    grant: Grant,
    child_id: UUID,
    said: str = "",
    status: int = 200,
    *,
    basis: str = "",
) -> Response[Any]:
    home: Home = state.home
    child_here(state, grant, child_id)
    person = read_people(
        home, grant.reader, [child_id], purpose="erasure", page="erasure"
    )[child_id]  # fmt: skip
    today = home.clock().astimezone(SHANGHAI).date()
    kept = held(home.warehouse, today, home.settings.keep_years, child=child_id)
    return page("erasure.html", grant, status=status, child_id=child_id, person=person,
                said=t(said), bases=BASES, basis=basis,
                kept=kept[0].retention if kept else None)  # fmt: skip


def _copy(state: State, grant: Grant, child_id: UUID) -> Copy:
    """Raises NotFoundException."""
    found = subject_copy(state.home, grant.reader, child_id)
    if found is None:
        raise NotFoundException("no such child here")
    return found


ROUTES = (copy_file, copy_page, erasure_page, erase_child)
