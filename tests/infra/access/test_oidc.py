"""Signing in at a provider: a real one, on a socket, with keys of its own; and each lie refused."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
import uvicorn
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import ECKey, KeySet

from domain.errors import SettingsError
from infra.access.accounts import NotSignedInError
from infra.access.oidc import read_provider
from infra.home import Home
from infra.settings import Settings
from infra.web.app import build
from infra.web.follower import Follower
from infra.web.services import Services

CLIENT, SECRET = "shouhe", "a word between the two"
BASE = "http://127.0.0.1:9"
OFFICER = {"sub": "u-17", "employee": "w-17", "groups": ["staff", "civil-county"],
           "division": "520526", "amr": ["pwd", "otp"]}  # fmt: skip


class Client(ClientMixin):
    """The one client that the provider knows."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return f"{BASE}/sign-in/oidc/back"

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.get_default_redirect_uri()

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Grant(AuthorizationCodeGrant):
    """Codes, each good once."""

    def save_authorization_code(self, code: str, request: Any) -> Any:
        data = request.payload.data
        self.server.codes[code] = SimpleNamespace(
            code=code, user=request.user, nonce=data.get("nonce"),
            code_challenge=data["code_challenge"], code_challenge_method="S256",
            get_redirect_uri=lambda: data["redirect_uri"], get_scope=lambda: data["scope"],
            get_nonce=lambda: self.server.lie.get("nonce", data.get("nonce")),
            get_auth_time=lambda: int(time.time()), get_acr=lambda: None, get_amr=lambda: None,
        )  # fmt: skip

    def query_authorization_code(self, code: str, client: Any) -> Any:
        return self.server.codes.get(code)

    def delete_authorization_code(self, authorization_code: Any) -> None:
        self.server.codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Any) -> Any:
        return authorization_code.user


class IDTokens(OpenIDCode):
    """Signed with the provider's key, unless it lies."""

    def __init__(self, server: Any) -> None:
        super().__init__(require_nonce=True)
        self.provider = server

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Any) -> Any:
        return self.provider.lie.get("key", self.provider.key)

    def get_client_algorithm(self, client: Any) -> str:
        return "ES256"

    def get_encode_header(self, client: Any) -> Any:
        return {"alg": "ES256", "kid": self.provider.key.kid}

    def get_client_claims(self, client: Any) -> Any:
        now = int(time.time())
        honest = {"iss": self.provider.url, "aud": [CLIENT], "iat": now, "exp": now + 300}
        return honest | self.provider.lie.get("claims", {})

    def generate_user_info(self, user: Any, scope: str) -> Any:
        return UserInfo(**user)


class Idp(AuthorizationServer):
    """Authlib's server side over ASGI. `user`: who is signed in. `lie`: what it gets wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ECKey.generate_key("P-256", parameters={"use": "sig"}, auto_kid=True)
        self.codes: dict[str, Any] = {}
        self.user, self.lie = dict(OFFICER), {}
        self.register_token_generator(
            "default", BearerTokenGenerator(lambda *a, **k: "at-" + "x" * 30)
        )
        self.register_grant(Grant, [CodeChallenge(required=True), IDTokens(self)])
        self._uvicorn = uvicorn.Server(uvicorn.Config(self, log_level="warning", lifespan="off"))
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(
            target=lambda: self._uvicorn.run([self._listening]), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._uvicorn.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(10)
        self._listening.close()

    def query_client(self, client_id: str) -> Any:
        return Client() if client_id == CLIENT else None

    def save_token(self, token: Any, request: Any) -> None: ...

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None: ...

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        method, url, headers, data = request
        made = OAuth2Request(method, url, headers=headers)
        made.payload = BasicOAuth2Payload(data)
        type(made).form = property(lambda own: own.payload.data)
        type(made).args = property(lambda own: own.payload.data)
        return made

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        return status, json.dumps(body) if isinstance(body, dict) else body or "", headers

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, text, headers = self._answer(scope, body.decode())
        sent = [(k.lower().encode(), v.encode()) for k, v in headers]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": text.encode()})

    def _answer(self, scope: Any, body: str) -> Any:
        path, query = scope["path"], scope["query_string"].decode()
        headers = {k.decode().title(): v.decode() for k, v in scope["headers"]}
        asked = (scope["method"], f"{self.url}{path}", headers, dict(parse_qsl(query or body)))
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps({
                "issuer": self.lie.get("issuer", self.url), "jwks_uri": f"{self.url}/jwks",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
            }), []  # fmt: skip
        if path == "/jwks":
            return 200, json.dumps(KeySet([self.key]).as_dict(private=False)), []
        if path == "/authorize":
            grant = self.get_consent_grant(asked, end_user=self.user)
            return self.create_authorization_response(asked, grant_user=self.user, grant=grant)
        return self.create_token_response(asked)


@pytest.fixture(scope="module")
def idp() -> Iterator[Idp]:
    with Idp() as running:
        yield running


@pytest.fixture(scope="module")
def home(idp: Idp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    settings = Settings(tmp_path_factory.mktemp("oidc"))
    secret = settings.home / "secret"
    secret.write_text(SECRET + "\n")
    settings.oidc_path.write_text(f"""
