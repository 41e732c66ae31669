"""The application: routes, what every answer carries, and what an error looks like."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, MediaType, Request, Response, get
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.status_codes import HTTP_401_UNAUTHORIZED
from litestar.template import TemplateConfig

from domain.errors import WrongUsageError
from infra.access.oidc import SignIn, read_provider
from infra.access.sessions import Sessions
from infra.home import Home
from infra.running.telemetry import FORMAT, Progress, Telemetry
from infra.web import (
    accounts_page,
    attaching,
    breaking,
    doorstep,
    home_page,
    indicators_page,
    ledger_page,
    looks,
    models_page,
    oidc,
    pages,
    phone,
    places,
    recording,
    report_desk,
    reporting,
    review,
    signing_in,
    subject,
    subsidy_desk,
    supervision,
)
from infra.web.events import problem, take_in
from infra.web.follower import Follower
from infra.web.guard import PUBLIC, SAFE, Grant, admit, grant_here, reader_here
from infra.web.language import here, switch, viewed
from infra.web.limits import Limit
from infra.web.navigation import Navigation
from infra.web.refusals import OVER, answer, refusal
from infra.web.services import Services
from infra.web.sheet import PATH, allowed, sheet
from infra.web.showing import FILTERS, GLOBALS
from infra.web.standing import Bands

logger = logging.getLogger("shouhe.web")

HERE = Path(__file__).parent
OURS = re.compile(
    r"(/([a-z][a-z.0-9_-]{0,40}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{6}|\d{9}|\d{12}))*/?"
    r"(\?week=\d{4}-W\d\d)?",
    re.ASCII,
)
"""Addresses of pages that are told again: words, places, children's ids, a week."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src {sheet}; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # no-referrer makes a browser send our forms as from nowhere
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
DESKS = (
    signing_in, oidc, home_page, places, pages, ledger_page, doorstep, recording, reporting, phone,
    supervision, review, report_desk, subsidy_desk, indicators_page, models_page, accounts_page,
    breaking, looks, subject, attaching,
)  # fmt: skip
"""Modules of pages; each names its routes in ROUTES."""

SMALLER = CompressionConfig(
    backend="gzip", gzip_compress_level=4, minimum_size=800,
    exclude=["^/events", "^/metrics", "/attachments/"],
)  # fmt: skip
"""For weak signals: a list is a quarter of its size on the way. Length tells nothing to others: the
cookie is not sent with what a foreign site asks (SameSite)."""

Asgi = Callable[[Any, Any, Callable[[Any], Awaitable[None]]], Awaitable[None]]


def build(home: Home, follower: Follower, services: Services, hosts: list[str]) -> Asgi:
    """The ASGI application over an open home.

    hosts   names by which it may be asked, so that no foreign page reaches it through a name of
            its own (DNS rebinding); ["*"] for any
    """
    return _hardened(application(home, follower, services, hosts))


def routes() -> list[Any]:
    """Every page and door. Each names its right (infra/access/table.py), or that it is public."""
    own = [take_in, switch, style, alive, ready, metrics]
    return own + [route for desk in DESKS for route in desk.ROUTES]


def openapi() -> dict[str, Any]:
    """The OpenAPI document of the routes, for docs/openapi.yaml. No page serves it."""
    described = OpenAPIConfig(title="Shouhe 守禾", version="1", use_handler_docstrings=True)
    app = Litestar(route_handlers=routes(), dependencies=GIVEN, openapi_config=described)
    return app.openapi_schema.to_schema()


GIVEN = {
    "reader": Provide(reader_here, sync_to_thread=False),
    "grant": Provide(grant_here, sync_to_thread=False),
}
"""What the guard has found out, for handlers that ask."""


def application(home: Home, follower: Follower, services: Services, hosts: list[str]) -> Litestar:
    """The routes, each behind the guard."""
    telemetry = Telemetry("serve")
    telemetry.leads()
    handlers = routes()
    provider = read_provider(home.settings.oidc_path)
    templates = _templates(path for each in handlers for path in each.paths)
    templates.globals["oidc"] = provider is not None
    return Litestar(
        route_handlers=handlers,
        guards=[admit],
        dependencies=GIVEN,
        state=State(
            {
                "home": home, "follower": follower, "services": services, "telemetry": telemetry,
                "sessions": Sessions(home.accounts), "tries": Limit(rate=1 / 6, burst=20),
                "glass_tries": Limit(**breaking.TRIES),
                "oidc": SignIn(provider, home.keys) if provider else None,
                "numbers": indicators_page.Numbers(home), "bands": Bands(),
            }
        ),
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(templates)),
        exception_handlers={Exception: partial(_failed, templates)},
        compression_config=SMALLER,
        allowed_hosts=AllowedHostsConfig(allowed_hosts=hosts, www_redirect=False),
        openapi_config=None,
        logging_config=None,
    )  # fmt: skip


