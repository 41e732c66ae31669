"""What is wrong with a body, in words: the field, its value where that may be shown, the remedy.

msgspec's own messages quote values; a name typed into the wrong field would travel in them. So the
words here are ours, made of the declared types.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import Any

import msgspec

from domain.contract import personal_fields
from domain.errors import Refusal
from domain.event import Event, Incoming
from domain.identity import check_id_number

MAX_BODY = 4 * 1024 * 1024
SHOWN = 80

PERSON_SHAPED = re.compile(r"[0-9]{17}[0-9Xx]|(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
"""An ID number or a mobile number, wherever it was put."""

NAME_SHAPED = re.compile(r"[A-Z][a-z]|[A-Za-z] [A-Za-z]")
"""A capital and small letters, or two words: values of the field are neither."""

ID_SHAPED = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])", re.ASCII)
"""What may be an ID number; whether it is one, its check character says."""

_DIGITS = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))  # noqa: PLR2004 - 0-9
_RUN = b"0" * 17

_PATH = re.compile(r" - at `\$(.*)`$", re.DOTALL)
_NAMED = re.compile(r"field `(.*)`$", re.DOTALL)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_STEP = re.compile(r"[^.\[\]]+|\[\.\.\.\]|\[[0-9]+\]")

SUBJECT_LIKE = frozenset({"subject", "data"})
"""Envelope fields whose value is never repeated."""

KEPT_ATTRIBUTES = ("id", "source", "actor", "corrects")
"""Envelope fields that are stored readable and could hold a number of 18 digits."""

REMEDIES = {
    "data_base64": "data must be JSON in `data`; binary data is not taken",
    "dataref": "the data must come with the event, in `data`",
}


def shown(value: object) -> str:
    """A value as it may be repeated: plain ASCII that can't be a person's; else only its size."""
    if value is None or isinstance(value, (bool, int, float)):
        text = msgspec.json.encode(value).decode()
    elif isinstance(value, str):
        text = value
    else:
        return ""
    if len(text) > SHOWN or not text.isascii() or not text.isprintable():
        return f"({len(text)} characters)"
    if NAME_SHAPED.search(text):
        return f"({len(text)} characters)"
    return "(like a personal number)" if PERSON_SHAPED.search(text) else text


def invalid(error: Exception, body: Any, kind: type[Event | Incoming]) -> Refusal:
    """The refusal for an error raised while `body` (bytes or Raw) was decoded as `kind`."""
    if isinstance(error, RecursionError):
        return Refusal("malformed", "body", "", "nested too deeply; send the event's own fields")
    if isinstance(error, UnicodeDecodeError):
        return Refusal("malformed", "body", "", "not UTF-8; send the event in UTF-8")
    if not isinstance(error, msgspec.ValidationError):
        return Refusal("malformed", "body", "", f"not JSON ({_reason(error)}); one event, as JSON")
    text = str(error)
    found = _PATH.search(text)
    path = found[1].lstrip(".") if found else ""
    what = text[: found.start()] if found else text
    named = _NAMED.search(what)
    if named:
        return _field_refusal(what, path, named[1])
    value, present = _at(body, path)
    return _value_refusal(what, path, value if present else None, kind)


def _reason(error: Exception) -> str:
    """msgspec says of malformed JSON only where and which byte."""
    if isinstance(error, msgspec.DecodeError):
        return str(error).removeprefix("JSON is malformed: ")
    return "unreadable"


def _field_refusal(what: str, path: str, name: str) -> Refusal:
    plain = name if _PLAIN_NAME.fullmatch(name) else "(unreadable name)"
    field = f"{path}.{plain}" if path else plain
    if "missing" in what:
        return Refusal("missing_field", field, "", "is required; send it")
    remedy = REMEDIES.get(plain, "no such field; check its spelling, or leave it out")
    return Refusal("unknown_field", field, "", remedy)


def _value_refusal(what: str, path: str, value: object, kind: type[Event | Incoming]) -> Refusal:
    root = _STEP.match(path)
    hidden = root is None or root[0] in _hidden(kind)
    allowed = _allowed(kind, path)
    if "length" in what and isinstance(value, str):
        value_text = f"({len(value)} characters)"
    else:
        value_text = "" if hidden else shown(value)
    if what.startswith("Invalid enum value") and allowed:
        code, message = "unknown_value", f"must be one of: {', '.join(allowed)}"
    elif what.startswith("Invalid RFC3339"):
        code = "bad_date"
        message = f"no such {what.rsplit(' ', 1)[-1]}; send one of the calendar, as RFC 3339"
    elif "out of range" in what:
        code, message = "wrong_value", "number out of range; check it"
    elif ", got " in what:
        code, message = "wrong_type", f"{what[0].lower()}{what[1:]}; send that type"
    elif what.startswith("Expected"):
        code, message = "wrong_value", f"{what[0].lower()}{what[1:]}; correct it"
    else:
        code, message = "wrong_value", "not allowed here; `shouhe schema` shows what is"
    if isinstance(value, str) and _full_width(value):
        message += " (full-width characters; type it in half-width)"
    return Refusal(code, path or ("body" if kind is Incoming else "data"), value_text, message)


def _full_width(text: str) -> bool:
    head = text[:SHOWN]
    return (
        any("\uff00" <= c <= "\uffef" for c in head)
        and unicodedata.normalize("NFKC", head).isascii()
    )


def _hidden(kind: type[Event | Incoming]) -> frozenset[str]:
    if issubclass(kind, Event):
        return frozenset(name for name, _ in personal_fields(kind))
    return SUBJECT_LIKE


def _at(body: Any, path: str) -> tuple[object, bool]:
    """The value at a msgspec path; (None, False) where the path can't be followed."""
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None, False
    for step in _STEP.findall(path):
        try:
            value = value[int(step[1:-1])] if step.startswith("[") else value[step]
        except (LookupError, TypeError, ValueError):
            return None, False
    return value, True


