"""Signing in at a provider of identities (OpenID Connect), where `oidc.toml` names one.

    issuer = "https://login.example.gov.cn/realms/civil"
    client_id = "shouhe"
    client_secret_file = "/run/secrets/oidc"        # left out: a public client; PKCE either way
    redirect = "https://shouhe.example.gov.cn/sign-in/oidc/back"

    [claims]                    # which claim of the ID token says what
    person = "employee_number"  # who acts in events
    role = "shouhe_role"        # a text or a list
    place = "division_code"     # of the length that the role needs: a county 6 digits
    factor = "amr"              # how they proved who they are

    [roles]                     # what the role claim says → a role of infra/access/table.py
    "civil-affairs-county" = "county_officer"

    [factors]
    accepted = ["mfa", "otp", "hwk"]   # one of these, for a role that needs a second factor

The authorization code flow with PKCE, state and nonce. What an ID token says counts once its
signature, issuer, audience, times and nonce are right; whoever has no role here is refused.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.errors import SettingsError, ShouheError
from domain.event import Code
from infra.access.reader import ReaderPlace, Role
from infra.access.table import PLACE_DIGITS, SECOND_FACTOR
from infra.keys import KeyRing, KeyRingError
from infra.secrets import read_secret

FILE = "oidc.toml"
SCOPE = "oidc"
"""Of the key ring: what a browser carries to the provider and back."""

MINUTES = 10
"""For how long a sign-in may take at the provider."""

LEEWAY = 60
"""Seconds that the provider's clock may be off."""

FRESH = 3600.0
"""Seconds for which the provider's own description and keys are believed."""

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
LARGEST = 256 * 1024
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NotAdmittedError(ShouheError):
    """The provider's word does not let anyone in here. `why` is for the log: no values."""

    def __init__(self, why: str) -> None:
        super().__init__(f"sign-in: {why}")


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of claims."""

    person: str = "sub"
    role: str = "role"
    place: str = "place"
    factor: str = "amr"


class Factors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values of the factor claim that mean a second factor."""

    accepted: tuple[str, ...] = ("mfa", "otp", "hwk")


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """oidc.toml."""

    issuer: str
    client_id: Annotated[str, msgspec.Meta(min_length=1)]
    redirect: str
    client_secret_file: str = ""
    claims: Claims = Claims()
    roles: Mapping[str, Role]
    factors: Factors = Factors()


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """Who came in. `name`: the account's, from issuer and subject, the same at each sign-in."""

    name: Code
    person: Code
    role: Role
    place: ReaderPlace


class Journey(msgspec.Struct, frozen=True):
    """What must come back as it went. Sealed in the browser's cookie."""

    state: str
    nonce: str
    verifier: str
    page: str
    until: float