@get("/style.css", media_type=MediaType.CSS, cache_control=None, right=PUBLIC)
async def style() -> Response[bytes]:
    """The one style sheet, for the app on the phone, which keeps it; pages have it inside."""
    return Response(PATH.read_bytes(), headers={"cache-control": "no-cache"},
                    media_type=MediaType.CSS)  # fmt: skip


@get("/healthz", media_type=MediaType.TEXT, right=PUBLIC)
async def alive() -> str:
    """The process answers."""
    return "ok\n"


@get("/readyz", sync_to_thread=True, right=PUBLIC)
def ready(state: State) -> Response[bytes]:
    """200 when the store can be read and the read models follow; 503 and why when not."""
    home: Home = state.home
    follower: Follower = state.follower
    head = home.log.head()
    said = {"head": head, "position": follower.position, "failure": follower.failure}
    status = 503 if follower.failure else 200
    return Response(msgspec.json.encode(said), status_code=status, media_type="application/json")


@get("/metrics", sync_to_thread=True, right=PUBLIC)
def metrics(state: State) -> Response[bytes]:
    """Counts for Prometheus; nothing of any person."""
    telemetry: Telemetry = state.telemetry
    telemetry.reached(Progress(state.follower.position, state.home.log.head()))
    return Response(telemetry.render(), media_type=FORMAT)


def _templates(paths: Iterable[str]) -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.globals.update(GLOBALS | {"nav": Navigation(paths), "sheet": sheet, "refusal": refusal})
    return made


def _failed(
    templates: Environment, request: Request[Any, Any, Any], error: Exception
) -> Response[Any]:
    """One page, or one JSON object for a service; never what went wrong inside."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if isinstance(error, WrongUsageError):
        status = 400
    gone = isinstance(error, HTTPException) and "disconnected" in error.detail
    if status >= 500 and not gone:  # noqa: PLR2004 - the server's own faults
        logger.error("%s on %s", type(error).__name__, request.route_handler)
    if request.url.path == "/events":
        detail = error.detail if isinstance(error, HTTPException) else "a fault of this program"
        return problem(str(detail), status)
    text = answer(error, status, form=request.method not in SAFE)
    # of all that is not found the same is said
    back = _way_back(here().page) if status == HTTP_401_UNAUTHORIZED else ""
    shown = _again(templates, request, error) or templates.get_template("message.html").render(
        text=text, reader=None, back=back
    )
    return Response(shown, status_code=status, media_type=MediaType.HTML)


def _way_back(page: str) -> str:
    """The page asked for, where to go after signing in; home where its address holds anything but
    words, places and children's ids: nothing personal that was typed there is said again.
    """
    return page if OURS.fullmatch(page) else "/"


def _again(templates: Environment, request: Request[Any, Any, Any], error: Exception) -> str:
    """What was typed, to be sent once more: after signing in, or with a token that holds."""
    extra = error.extra if isinstance(error, HTTPException) else None
    typed = extra.get("held") if isinstance(extra, dict) else None
    if typed is None:
        return ""
    if isinstance(error, NotAuthorizedException):
        return templates.get_template("sign_in.html").render(
            reader=None, page="/", said=OVER, held=msgspec.json.encode(typed).decode()
        )
    grant: Grant = request.auth
    return templates.get_template("held.html").render(
        reader=grant.reader, held=typed, csrf=grant.csrf
    )


def _hardened(app: Asgi) -> Asgi:
    """Every answer, errors too: no script, no frame, nothing kept by a browser.

    A route that says otherwise of its own answer is believed: the app of the phone has scripts.
    """
    fixed = [
        (name.encode(), value.replace("{sheet}", allowed()).encode())
        for name, value in HEADERS.items()
    ]

    async def answer(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                sent = list(message["headers"])
                said = {name.lower() for name, _ in sent}
                message = {**message, "headers": [*sent, *(h for h in fixed if h[0] not in said)]}
            await send(message)

        with viewed(scope):
            await app(scope, receive, with_headers)

    return answer