def _allowed(kind: type[Event | Incoming], path: str) -> list[str]:
    """The values of the enum declared at a path; empty where there is none."""
    info: Any = msgspec.inspect.type_info(kind)
    for step in _STEP.findall(path):
        info = _inner(info)
        if step.startswith("["):
            info = getattr(info, "item_type", None)
        else:
            fields = getattr(info, "fields", ())
            info = next((field.type for field in fields if field.name == step), None)
    info = _inner(info)
    if isinstance(info, msgspec.inspect.LiteralType):
        return [str(value) for value in info.values]
    members: type[Enum] | None = getattr(info, "cls", None)
    if not (isinstance(members, type) and issubclass(members, Enum)):
        return []
    return [str(member.value) for member in members]


def _inner(info: Any) -> Any:
    """The type under metadata and `| None`."""
    if isinstance(info, msgspec.inspect.Metadata):
        return _inner(info.type)
    if isinstance(info, msgspec.inspect.UnionType):
        kinds = [each for each in info.types if not isinstance(each, msgspec.inspect.NoneType)]
        return _inner(kinds[0])
    return info


# --- strings that are well-typed and still must not be stored ---------------------------------


def nul_refusal(body: bytes, data: bytes | msgspec.Raw) -> Refusal | None:
    """A NUL character in any string: other programs would cut the text there.

    Only called for bodies that hold the escape, which may be an escaped backslash as well.
    """
    for document in (data, body):
        for path, value in _strings(msgspec.json.decode(document), ""):
            if "\0" in value or "\0" in path:
                field = path.replace("\0", "").removeprefix("data.")
                return Refusal(
                    "nul_character", field, "", "holds a NUL character; remove it and send again"
                )
    return None


def _strings(value: Any, path: str) -> Any:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _strings(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _strings(each, f"{path}[{number}]")


def may_hold_identity(body: bytes, subject: str) -> bool:
    """Whether 17 digits stand together anywhere but in the subject. Half a microsecond."""
    if _RUN not in body.translate(_DIGITS):
        return False
    if not subject:
        return True
    return _RUN in body.replace(subject.encode(), b"", 1).translate(_DIGITS)


def stray_identity(incoming: Incoming, event: Event) -> Refusal | None:
    """An ID number in a field that is stored readable. Only called for bodies that hold one."""
    personal = {name for name, _ in personal_fields(type(event))}
    envelope = {name: getattr(incoming, name) for name in KEPT_ATTRIBUTES}
    data = {k: v for k, v in msgspec.to_builtins(event).items() if k not in personal}
    for path, value in (*_strings(envelope, ""), *_strings(data, "")):
        if has_identity(value):
            return Refusal(
                "personal_data",
                path,
                "",
                "holds a person's ID number, and this field is stored readable;"
                " send a reference of your own instead",
            )
    return None


def has_identity(text: str) -> bool:
    """Whether a text contains a valid ID number."""
    return any(check_id_number(found.upper()) is None for found in ID_SHAPED.findall(text))