def read_provider(path: Path) -> Provider | None:
    """The provider, or None where there is no file. Raises SettingsError."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name}: can't be read ({error}); mend the file") from None
    try:
        made = msgspec.convert(tomllib.loads(text), Provider)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{path.name}: {error}") from None
    for field, url in (("issuer", made.issuer), ("redirect", made.redirect)):
        _secure(url, f"{path.name}: {field}")
    if made.client_secret_file:
        read_secret(f"{path.name} client_secret_file", made.client_secret_file)
    return made


class SignIn:
    """One provider, asked over HTTPS. Safe to share between threads."""

    def __init__(self, provider: Provider, keys: KeyRing) -> None:
        self.provider, self._keys, self._lock = provider, keys, Lock()
        self._found: tuple[float, dict[str, Any], KeySet] | None = None

    # --- there ------------------------------------------------------------------------------------

    def begin(self, page: str) -> tuple[str, str]:
        """→ (the provider's address to go to, the cookie to carry). Raises NotAdmittedError."""
        metadata, _ = self._metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        journey = Journey(state, nonce, verifier, page, time.time() + 60 * MINUTES)
        asked = {
            "response_type": "code", "client_id": self.provider.client_id, "scope": "openid",
            "redirect_uri": self.provider.redirect, "state": journey.state,
            "nonce": journey.nonce, "code_challenge_method": "S256",
            "code_challenge": create_s256_code_challenge(journey.verifier),
        }  # fmt: skip
        to = _text(metadata, "authorization_endpoint")
        return f"{to}{'&' if '?' in to else '?'}{urlencode(asked)}", self._sealed(journey)

    def _sealed(self, journey: Journey) -> str:
        raw = self._keys.seal(SCOPE, msgspec.json.encode(journey))
        return base64.urlsafe_b64encode(raw).decode()

    # --- and back ---------------------------------------------------------------------------------

    def finish(self, cookie: str, state: str, code: str) -> tuple[Admitted, str]:
        """→ (who it is, the page to go to). Raises NotAdmittedError."""
        journey = self._journey(cookie)
        if not state or not code or not secrets.compare_digest(
            state.encode("utf-8", "surrogateescape"), journey.state.encode()
        ):  # fmt: skip
            raise NotAdmittedError("what came back is not what was sent; begin anew")
        tokens = self._exchange(code, journey.verifier)
        claims = self._claims(_text(tokens, "id_token"), journey.nonce, tokens.get("access_token"))
        return admitted(self.provider, claims), journey.page

    def _journey(self, cookie: str) -> Journey:
        try:
            raw = self._keys.unseal(SCOPE, base64.urlsafe_b64decode(cookie.encode()))
            journey = msgspec.json.decode(raw or b"", type=Journey)
        except (ValueError, KeyRingError, msgspec.DecodeError):
            raise NotAdmittedError("it was not begun in this browser") from None
        if time.time() > journey.until:
            raise NotAdmittedError("it took too long")
        return journey

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        metadata, _ = self._metadata()
        own = self.provider
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": own.redirect,
                "client_id": own.client_id, "code_verifier": verifier}  # fmt: skip
        auth = None
        if own.client_secret_file:
            secret = read_secret(FILE, own.client_secret_file)
            auth = httpx.BasicAuth(quote(own.client_id, safe=""), quote(secret, safe=""))
            del form["client_id"]
        return _json("POST", _text(metadata, "token_endpoint"), data=form, auth=auth)

    def _claims(self, token: str, nonce: str, access_token: object) -> dict[str, Any]:
        """Signature first, then what it says. Raises NotAdmittedError."""
        own = self.provider
        options: Any = {
            "iss": {"essential": True, "value": own.issuer},
            "aud": {"essential": True, "value": own.client_id},
        }
        params = {"nonce": nonce, "client_id": own.client_id, "access_token": access_token}
        try:
            read = self._decoded(token)
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotAdmittedError(f"the ID token is not right ({type(error).__name__})") from None
        return dict(claims)

    def _decoded(self, token: str) -> Any:
        """By a key of the provider; one that we don't know is asked for once."""
        _, keys = self._metadata()
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            _, anew = self._metadata(anew=True)
            return jwt.decode(token, anew, algorithms=ALGORITHMS)

    def _metadata(self, *, anew: bool = False) -> tuple[dict[str, Any], KeySet]:
        """The provider's description of itself, and its keys. Raises NotAdmittedError."""
        with self._lock:
            now = time.monotonic()
            if self._found is None or anew or now - self._found[0] > FRESH:
                issuer = self.provider.issuer
                where = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                metadata = _json("GET", where)
                if metadata.get("issuer") != issuer:
                    raise NotAdmittedError("the provider calls itself by another name")
                keys: Any = _json("GET", _text(metadata, "jwks_uri"))
                try:
                    self._found = now, metadata, KeySet.import_key_set(keys)
                except (JoseError, ValueError, KeyError, TypeError):
                    raise NotAdmittedError("the provider's keys can't be read") from None
            return self._found[1], self._found[2]


def admitted(provider: Provider, claims: Mapping[str, Any]) -> Admitted:
    """Whom claims let in, as what, where. Raises NotAdmittedError."""
    names = provider.claims
    said = _listed(claims.get(names.role))
    roles = {provider.roles[each] for each in said if each in provider.roles}
    if len(roles) != 1:
        raise NotAdmittedError("no role here, or more than one")
    (role,) = roles
    place = claims.get(names.place, "")
    if not isinstance(place, str) or len(place) not in PLACE_DIGITS[role]:
        raise NotAdmittedError("the place is not of the role's level")
    proved = set(_listed(claims.get(names.factor))) & set(provider.factors.accepted)
    if role in SECOND_FACTOR and not proved:
        raise NotAdmittedError("this role needs a second factor at the provider")
    subject = hashlib.sha256(f"{provider.issuer}\0{claims.get('sub')}".encode()).hexdigest()
    made = {"name": f"oidc:{subject[:32]}", "person": claims.get(names.person),
            "role": role.value, "place": place}  # fmt: skip
    try:
        return msgspec.convert(made, Admitted)
    except msgspec.ValidationError:
        raise NotAdmittedError("person or place is of no form") from None


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _secure(url: str, what: str) -> None:
    """Raises SettingsError for an address that others can listen to."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsError(f"{what}: must be an https:// address")


def _json(method: str, url: str, **more: Any) -> dict[str, Any]:
    """One answer of the provider. Raises NotAdmittedError."""
    try:
        _secure(url, "provider")
        with (
            httpx.Client(timeout=10, follow_redirects=False) as client,
            client.stream(method, url, headers={"accept": "application/json"}, **more) as answer,
        ):
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST:
                    raise NotAdmittedError("the provider says too much")
            if answer.status_code != httpx.codes.OK:
                raise NotAdmittedError(f"the provider refused ({answer.status_code})")
            return msgspec.json.decode(body, type=dict[str, Any])
    except (httpx.HTTPError, httpx.InvalidURL, SettingsError, msgspec.DecodeError) as error:
        raise NotAdmittedError(f"the provider can't be asked ({type(error).__name__})") from None


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise NotAdmittedError(f"the provider names no {name}")
    return value