issuer = "{idp.url}"
client_id = "{CLIENT}"
client_secret_file = "{secret}"
redirect = "{BASE}/sign-in/oidc/back"
[claims]
person = "employee"
role = "groups"
place = "division"
[roles]
"civil-county" = "county_officer"
"village-director" = "director"
"auditors" = "auditor"
""")
    with Home(settings) as opened:
        yield opened


@pytest.fixture
def journey(idp: Idp, home: Home) -> Any:
    """Sign in: to the provider, through it, and back. → (the last answer, the client)."""
    app = build(home, Follower(lambda: home), Services(home.settings.services_path), ["*"])
    idp.user, idp.lie = dict(OFFICER), {}

    def go(bend: Any = lambda query: query) -> Any:
        return asyncio.run(_go(app, idp, bend))

    return go


async def _go(app: Any, idp: Idp, bend: Any) -> Any:
    transport = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(transport=transport, base_url=BASE) as client,
        httpx.AsyncClient() as browser,
    ):
        there = await client.get("/sign-in/oidc", params={"page": "/account"})
        if there.status_code != 303:
            return there, None
        at_idp = await browser.get(there.headers["location"])
        back = urlsplit(at_idp.headers["location"])
        answer = await client.get(f"{back.path}?{bend(back.query)}")
        again = await client.get("/account") if answer.status_code == 303 else None
        return answer, again


def test_who_has_a_role_at_the_provider_comes_in_with_role_and_place(journey, home) -> None:
    answer, account = journey()
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert account.status_code == 200
    (made,) = [each for each in home.accounts.all() if each.name.startswith("oidc:")]
    assert (made.person, made.role.value, made.place) == ("w-17", "county_officer", "520526")
    cookies = answer.headers.get_list("set-cookie")
    assert all("httponly" in each.lower() for each in cookies)


def test_role_and_place_are_what_the_claims_say_this_time(journey, home, idp) -> None:
    idp.user |= {"groups": "village-director", "division": "520526100201", "amr": ["pwd"]}
    assert journey()[0].status_code == 303
    (made,) = [each for each in home.accounts.all() if each.name.startswith("oidc:")]
    assert (made.role.value, made.place) == ("director", "520526100201")


@pytest.mark.parametrize(
    "changed",
    [
        {"groups": ["staff"]}, {"groups": []}, {"groups": None}, {"groups": {"civil-county": 1}},
        {"groups": ["civil-county", "auditors"]}, {"division": "5205"}, {"division": 520526},
        {"division": "52052x"}, {"division": ""}, {"employee": "not a code!"}, {"employee": 17},
        {"amr": ["pwd"]}, {"amr": "sms"},
    ],
    ids=str,
)  # fmt: skip
def test_who_has_no_one_role_place_or_second_factor_is_refused(journey, idp, changed) -> None:
    idp.user |= changed
    answer, _ = journey()
    assert answer.status_code == 401
    assert not [each for each in answer.headers.get_list("set-cookie") if "shouhe=" in each]


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"claims": {"aud": ["another-client"]}},
        {"claims": {"iss": "https://another.example"}},
        {"claims": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}},
        {"claims": {"nbf": int(time.time()) + 3600}},
        {"key": ECKey.generate_key("P-256")},
    ],
    ids=["nonce", "audience", "issuer", "expired", "not yet", "signature"],
)  # fmt: skip
def test_an_id_token_that_is_not_right_in_every_point_is_refused(journey, idp, lie) -> None:
    idp.lie = lie
    answer, _ = journey()
    assert answer.status_code == 401
    assert not [each for each in answer.headers.get_list("set-cookie") if "shouhe=" in each]


def test_what_was_not_begun_in_this_browser_is_refused(journey) -> None:
    def other_state(query: str) -> str:
        return f"code={parse_qs(query)['code'][0]}&state=another"

    assert journey(bend=other_state)[0].status_code == 401
    assert journey(bend=lambda query: "")[0].status_code == 401
    assert journey(bend=lambda query: query.replace("code=", "code=x"))[0].status_code == 401


def test_a_disabled_account_stays_out_and_no_password_opens_it(journey, home) -> None:
    (made,) = [each for each in home.accounts.all() if each.name.startswith("oidc:")]
    with pytest.raises(NotSignedInError):
        home.accounts.sign_in(made.name, "", "", home.clock())
    home.accounts.disable(made.name)
    assert journey()[0].status_code == 401
    home.accounts.disable(made.name, off=False)
    assert journey()[0].status_code == 303


def test_a_provider_that_is_set_wrong_stops_the_start(tmp_path) -> None:
    path = tmp_path / "oidc.toml"
    assert read_provider(path) is None
    right = 'issuer = "https://i"\nclient_id = "c"\nredirect = "https://r/back"\n'
    for wrong in (
        "issuer", right, right + 'colour = "red"\n[roles]\n"a" = "director"',
        right + '[roles]\n"a" = "king"',
        right.replace("https://i", "http://i.example") + '[roles]\n"a" = "director"',
        'client_secret_file = "/no/such"\n' + right + '[roles]\n"a" = "director"',
    ):  # fmt: skip
        path.write_text(wrong)
        with pytest.raises(SettingsError, match=r"oidc\.toml"):
            read_provider(path)
    path.write_text(right + '[roles]\n"a" = "director"')
    assert read_provider(path) is not None
