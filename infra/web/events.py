"""POST /events: from a request to one outcome an event, each durable when it is answered."""

from __future__ import annotations

import logging
import time
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State

from domain.errors import ShouheError
from infra.access import Authority
from infra.cloudevents import BindingError, Parcel, unpack
from infra.event_store import StoreError
from infra.home import Home
from infra.intake import Outcome
from infra.keys import KeyRingError
from infra.running.telemetry import Telemetry
from infra.web.follower import Follower
from infra.web.services import Services

logger = logging.getLogger("shouhe.events")

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of one request."""

OK, MIXED, UNPROCESSABLE, UNAVAILABLE = 200, 207, 422, 503


class Answer(msgspec.Struct, frozen=True):
    """What became of a request's events, in their order. `outcomes` name the remedy."""

    accepted: int
    duplicate: int
    rejected: int
    outcomes: list[Outcome]


@post("/events", request_max_body_size=LARGEST_BODY, status_code=OK, right="public")
async def take_in(request: Request[Any, Any, State], state: State) -> Response[bytes]:
    """200 all accepted or known already; 207 some rejected; 422 all rejected.

    400, 413, 415: no CloudEvents request. 401: not a known service. 503: nothing was recorded.
    """
    services: Services = state.services
    client = request.client.host if request.client else ""
    authority = services.admit(dict(request.headers), client)
    if authority is None:
        answer = _problem(401, "authorization: send `Bearer TOKEN` of a service in services.toml")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="shouhe"'
        return answer
    try:
        parcel = unpack(request.headers.items(), await request.body())
    except BindingError as error:
        return _problem(error.status, str(error))
    return await sync_to_thread(_submit, state, parcel, authority)


def _submit(state: State, parcel: Parcel, authority: Authority) -> Response[bytes]:
    home: Home = state.home
    follower: Follower = state.follower
    telemetry: Telemetry = state.telemetry
    began = time.monotonic()
    try:
        outcomes = home.intake.submit(parcel.bodies, authority=authority)
    except (StoreError, KeyRingError) as error:
        telemetry.failures.labels("serve", type(error).__name__).inc()
        logger.error("nothing was recorded: %s", error)  # noqa: TRY400 - a trace can hold values
        return _problem(UNAVAILABLE, "the store can't be written: nothing was recorded; send again")
    answer = _counted(outcomes)
    telemetry.moved(len(outcomes), time.monotonic() - began)
    for each in outcomes:
        if each.status == "rejected":
            telemetry.rejected(each.code)
    if answer.accepted:
        follower.poke()
    if not answer.rejected:
        status = OK
    else:
        status = UNPROCESSABLE if answer.rejected == len(outcomes) else MIXED
    return _json(status, answer)


def _counted(outcomes: list[Outcome]) -> Answer:
    said = [each.status for each in outcomes]
    counts = (said.count("accepted"), said.count("duplicate"), said.count("rejected"))
    return Answer(*counts, outcomes)


def _problem(status: int, message: str) -> Response[bytes]:
    return _json(status, {"error": message})


def problem(error: ShouheError | str, status: int) -> Response[bytes]:
    """A failure as JSON: `error` names the field and the remedy."""
    return _problem(status, str(error))


def _json(status: int, value: object) -> Response[bytes]:
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")
