"""What widens a schema never breaks, what narrows it always does, and no break is overlooked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from domain.errors import WrongUsageError
from infra.contracts.narrowing import narrowings, plain, takes

Schema = dict[str, Any]
PATTERNS = ["^[0-9]{2}$", "^[a-z]+$", "^x", "b"]
WORDS = st.sampled_from(["a", "b", "ab", "12", "xyz", "", "34", "2026-03-16"])
NUMBERS = st.integers(-5, 5)


def _without_none(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if value is not None}


def bounded(kind: str, low: str, high: str, least: int = -5) -> st.SearchStrategy[Schema]:
    """A schema of a type with a lower and an upper bound, either of which may be missing."""
    number = st.none() | st.integers(least, 5)
    made = st.fixed_dictionaries({"type": st.just(kind), low: number, high: number})
    return made.map(_without_none).filter(lambda s: s.get(low, -9) <= s.get(high, 9))


texts = st.one_of(
    bounded("string", "minLength", "maxLength", 0),
    st.sampled_from([{"type": "string", "pattern": each} for each in PATTERNS]),
    st.just({"type": "string", "format": "date"}),
    st.just({"type": "string", "minLength": 1, "x-scope": "child"}),
)
numbers = st.one_of(
    bounded("integer", "minimum", "maximum"),
    bounded("number", "exclusiveMinimum", "exclusiveMaximum"),
    bounded("number", "minimum", "exclusiveMaximum"),
    st.sampled_from([{"type": "integer", "multipleOf": each} for each in (1, 2, 4)]),
)
enums = st.lists(WORDS, min_size=1, max_size=4, unique=True).map(lambda some: {"enum": some})
leaves = texts | numbers | enums | st.sampled_from([{"type": "boolean"}, {"type": "null"}])


def optional(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return inner.map(lambda each: {"anyOf": [each, {"type": "null"}]})


def arrays(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.builds(
        lambda bounds, items: {**bounds, "items": items},
        bounded("array", "minItems", "maxItems", 0),
        inner,
    )


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    fields = draw(st.dictionaries(st.sampled_from("pqrs"), inner, min_size=1))
    required = [name for name in fields if draw(st.booleans())]
    closed = draw(st.booleans())
    made: Schema = {"type": "object", "properties": fields, "required": required}
    return made | ({"additionalProperties": False} if closed else {})


trees = st.recursive(
    leaves, lambda inner: optional(inner) | arrays(inner) | objects(inner), max_leaves=6
)
values = st.recursive(
    WORDS | NUMBERS | st.booleans() | st.none() | st.floats(-5, 5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqrst"), inner, max_size=4)
    ),
    max_leaves=6,
)


def nested(schema: Schema) -> Schema:
    """The schema where events have it: a field of a list of structs."""
    struct = {"type": "object", "properties": {"f": schema}, "required": ["f"]}
    items = {"type": "array", "items": struct | {"additionalProperties": False}}
    return {"type": "object", "properties": {"list": {"anyOf": [items, {"type": "null"}]}}}


# --- one mutation after the other: (schemas it applies to, what it makes of one) ----------------

Mutation = tuple[st.SearchStrategy[Schema], Callable[[Schema], Schema]]


def without(*names: str) -> Callable[[Schema], Schema]:
    return lambda schema: {k: v for k, v in schema.items() if k not in names}


def having(**more: Any) -> Callable[[Schema], Schema]:
    return lambda schema: {**schema, **{k.replace("_", "-"): v for k, v in more.items()}}


def moved(name: str, by: int) -> Callable[[Schema], Schema]:
    return lambda schema: {**schema, name: schema[name] + by}


def field(schema: Schema, name: str, value: Schema) -> Schema:
    return {**schema, "properties": {**schema["properties"], name: value}}


def lacking(schema: Schema) -> Schema:
    name, *_ = schema["properties"]
    fields = {k: v for k, v in schema["properties"].items() if k != name}
    required = [each for each in schema["required"] if each != name]
    return {**schema, "properties": fields, "required": required}


patterned = st.sampled_from([{"type": "string", "pattern": each} for each in PATTERNS])
integers = st.just({"type": "integer", "minimum": 0, "maximum": 100})
lengths = st.just({"type": "string", "minLength": 2, "maxLength": 9})
lists = st.just({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 4})
structs = objects(leaves)
closed = structs.map(having(additionalProperties=False))
several = enums.filter(lambda schema: len(schema["enum"]) > 1)

WIDER: dict[str, Mutation] = {
    "words alone change": (trees, having(title="other", description="words")),
    "may be null": (trees, lambda each: {"anyOf": [each, {"type": "null"}]}),
    "a new enum value": (enums, lambda each: {"enum": [*each["enum"], "new"]}),
    "any text for an enum": (enums, lambda each: {"type": "string"}),
    "an optional field": (structs, lambda each: field(each, "new", {"type": "integer"})),
    "an optional field with a default": (
        structs, lambda each: field(each, "new", {"type": "integer", "default": 3})),
    "a field that need not be": (structs, having(required=[])),
    "fields that are not named": (closed, without("additionalProperties")),
    "anything": (trees, lambda each: {} if "x-scope" not in str(each) else each),
    "a number for an integer": (integers, having(type="number")),
    "a smaller minimum": (integers, moved("minimum", -1)),
    "no minimum": (integers, without("minimum")),
    "a larger maximum": (integers, moved("maximum", 1)),
    "no maximum": (integers, without("maximum")),
    "an exclusive bound below": (
        integers, lambda each: {**without("minimum")(each), "exclusiveMinimum": -1}),
    "halves of a step": (st.just({"type": "integer", "multipleOf": 4}), having(multipleOf=2)),
    "shorter text": (lengths, moved("minLength", -1)),
    "longer text": (lengths, moved("maxLength", 1)),
    "no length": (lengths, without("minLength", "maxLength")),
    "no pattern": (patterned, without("pattern")),
    "another pattern beside": (
        patterned, lambda each: {**each, "pattern": each["pattern"] + "|^more$"}),
    "no format": (st.just({"type": "string", "format": "date"}), without("format")),
    "fewer items": (lists, moved("minItems", -1)),
    "more items": (lists, moved("maxItems", 1)),
}  # fmt: skip

NARROWER: dict[str, Mutation] = {
    "a field is gone": (structs, lacking),
    "a field must be": (
        structs, lambda each: field(each, "new", {}) | {"required": [*each["required"], "new"]}),
    "an old field must be": (
        structs.filter(lambda each: not each["required"]),
        lambda each: {**each, "required": [next(iter(each["properties"]))]}),
    "fields that are not named are refused": (
        structs.map(without("additionalProperties")), having(additionalProperties=False)),
    "null is refused": (
        optional(leaves.filter(lambda each: each.get("type") != "null")),
        lambda each: each["anyOf"][0]),
    "an enum value is gone": (several, lambda each: {"enum": each["enum"][1:]}),
    "an enum for any text": (st.just({"type": "string"}), lambda _: {"enum": ["a", "b"]}),
    "a type for anything": (st.just({}), having(type="string")),
    "an integer for a number": (st.just({"type": "number"}), having(type="integer")),
    "a number for text": (texts, lambda _: {"type": "number"}),
    "a larger minimum": (integers, moved("minimum", 1)),
    "a new minimum": (integers.map(without("minimum")), having(minimum=-(10**9))),
    "a minimum that is excluded": (
        integers, lambda each: {**without("minimum")(each), "exclusiveMinimum": 0}),
    "a smaller maximum": (integers, moved("maximum", -1)),
    "a new maximum": (integers.map(without("maximum")), having(maximum=10**9)),
    "a step": (integers, having(multipleOf=5)),
    "text that is longer at least": (lengths, moved("minLength", 1)),
    "text that is shorter at most": (lengths, moved("maxLength", -1)),
    "a new length": (lengths.map(without("maxLength")), having(maxLength=50)),
    "a pattern": (lengths, having(pattern="^[a-z]*$")),
    "another pattern": (patterned, having(pattern="^[5-9]$")),
    "a format": (lengths, having(format="date")),
    "another format": (st.just({"type": "string", "format": "date"}), having(format="date-time")),
    "more items at least": (lists, moved("minItems", 1)),
    "fewer items at most": (lists, moved("maxItems", -1)),
    "narrower items": (lists, having(items={"type": "integer", "minimum": 0})),
    "encrypted from now on": (lengths, having(x_scope="child")),
    "readable from now on": (lengths.map(having(x_scope="child")), without("x-scope")),
    "under another key": (lengths.map(having(x_scope="child")), having(x_scope="reporter")),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDER)
@given(data=st.data())
@settings(max_examples=25)
def test_what_widens_breaks_nothing(name: str, data: st.DataObject) -> None:
    schemas, mutate = WIDER[name]
    old = data.draw(schemas)
    assert narrowings(plain(old), plain(mutate(old)), "x") == []
    assert narrowings(plain(nested(old)), plain(nested(mutate(old))), "x") == []


@pytest.mark.parametrize("name", NARROWER)
@given(data=st.data())
@settings(max_examples=25)
def test_what_narrows_is_always_told_with_its_place(name: str, data: st.DataObject) -> None:
    schemas, mutate = NARROWER[name]
    old = data.draw(schemas)
    assert narrowings(plain(old), plain(mutate(old)), "x")
    found = narrowings(plain(nested(old)), plain(nested(mutate(old))), "visit.completed.v1")
    assert found
    assert all(each.startswith("visit.completed.v1.list[].f") for each in found)


@given(trees)
def test_nothing_changed_breaks_nothing(schema: Schema) -> None:
    assert narrowings(plain(schema), plain(schema), "x") == []


def of(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that a schema takes, or nearly: where it doesn't, the test passes over them."""
    if "anyOf" in schema:
        return st.one_of([of(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        fields = {name: of(each) for name, each in schema["properties"].items()}
        needed = {name: fields.pop(name) for name in schema["required"]}
        return st.fixed_dictionaries(needed, optional=fields)
    if kind == "array":
        least = schema.get("minItems", 0)
        most = min(least + 2, schema.get("maxItems", 9))
        return st.lists(of(schema["items"]), min_size=least, max_size=most)
    if kind == "string":
        return st.from_regex(schema["pattern"]) if "pattern" in schema else WORDS
    return {"null": st.none(), "boolean": st.booleans()}.get(kind, NUMBERS)


@st.composite
def edited(draw: st.DrawFn, schema: Schema) -> Schema:
    """The schema with something changed at one place, for better or worse."""
    if "anyOf" in schema and draw(st.booleans()):
        first, *rest = schema["anyOf"]
        return {"anyOf": [draw(edited(first)), *rest[: draw(st.integers(0, 1))]]}
    if schema.get("properties") and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(schema["properties"])))
        return field(schema, name, draw(edited(schema["properties"][name])))
    if "items" in schema and draw(st.booleans()):
        return {**schema, "items": draw(edited(schema["items"]))}
    _, mutate = (WIDER | NARROWER)[draw(st.sampled_from(sorted(WIDER | NARROWER)))]
    try:
        return mutate(schema)
    except (KeyError, ValueError):
        return draw(trees)


def test_a_limit_beside_a_choice_is_seen() -> None:
    new = {"enum": ["a"], "pattern": "^[5-9]$"}
    assert narrowings({"enum": ["a"]}, new, "x") == ["x: the value 'a' is gone"]


@given(data=st.data(), old=trees)
@settings(max_examples=500)
def test_where_no_break_is_told_whatever_was_valid_still_is(
    data: st.DataObject, old: Schema
) -> None:
    value = data.draw(of(old))
    new = data.draw(edited(old))
    if narrowings(old, new, "x") or not Draft202012Validator(old).is_valid(value):
        return
    assert Draft202012Validator(new).is_valid(value)


@given(data=st.data(), value=values)
@settings(max_examples=300)
def test_a_value_taken_before_a_widening_is_taken_after_it(data: st.DataObject, value: Any) -> None:
    schemas, mutate = WIDER[data.draw(st.sampled_from(sorted(WIDER)))]
    old = data.draw(schemas)
    if Draft202012Validator(old).is_valid(value):
        assert Draft202012Validator(mutate(old)).is_valid(value)


@given(
    leaves.filter(lambda each: "format" not in each), WORDS | NUMBERS | st.booleans() | st.none()
)
def test_a_plain_value_is_taken_as_a_validator_would(schema: Schema, value: Any) -> None:
    assert takes(schema, value) == Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "value", "taken"),
    [
        ({"type": "integer", "minimum": 3}, 3, True),
        ({"type": "integer", "minimum": 3}, 2, False),
        ({"type": "number", "exclusiveMinimum": 3}, 3, False),
        ({"type": "number", "exclusiveMaximum": 3}, 3, False),
        ({"type": "integer", "maximum": 3}, 3, True),
        ({"enum": [1]}, True, False),
        ({"enum": [True]}, 1, False),
        ({"const": "a"}, "a", True),
        ({"type": "boolean"}, True, True),
        ({"type": "integer"}, True, False),
        ({"type": "string", "enum": ["a", "b"], "maxLength": 0}, "a", False),
        ({"type": "string", "format": "date"}, "2026-03-16", False),
    ],
)
def test_a_bound_is_met_exactly(schema: Schema, value: Any, taken: bool) -> None:
    assert takes(schema, value) is taken


