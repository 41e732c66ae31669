"""What goes wrong, said as a ClickHouse server says it.

    Code: 164. DB::Exception: … (READONLY)

with the code in a header, and the HTTP status that a server maps it to.
"""

from __future__ import annotations

import re

from domain.errors import ShouheError

READONLY = (164, "READONLY")
ACCESS_DENIED = (497, "ACCESS_DENIED")
NOT_IMPLEMENTED = (48, "NOT_IMPLEMENTED")
BAD_ARGUMENTS = (36, "BAD_ARGUMENTS")
AUTHENTICATION_FAILED = (516, "AUTHENTICATION_FAILED")
TOO_MANY_QUERIES = (202, "TOO_MANY_SIMULTANEOUS_QUERIES")
UNKNOWN_SETTING = (115, "UNKNOWN_SETTING")
CONSTRAINT = (452, "SETTING_CONSTRAINT_VIOLATION")
UNKNOWN_COMPRESSION = (89, "UNKNOWN_COMPRESSION_METHOD")
UNDECODABLE = (117, "INCORRECT_DATA")
UNKNOWN_FORMAT = (73, "UNKNOWN_FORMAT")
TOO_LARGE = (62, "SYNTAX_ERROR")
INTERNAL = (1002, "UNKNOWN_EXCEPTION")

HTTP_STATUS = {
    **dict.fromkeys((6, 26, 27, 36, 38, 41, 43, 53, 62, 69, 72, 117, 427), 400),
    **dict.fromkeys((456, 457, 70, 130, 131, 132, 168, 89, 452), 400),
    **dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 336, 511), 404),
    **dict.fromkeys((164, 291, 497, 492), 403),
    **dict.fromkeys((192, 193, 194, 516), 401),
    159: 408,
    48: 501,
    202: 503,
}
"""Engine code → HTTP status; 500 for the others."""

SAID = 4096
"""Characters of an exception that are kept, of its beginning and of its end."""

_CODE = re.compile(r"Code: (\d+)\. DB::Exception: ")
_NAME = re.compile(r"(?<!\s)\s*\(([A-Z][A-Z0-9_]+)\)\s*$")
_VERSION = re.compile(r"(?<!\s)\s*\(version [^()]*(?:\([^()]*\))?\)\.?")
_FORMATTING = re.compile(
    r": In scope SELECT formatQuerySingleLine\(.*\)\.?(?=\s*\([A-Z_]+\)\s*$)", re.DOTALL
)


class GatewayError(ShouheError):
    """A refusal or failure, with ClickHouse's code and name."""

    def __init__(self, kind: tuple[int, str], message: str) -> None:
        super().__init__(message)
        self.code, self.name = kind
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status a server would answer with."""
        return HTTP_STATUS.get(self.code, 500)

    def text(self) -> str:
        """The body, in the form clients parse."""
        return f"Code: {self.code}. DB::Exception: {self.message} ({self.name})"


def engine_error(error: BaseException) -> GatewayError:
    """The engine's own exception, taken apart. Anything else is an internal error, undisclosed."""
    text = str(error)
    if len(text) > 2 * SAID:  # it repeats the statement, which may be long
        text = f"{text[:SAID]} … {text[-SAID:]}"
    text = _FORMATTING.sub("", _VERSION.sub("", text))
    codes = list(_CODE.finditer(text))
    if not codes:
        return GatewayError(INTERNAL, f"{type(error).__name__} inside the gateway")
    message = text[codes[-1].end() :]
    name = "UNKNOWN_EXCEPTION"
    while found := _NAME.search(message):  # nested errors repeat the name
        name, message = found[1], message[: found.start()]
    return GatewayError((int(codes[0][1]), name), message)
