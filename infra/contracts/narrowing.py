"""Whether one JSON Schema takes all that another one takes, and where it does not.

Judged keyword by keyword on plain trees (`plain`). What can't be shown to be wider counts as
narrower, such as another regular expression. It covers the keywords that msgspec writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.errors import WrongUsageError

Schema = Mapping[str, Any]

MARKS = ("x-stream", "x-key", "x-about-child", "x-internal")
"""Of an event type: in which stream its events lie, and who may send it."""

KEPT = {
    "type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items",
    "prefixItems", "minItems", "maxItems", "minProperties", "maxProperties", "minLength",
    "maxLength", "pattern", "format", "contentEncoding", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "default", "x-scope", *MARKS,
}  # fmt: skip
"""What decides which values are taken and how they are read. All else is words."""

LEAST = ("minLength", "minItems", "minProperties")
MOST = ("maxLength", "maxItems", "maxProperties")
OF_OBJECTS = {"properties", "required", "additionalProperties"}
OF_ARRAYS = {"items", "prefixItems"}
CHOICES = ("anyOf", "enum", "const")
BESIDE = ("default", "x-scope", *MARKS)
"""What may stand beside a choice and limits no values."""

CASES = ("format", "contentEncoding")

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
    "null": (type(None),), "array": (list,), "object": (dict,),
}  # fmt: skip


def plain(schema: Schema) -> dict[str, Any]:
    """A schema as one tree: references filled in, words left out. Raises WrongUsageError."""
    made: dict[str, Any] = _plain(schema, schema.get("$defs", {}), ())
    return made


def narrowings(old: Schema, new: Schema, where: str) -> list[str]:
    """Each way in which `new` takes or reads less than `old`, both plain. Empty: it takes all."""
    parts = _parts(new)
    if len(parts) > 1:
        return [each for part in parts for each in narrowings(old, part, where)]
    if "anyOf" in old:
        return [each for option in old["anyOf"] for each in narrowings(option, new, where)]
    if "enum" in old or "const" in old:
        gone = [value for value in _values(old) if not takes(new, value)]
        return [f"{where}: the value {value!r} is gone" for value in gone]
    if "anyOf" in new:
        return _closest(old, new["anyOf"], where)
    return [*_scope(old, new, where), *_narrower(old, new, where)]


def takes(schema: Schema, value: Any) -> bool:
    """Whether a plain schema takes one plain value: text, a number, a boolean or nothing.

    Text in a `format` is not looked into: then it says no.
    """
    parts = _parts(schema)
    if len(parts) > 1:
        return all(takes(part, value) for part in parts)
    if "anyOf" in schema:
        return any(takes(option, value) for option in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return any(_same(each, value) for each in _values(schema))
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        return False
    if isinstance(value, str):
        return _text_fits(schema, value)
    return (
        not isinstance(value, int | float) or isinstance(value, bool) or _number_fits(schema, value)
    )


def _is(value: Any, kind: str) -> bool:
    """Whether a value is of a JSON type; True is no number."""
    is_boolean = isinstance(value, bool)
    return isinstance(value, PYTHON_TYPES[kind]) and is_boolean == (kind == "boolean")


# --- one keyword after the other --------------------------------------------------------------


def _narrower(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = old.get("type"), new.get("type")
    if "enum" in new or "const" in new:
        if not (before == "boolean" and takes(new, True) and takes(new, False)):
            yield f"{where}: only {_listed(_values(new))} are taken now"
        return
    if after not in (None, before) and (before, after) != ("integer", "number"):
        yield f"{where}: was {before or 'anything'}, and is {after} now"
        return
    yield from _range(old, new, where)
    yield from _sizes(old, new, where)
    yield from _form(old, new, where)
    if after == "object" or new.keys() & OF_OBJECTS:
        yield from _fields(old, new, where)
    if after == "array" or new.keys() & OF_ARRAYS:
        yield from _items(old, new, where)


def _scope(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = old.get("x-scope"), new.get("x-scope")
    if before != after:
        yield f"{where}: old events hold it {_secrecy(before)}, and {_secrecy(after)} is read now"


def _secrecy(scope: str | None) -> str:
    return "as plain text" if scope is None else f"encrypted ({scope})"


def _range(old: Schema, new: Schema, where: str) -> Iterator[str]:
    low, lower = _lower(old), _lower(new)
    if lower is not None and (low is None or lower > low):
        yield f"{where}: the smallest number rose to {lower[0]}"
    high, higher = _upper(old), _upper(new)
    if higher is not None and (high is None or higher < high):
        yield f"{where}: the largest number fell to {higher[0]}"
    step, now = old.get("multipleOf"), new.get("multipleOf")
    if now is not None and (step is None or step % now):
        yield f"{where}: only multiples of {now} are taken now"


def _lower(schema: Schema) -> tuple[float, int] | None:
    """(the bound, 1 where it is itself excluded): the larger, the tighter."""
    bounds = [(schema["minimum"], 0)] if "minimum" in schema else []
    bounds += [(schema["exclusiveMinimum"], 1)] if "exclusiveMinimum" in schema else []
    return max(bounds, default=None)


def _upper(schema: Schema) -> tuple[float, int] | None:
    """(the bound, -1 where it is itself excluded): the smaller, the tighter."""
    bounds = [(schema["maximum"], 0)] if "maximum" in schema else []
    bounds += [(schema["exclusiveMaximum"], -1)] if "exclusiveMaximum" in schema else []
    return min(bounds, default=None)


def _sizes(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for name in LEAST:
        if new.get(name, 0) > old.get(name, 0):
            yield f"{where}: {name} rose to {new[name]}"
    for name in MOST:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{where}: {name} fell to {new[name]}"


def _form(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for name in CASES:
        if name in new and new[name] != old.get(name):
            yield f"{where}: {name} is {new[name]} now"
    if "pattern" in new and not _wider_pattern(old.get("pattern"), new["pattern"]):
        yield f"{where}: the pattern is {new['pattern']} now, which can't be shown to be wider"


def _wider_pattern(old: str | None, new: str) -> bool:
    """The same, or the same with an alternative at its end: `old|more`."""
    return old is not None and (new == old or new.startswith(f"{old}|"))


def _fields(old: Schema, new: Schema, where: str) -> Iterator[str]:
    fields, now = old.get("properties", {}), new.get("properties", {})
    for name, schema in fields.items():
        if name not in now:
            yield f"{where}.{name}: the field is gone"
            continue
        yield from narrowings(schema, now[name], f"{where}.{name}")
        yield from _default(schema, now[name], f"{where}.{name}")
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield f"{where}.{name}: is required now"
    yield from _others(old.get("additionalProperties", True), new, where)


def _default(old: Schema, new: Schema, where: str) -> Iterator[str]:
    """An event that left the field out must go on meaning the same."""
    if "default" in old and "default" in new and not _same(old["default"], new["default"]):
        yield f"{where}: left out it meant {old['default']!r}, and means {new['default']!r} now"


def _others(others: Any, new: Schema, where: str) -> Iterator[str]:
    """Fields that are not named."""
    now = new.get("additionalProperties", True)
    if others is False or now is True:
        return
    if now is False:
        yield f"{where}: other fields than those named are refused now"
    else:
        yield from narrowings({} if others is True else others, now, f"{where}.*")


def _items(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = old.get("prefixItems", []), new.get("prefixItems", [])
    if len(before) != len(after):
        yield f"{where}: had {len(before)} fixed places, and has {len(after)} now"
        return
    for place, pair in enumerate(zip(before, after, strict=True)):
        yield from narrowings(*pair, f"{where}[{place}]")
    further, now = old.get("items", True), new.get("items", True)
    if further is False or now is True:
        return
    if now is False:
        yield f"{where}: takes no further items now"
    else:
        yield from narrowings({} if further is True else further, now, f"{where}[]")


def _closest(old: Schema, options: Sequence[Schema], where: str) -> list[str]:
    """The breaks against the alternative that takes most, of the same type if there is one."""
    tries = [
        (each.get("type") != old.get("type"), narrowings(old, each, where)) for each in options
    ]
    if any(not found for _, found in tries):
        return []
    return min(tries, key=lambda each: (each[0], len(each[1])))[1]


def _parts(schema: Schema) -> list[Schema]:
    """A schema as parts that must all hold: a choice, and what stands beside it."""
    choices = [name for name in CHOICES if name in schema]
    limits = schema.keys() - {*CHOICES, *BESIDE}
    if not choices or len(choices) + bool(limits) == 1:
        return [schema]
    beside = {name: schema[name] for name in BESIDE if name in schema}
    parts: list[Schema] = [{name: schema[name], **beside} for name in choices]
    rest = {name: value for name, value in schema.items() if name not in CHOICES}
    return [*parts, rest] if limits else parts


# --- values -----------------------------------------------------------------------------------


def _values(schema: Schema) -> list[Any]:
    return list(schema["enum"]) if "enum" in schema else [schema["const"]]


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(repr, values)) or "no values"


def _same(one: Any, other: Any) -> bool:
    """True and 1 are not the same."""
    return type(one) is type(other) and bool(one == other)


def _text_fits(schema: Schema, text: str) -> bool:
    if any(name in schema for name in CASES):
        return False
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        return False
    return "pattern" not in schema or re.search(schema["pattern"], text) is not None


def _number_fits(schema: Schema, number: float) -> bool:
    low, high = _lower(schema), _upper(schema)
    if low is not None and (number, 0) < low:
        return False
    if high is not None and (number, 0) > high:
        return False
    return "multipleOf" not in schema or not number % schema["multipleOf"]


# --- references -------------------------------------------------------------------------------


def _plain(schema: Any, known: Schema, above: tuple[str, ...]) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    if name in above:
        raise WrongUsageError(f"schema: {name} holds itself; write a list of flat items instead")
    if name:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return _plain({**known[name], **beside}, known, (*above, name))
    made = {key: value for key, value in schema.items() if key in KEPT}
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = _plain(made[key], known, above)
    for key in ("anyOf", "prefixItems"):
        if key in made:
            made[key] = [_plain(each, known, above) for each in made[key]]
    if "properties" in made:
        fields = made["properties"].items()
        made["properties"] = {field: _plain(each, known, above) for field, each in fields}
    return made