def test_references_are_filled_in_and_words_left_out() -> None:
    schema = {
        "title": "T",
        "properties": {"a": {"$ref": "#/$defs/E", "default": "x"}},
        "$defs": {"E": {"enum": ["x"], "x-labels": {"x": "一"}}},
    }
    assert plain(schema) == {"properties": {"a": {"enum": ["x"], "default": "x"}}}


def test_a_field_that_is_named_like_a_word_is_kept() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string", "title": "T"}}}
    assert plain(schema) == {"type": "object", "properties": {"title": {"type": "string"}}}


def test_a_schema_that_holds_itself_is_refused() -> None:
    schema = {"$ref": "#/$defs/N", "$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}}}}}
    with pytest.raises(WrongUsageError, match="N holds itself"):
        plain(schema)


def test_another_default_is_told_for_old_events_that_left_the_field_out() -> None:
    old = {"type": "object", "properties": {"n": {"type": "integer", "default": 0}}}
    new = {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}
    assert narrowings(old, new, "t") == ["t.n: left out it meant 0, and means 1 now"]


def test_dictionaries_and_tuples_are_compared_too() -> None:
    numbers = {"type": "object", "additionalProperties": {"type": "number"}}
    whole = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert narrowings(whole, numbers, "t") == []
    assert narrowings(numbers, whole, "t") == ["t.*: was number, and is integer now"]
    pair = {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
    }
    wider = {**pair, "prefixItems": [{"type": "string"}, {"type": "number"}]}
    assert narrowings(pair, wider, "t") == []
    assert narrowings(wider, pair, "t") == ["t[1]: was number, and is integer now"]
    assert narrowings(pair, {**pair, "prefixItems": []}, "t")
    assert narrowings(without("items")(pair), pair, "t") == ["t: takes no further items now"]
