"""Bad and odd events among good ones: none crashes, each gets its reason, the good ones land."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.event import event_id
from domain.vocabulary import EVENTS
from infra.home import Home
from infra.intake.decode import in_letters
from infra.settings import Settings

BATCHES, ODD = 260, 8
"""260 batches of 8 odd events: 2,080."""

LONG = "很" * 400_000
"""1.2 MB in UTF-8."""
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from([
        "", "\0", "a\0b", "\ud800", "５２９９０１", "2026-02-30", "2026-13-01", "0000-00-00",
        "9999-12-31T23:59:59Z", "null", "529901201503070016", "-1", "1e999", "  ", "\u202e",
        "王小明",
        "../../etc/passwd",
        "'; DROP TABLE stored_events; --", "https://x", "0" * 64, "x" * 200,
    ]),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), TEXTS,
        st.sampled_from([10**400, -1, 0, 1.0, 1e308, float("nan"), float("inf"), LONG]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=8,
)  # fmt: skip
ATTRIBUTES = st.sampled_from([
    "specversion", "id", "source", "type", "time", "subject", "data", "datacontenttype",
    "recordedtime", "actor", "actorrole", "place", "rule", "corrects", "dataschema", "traceparent",
    "data_base64", "Corrects", "extra",
])  # fmt: skip
OWN = [
    name
    for type_ in ("visit.completed.v1", "child.registered.v1")
    for name in EVENTS[type_].__struct_fields__
]
FIELDS = st.one_of(st.sampled_from(OWN), st.sampled_from(OWN), TEXTS)


MOMENTS = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.sampled_from(["2026-02-30T00:00:00Z", "2026-02-01T08:00:00", "2030-01-01T00:00:00Z",
                     "0001-01-01T00:00:00+08:00", "2026-02-01", "２０２６-02-01T08:00:00Z"]),
)  # fmt: skip
TYPED = {
    "time": MOMENTS,
    "recordedtime": MOMENTS,
    "subject": st.one_of(
        TEXTS, st.uuids().map(str), st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True)
    ),
    "corrects": st.one_of(TEXTS, st.uuids().map(str), st.sampled_from(["e1", "child-1"])),
    "id": st.sampled_from(["child-1", "child-2", "e1", "e2"]),
    "place": st.one_of(TEXTS, st.from_regex(r"[0-9]{1,13}", fullmatch=True)),
    "id_number": st.one_of(TEXTS, st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True)),
    "birth_date": st.one_of(TEXTS, st.dates().map(str)),
    "minutes": st.one_of(st.integers(), st.floats()),
    "note": st.one_of(TEXTS, st.just(LONG)),
}  # fmt: skip
"""Values of the right type, more or less."""
ATTRIBUTE_NAMES = {"time", "recordedtime", "subject", "corrects", "id", "place"}


@st.composite
def changed(draw: Any) -> Any:
    """How one good event is spoilt."""
    kind = draw(
        st.sampled_from(
            [*TYPED, "attribute", "field", "drop", "data", "type", "raw", "cut", "deep"]
        )
    )
    if kind in TYPED:
        return "attribute" if kind in ATTRIBUTE_NAMES else "field", kind, draw(TYPED[kind])
    if kind == "attribute":
        return kind, draw(ATTRIBUTES), draw(VALUES)
    if kind == "field":
        return kind, draw(FIELDS), draw(VALUES)
    if kind == "drop":
        return kind, draw(ATTRIBUTES), None
    if kind == "data":
        return kind, "", draw(VALUES)
    if kind == "type":
        return kind, "", draw(st.sampled_from(sorted(EVENTS)))
    if kind == "raw":
        return kind, "", draw(st.binary(max_size=200))
    return kind, "", draw(st.integers(1, 100_000))


def spoilt(body: bytes, change: tuple[str, str, Any]) -> bytes:
    kind, name, value = change
    if kind == "raw":
        return value
    if kind == "cut":
        return body[: value % len(body)]
    if kind == "deep":
        return body[:-1] + b',"extra":' + b"[" * value + b"]" * value + b"}"
    event = json.loads(body)
    if kind == "attribute":
        event[name] = value
    elif kind == "drop":
        event.pop(name, None)
    elif kind == "field":
        event["data"][name] = value
    elif kind == "data":
        event["data"] = value
    else:
        event["type"] = value
    return json.dumps(event, ensure_ascii=bool(len(name) % 2)).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("odd")


def test_two_thousand_odd_events_among_good_ones(county, place):
    batches, outcomes_seen = 0, 0
    codes: Counter[str] = Counter()
    with Home(Settings(place / "home"), clock=lambda: county.now) as home:
        home.intake.submit([county.registration(n) for n in range(1, 4)])

        @settings(
            max_examples=BATCHES, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(
            changes=st.lists(changed(), min_size=ODD, max_size=ODD),
            child=st.integers(1, 5),
        )
        def take_in(changes: list[Any], child: int) -> None:
            nonlocal batches, outcomes_seen
            good = [county.visit(1, note="好"), county.registration(1), county.visit(2)]
            odd = [
                spoilt(county.visit(child) if i % 2 else county.registration(100 + batches), change)
                for i, change in enumerate(changes)
            ]
            bodies = [good[0], *odd, good[1], good[2]]
            outcomes = home.intake.submit(bodies)
            assert len(outcomes) == len(bodies)
            first, *rest, second, third = outcomes
            assert [first.status, second.status, third.status] == [
                "accepted", "duplicate", "accepted",
            ]  # fmt: skip
            for outcome in rest:
                assert outcome.code != "internal_error", outcome
                codes[outcome.code] += 1
                if outcome.status == "rejected":
                    assert outcome.code
                    assert outcome.field
                    assert len(outcome.message) > 10
                    assert len(outcome.value) <= 80
                    assert "王小明" not in str(outcome)
                    assert "529901201503070016" not in str(outcome)
            batches += 1
            outcomes_seen += len(rest)

        take_in()
        assert outcomes_seen >= 2000
        kept = list(home.intake.rejected())
        assert len(kept) > 500
        assert len(codes) > 15, codes
        counts = home.intake.replay()
        assert counts.rejected >= 0
        rows = home.log.rows(0, None, 10**6)
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))


CASES = [
    ({"data": {"by": "director", "child_seen": 1}}, "wrong_type", "child_seen"),
    ({"data": {"by": "ｄirector", "child_seen": True}}, "unknown_value", "by"),
    ({"data": {"by": "director"}}, "missing_field", "child_seen"),
    ({"data": {"by": "director", "child_seen": True, "x": 1}}, "unknown_field", "x"),
    ({"data": {"by": "director", "child_seen": True, "minutes": 30.0}}, "wrong_type", "minutes"),
    ({"data": {"by": "director", "child_seen": True, "minutes": 10**30}}, "wrong_value", "minutes"),
    ({"data": {"by": "director", "child_seen": True, "minutes": 9999}}, "wrong_value", "minutes"),
    (
        {"data": {"by": "director", "child_seen": True, "next_due": "2026-02-30"}},
        "bad_date",
        "next_due",
    ),
    ({"data": {"by": "director", "child_seen": True, "note": LONG}}, "wrong_value", "note"),
    ({"data": {"by": "director", "child_seen": True, "note": "a\0b"}}, "nul_character", "note"),
    ({"data": {"by": "director", "child_seen": True, "checklist": {"health": "bad"}}},
     "unknown_value", "checklist.health"),
    ({"data": {"by": "director", "child_seen": True, "concerns": ["health", "money"]}},
     "unknown_value", "concerns[1]"),
    ({"data": []}, "wrong_type", "data"),
    ({"data": "text"}, "wrong_type", "data"),
    ({"type": "visit.done.v1"}, "unknown_type", "type"),
    ({"specversion": "0.3"}, "unknown_value", "specversion"),
    ({"place": "５２０５２６"}, "wrong_value", "place"),
    ({"actor": "529901201503070016"}, "personal_data", "actor"),
    ({"id": "visit-529901201503070016"}, "personal_data", "id"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "field"), CASES)
def test_each_mistake_has_its_code_its_field_and_a_remedy(county, home, change, code, field):
    home.intake.submit([county.registration(1)])
    (outcome,) = home.intake.submit([county.visit(1, **change)])
    assert (outcome.code, outcome.field) == (code, field), outcome
    assert len(outcome.message) > 10


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"{}" * 2, b'{"a":' * 10_000,
        b"[" * 100_000, b"x" * 5_000_000,
    ],
    ids=lambda body: repr(body[:8]),
)  # fmt: skip
def test_what_is_no_event_at_all_is_kept_under_a_made_up_id(home, body):
    (outcome,) = home.intake.submit([body])
    assert outcome.status == "rejected"
    assert outcome.id.startswith("unreadable:")
    assert outcome.field
    assert [each.id for each in home.intake.rejected()] == [outcome.id]
    assert home.intake.submit([body])[0].id == outcome.id
    (kept,) = home.intake.rejected()
    assert kept.attempts == 2
    assert home.intake.replay().rejected == 1


@pytest.mark.parametrize("digest", [b"\x13\x80\x01\x38\x00\x0a", b"\x52\x99\x01" * 9, b"\x00" * 32])
def test_a_made_up_id_never_looks_like_a_personal_number(digest):
    assert in_letters(digest).isalpha()
    assert len(in_letters(digest)) == 2 * len(digest)


def test_allowed_values_are_named(county, home):
    home.intake.submit([county.registration(1)])
    (outcome,) = home.intake.submit([county.visit(1, data={"by": "主任", "child_seen": True})])
    assert outcome.message == "must be one of: director, supervisor"
    assert "主任" not in str(outcome)


def test_the_event_id_of_an_outcome_is_that_of_the_log(county, home, stored):
    (outcome,) = home.intake.submit([county.registration(1)])
    assert outcome.event_id == event_id(county.source, "child-1")
    assert stored()[0]["eventid"] == str(outcome.event_id)
