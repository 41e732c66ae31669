"""Not visited, because…: one tap at a line of the list, and the reason is in the log (T8.6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from litestar import Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.response import Redirect

from domain.visiting import VisitAttemptFailed
from infra.web.guard import Asked, Grant
from infra.web.recording import child_here, form_page, tapped
from infra.web.signing_in import own_page

TYPE = VisitAttemptFailed.TYPE


@post("/children/{child_id:uuid}/not-visited", right="record", status_code=200)
async def not_visited(request: Asked, state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """Recorded, and back to the list; the whole form where something is wrong."""
    form = await request.form()
    answers = {name: str(form.get(name) or "") for name in ("id", "reason", "page")}
    return await sync_to_thread(_not_visited, state, grant, child_id, answers)


def _not_visited(
    state: State, grant: Grant, child_id: UUID, answers: dict[str, str]
) -> Response[Any]:
    child_here(state, grant, child_id)
    sent = {
        "id": answers["id"], "type": TYPE, "subject": str(child_id),
        "data": {"by": grant.reader.role.value, "reason": answers["reason"]},
    }  # fmt: skip
    if outcome := tapped(state, grant.reader, sent):
        said = {name: [value] for name, value in answers.items()}
        return form_page(state, grant, child_id, TYPE, said, outcome=outcome)
    return Redirect(_back(answers["page"], child_id), status_code=303)


def _back(page: str, child_id: UUID) -> str:
    """The list at the child's line, saying what was recorded."""
    parts = urlsplit(own_page(page))
    asked = dict(parse_qsl(parts.query)) | {"recorded": TYPE}
    return f"{parts.path}?{urlencode(asked)}#c-{child_id}"


ROUTES = (not_visited,)
