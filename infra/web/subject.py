"""本人副本: all that is held about a child, to be printed, or as a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.response import Template

from infra.subject_copy import Copy, subject_copy
from infra.web.guard import Grant
from infra.web.looks import PURPOSES
from infra.web.telling import ROLES


@get("/children/{child_id:uuid}/copy", sync_to_thread=True, right="erasure")
def copy_page(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """For the child or its guardian, on paper."""
    return Template("subject_copy.html", context={
        "reader": grant.reader, "grant": grant, "copy": _copy(state, grant, child_id),
        "roles": ROLES, "purposes": PURPOSES,
    })  # fmt: skip


@get("/children/{child_id:uuid}/copy.json", sync_to_thread=True, right="erasure")
def copy_file(state: State, grant: Grant, child_id: UUID) -> Response[bytes]:
    """The same, for a machine."""
    body = msgspec.json.encode(_copy(state, grant, child_id))
    headers = {"content-disposition": "attachment; filename=copy.json"}
    return Response(body, media_type="application/json", headers=headers)


def _copy(state: State, grant: Grant, child_id: UUID) -> Copy:
    """Raises NotFoundException."""
    found = subject_copy(state.home, grant.reader, child_id)
    if found is None:
        raise NotFoundException("no such child here")
    return found


ROUTES = (copy_file, copy_page)
