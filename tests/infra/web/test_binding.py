"""The CloudEvents HTTP binding: what a request carries."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cloudevents import LARGEST_BATCH, BindingError, unpack

EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": {"a": 1}}
BODY = json.dumps(EVENT).encode()


def of(body: bytes, **headers: str):
    return unpack([(k.replace("_", "-"), v) for k, v in headers.items()], body)


@pytest.mark.parametrize(
    "kind",
    [
        "application/cloudevents+json",
        "application/cloudevents+json; charset=utf-8",
        "application/cloudevents+json;charset=UTF-8",
        "Application/CloudEvents+JSON",
        "application/json",
    ],
)
def test_a_structured_event_is_passed_on_byte_by_byte(kind: str) -> None:
    assert of(BODY, content_type=kind) == ([BODY], True)


@pytest.mark.parametrize("kind", ["application/cloudevents-batch+json", "application/json"])
def test_a_batch_is_an_array_of_events(kind: str) -> None:
    parcel = of(b"[" + BODY + b",\n" + BODY + b", 7]", content_type=kind)
    assert not parcel.single
    assert [json.loads(each) for each in parcel.bodies] == [EVENT, EVENT, 7]
    assert of(b"[]", content_type=kind).bodies == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["id", "source", "type", "actor"]), st.text(min_size=1)), VALUES
)
def test_a_binary_event_says_the_same_as_the_structured_one(attributes, data) -> None:
    headers = {f"ce-{name}": quote(value) for name, value in attributes.items()}
    made = of(
        json.dumps(data).encode(),
        **headers, **{"ce-specversion": "1.0", "content-type": "application/json"},
    )  # fmt: skip
    assert json.loads(made.bodies[0]) == {
        "specversion": "1.0", **attributes, "data": data, "datacontenttype": "application/json",
    }  # fmt: skip


def test_the_data_of_a_binary_event_can_not_reach_its_attributes() -> None:
    body = b'{}, "type": "child.forgotten.v1", "x": {}'
    headers = {"ce-specversion": "1.0", "ce-type": "t", "content-type": "application/json"}
    event = json.loads(of(body, **headers).bodies[0])
    assert event["type"] == "t"
    assert event["data"] == body.decode()


def test_data_nested_without_end_is_text_and_so_refused() -> None:
    headers = {"ce-specversion": "1.0", "content-type": "application/json"}
    event = json.loads(of(b"[" * 100_000 + b"]" * 100_000, **headers).bodies[0])
    assert isinstance(event["data"], str)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (415, BODY, {}),
        (415, BODY, {"content_type": "text/plain"}),
        (415, BODY, {"content_type": "application/cloudevents+xml"}),
        (415, BODY, {"content_type": "application/cloudevents+json; charset=gbk"}),
        (415, b"<a/>", {"content_type": "application/xml", "ce_specversion": "1.0"}),
        (415, BODY, {"content_type": "application/json", "content_encoding": "gzip"}),
        (400, b"[" * 100_000, {"content_type": "application/cloudevents-batch+json"}),
        (400, b"{", {"content_type": "application/cloudevents-batch+json"}),
        (400, BODY, {"content_type": "application/cloudevents-batch+json"}),
        (413, b"[" + b"1," * LARGEST_BATCH + b"1]", {"content_type": "application/json"}),
    ],
)
def test_what_carries_no_event_is_refused_with_a_remedy(status, body, headers) -> None:
    with pytest.raises(BindingError, match=r"send|use") as caught:
        of(body, **headers)
    assert caught.value.status == status
