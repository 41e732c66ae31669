"""附件 of a child's file: the list with its form, and each one, its reading recorded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.response import Redirect, Template

from domain.attachments import LARGEST, Media
from infra import attachments
from infra.home import Home
from infra.keys import KeyDestroyedError
from infra.web.follower import Follower
from infra.web.guard import Asked, Grant
from infra.web.multipart import parts_of
from infra.web.people import read_people, record_reading
from infra.web.recording import child_here

PATH = "/children/{child_id:uuid}/attachments"
LARGEST_BODY = LARGEST + 64 * 1024
INLINE = {Media.JPEG.value, Media.PNG.value, Media.WEBP.value}


@get(PATH, right="child_file")
async def attachments_page(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """What is attached, and the form to add to it."""
    return await sync_to_thread(_page, state, grant, child_id)


@post(PATH, right="record", status_code=200, request_max_body_size=LARGEST_BODY)
async def add_attachment(
    request: Asked, state: State, grant: Grant, child_id: UUID
) -> Response[Any]:
    """Kept, or the list again with what is wrong. A phone sends `id`, so that it counts once."""
    await sync_to_thread(child_here, state, grant, child_id)
    parts = await parts_of(request)
    return await sync_to_thread(_add, state, grant, child_id, parts)


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


def _add(state: State, grant: Grant, child_id: UUID, parts: dict[str, bytes]) -> Response[Any]:
    home: Home = state.home
    child_here(state, grant, child_id)
    about, id_ = (_text(parts, name) for name in ("about", "id"))
    if not all(attachments.is_code(each) for each in (about, id_) if each):
        return _page(state, grant, child_id, "附件所属的记录写错了。", 422)
    try:
        attachments.attach(
            home, grant.reader, child_id, parts.get("content", b""), about=about, id_=id_
        )
    except attachments.NoSuchMediaError:
        return _page(state, grant, child_id, "只收照片(JPEG、PNG、WebP)或 PDF,且文件要完好。", 422)
    except (attachments.NotKeptError, KeyDestroyedError):
        return _page(state, grant, child_id, "没有存下:文件最大 2 MB,孩子须在册。", 422)
    follower: Follower = state.follower
    follower.poke()
    return Redirect(f"/children/{child_id}/attachments", status_code=303)


def _text(parts: dict[str, bytes], name: str) -> str:
    return parts.get(name, b"").decode("utf-8", "replace").strip()


def _page(
    state: State, grant: Grant, child_id: UUID, said: str = "", status: int = 200
) -> Response[Any]:
    home: Home = state.home
    child_here(state, grant, child_id)
    person = read_people(
        home, grant.reader, [child_id], purpose="attachment", page="attachments"
    )[child_id]  # fmt: skip
    listed = attachments.listed(home, grant.reader, child_id) if person.shown else []
    return Template("attachments.html", status_code=status, context={
        "reader": grant.reader, "grant": grant, "child_id": child_id, "person": person,
        "said": said, "listed": listed, "media": {each.value: each.label for each in Media},
    })  # fmt: skip


ROUTES = (add_attachment, attachment_content, attachments_page)
