"""附件 of a child's file: the list with its form, and each one, its reading recorded.

A phone sends its photos here too, each with an id of its own, so that it counts once however often
it is sent, and with the id of the visit to which it belongs. It asks for JSON, and is told either
`{"kept": true}` or `{"refused": code, "said": …}`: what is refused stays on the phone, for a person
to look at.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from domain.attachments import Media
from domain.event import event_id
from infra import attachments
from infra.home import Home
from infra.web.follower import Follower
from infra.web.guard import Asked, Grant
from infra.web.language import t
from infra.web.multipart import Parts, last, parts_of, text
from infra.web.people import read_people, record_reading
from infra.web.photos import LARGEST_FORM, MEGABYTES, REFUSED, NotKept, keep
from infra.web.recording import child_here, source_of
from infra.web.showing import page

PATH = "/children/{child_id:uuid}/attachments"
INLINE = {Media.JPEG.value, Media.PNG.value, Media.WEBP.value}
MALFORMED = NotKept(422, "附件所属的记录写错了。")


@get(PATH, right="child_file")
async def attachments_page(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """What is attached, and the form to add to it."""
    return await sync_to_thread(_page, state, grant, child_id)


@post(PATH, right="record", status_code=200, request_max_body_size=LARGEST_FORM)
async def add_attachment(
    request: Asked, state: State, grant: Grant, child_id: UUID
) -> Response[Any]:
    """Kept, or the list again with what is wrong.

    `content`; `id`, so that it counts once; `about`, the event id to which it belongs, or `record`,
    the id under which the sender recorded that event.
    """
    await sync_to_thread(child_here, state, grant, child_id)
    parts = await parts_of(request)
    by_phone = "application/json" in request.headers.get("accept", "")
    return await sync_to_thread(_add, state, grant, child_id, parts, by_phone=by_phone)


@get(PATH + "/{sealed:str}", sync_to_thread=True, right="child_file")
def attachment_content(state: State, grant: Grant, child_id: UUID, sealed: str) -> Response[Any]:
    """One attachment. That it was read is recorded first."""
    home: Home = state.home
    child_here(state, grant, child_id)
    listed = attachments.listed(home, grant.reader, child_id)
    found = next((each for each in listed if each.sealed == sealed), None)
    if found is None:
        raise NotFoundException("no such attachment here")
    seen = record_reading(home, grant.reader, [child_id], purpose="attachment", page="attachments")
    content = attachments.content_of(home, child_id, found) if child_id in seen else None
    if content is None:
        raise NotFoundException("no such attachment here")
    manner = "inline" if found.media in INLINE else "attachment; filename=attachment.pdf"
    return Response(content, media_type=found.media, headers={"content-disposition": manner})


def _add(
    state: State, grant: Grant, child_id: UUID, parts: Parts, *, by_phone: bool
) -> Response[Any]:
    child_here(state, grant, child_id)
    code = _kept(state, grant, child_id, parts)
    refused = REFUSED.get(code, MALFORMED) if code else None
    if by_phone:
        return _told(code, refused)
    if refused:
        return _page(state, grant, child_id, refused.said, refused.status)
    return Redirect(f"/children/{child_id}/attachments", status_code=303)


def _kept(state: State, grant: Grant, child_id: UUID, parts: Parts) -> str:
    """→ empty, or the code of its refusal."""
    about, record, id_ = (text(parts, name) for name in ("about", "record", "id"))
    if not all(attachments.is_code(each) for each in (about, record, id_) if each):
        return "malformed"
    if record:
        about = str(event_id(source_of(grant.reader), record))
    code = keep(state.home, grant.reader, child_id, last(parts, "content"), about=about, id_=id_)
    follower: Follower = state.follower
    follower.poke()
    return code


def _told(code: str, refused: NotKept | None) -> Response[Any]:
    said = {"refused": code, "said": refused.said} if refused else {"kept": True}
    return Response(msgspec.json.encode(said), media_type="application/json",
                    status_code=refused.status if refused else 200)  # fmt: skip


def _page(
    state: State, grant: Grant, child_id: UUID, said: str = "", status: int = 200
) -> Response[Any]:
    home: Home = state.home
    child_here(state, grant, child_id)
    person = read_people(
        home, grant.reader, [child_id], purpose="attachment", page="attachments"
    )[child_id]  # fmt: skip
    listed = attachments.listed(home, grant.reader, child_id) if person.shown else []
    return page("attachments.html", grant, status=status, child_id=child_id, person=person,
                said=t(said), listed=listed, media={each.value: each.label for each in Media},
                megabytes=MEGABYTES, id=uuid4())  # fmt: skip


ROUTES = (add_attachment, attachment_content, attachments_page)
