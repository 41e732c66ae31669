"""A line of a list says whether it is a visit or a call, and why: true, and in few words."""

from __future__ import annotations

import msgspec
import pytest

from domain.event import current
from domain.foresight import ChildListed, ListedFor
from domain.list_line import EXTRA, RAISED, SELECTIONS, ListLine


@pytest.mark.parametrize(
    ("stored", "task", "why", "selection"),
    [
        (("overdue_visit", "duty", "visit", ""), "上门", ["走访逾期"], "duty"),
        (("overdue_contact", "duty", "contact", ""), "电话联系", ["联系逾期"], "other"),
        (
            ("overdue_contact", "duty", "visit", "risk"),
            "上门",
            ["联系逾期", "因风险改上门"],
            "risk",
        ),
        (
            ("due_contact", "duty", "visit", "random"),
            "上门",
            ["联系到期", "随机抽中改上门"],
            "random",
        ),
        (("due_contact", "due_order", "contact", ""), "电话联系", ["提前联系"], "other"),
        (("due_visit", "due_order", "visit", ""), "上门", ["提前走访"], "duty"),
        (("none", "risk", "visit", ""), "上门", ["风险优先"], "risk"),
        (("none", "request", "visit", ""), "上门", ["求助"], "request"),
        (("overdue_visit", "request", "visit", ""), "上门", ["求助", "走访逾期"], "request"),
        (("none", "unseen", "visit", ""), "上门", ["久未见到本人"], "other"),
        # of lists that did not say
        (("overdue_contact", "duty", "", ""), None, ["联系逾期"], "duty"),
        (("due_contact", "due_order", "", ""), None, ["提前联系"], "duty"),
        (("none", "", "", ""), None, ["优先走访"], "other"),
    ],
)
def test_a_line_says_visit_or_call_and_why(
    stored: tuple[str, str, str, str], task: str | None, why: list[str], selection: str
) -> None:
    line = ListLine.stored(*stored)
    assert (line.task.label if line.task else None) == task
    assert [each.label for each in line.why] == why
    assert line.selection.value == selection


def test_every_reason_for_a_place_has_its_words_and_the_reason_of_its_visit() -> None:
    assert set(RAISED) == set(SELECTIONS) == set(ListedFor)


def test_duty_and_requests_are_no_extra_visits() -> None:
    assert {SELECTIONS[each] in EXTRA for each in (ListedFor.DUTY, ListedFor.REQUEST)} == {False}
    assert SELECTIONS[ListedFor.RISK] in EXTRA


def test_a_line_of_a_list_that_did_not_say_is_read_as_it_was_stored() -> None:
    stored = {"week": "2026-W12", "village_code": "520526100200", "worker_id": "example-1",
              "rank": 1, "duty": "overdue_visit", "score": None, "reasons": []}  # fmt: skip
    _, data = current(ChildListed.TYPE, stored)
    line = msgspec.convert(data, ChildListed)
    assert (line.task, line.raised_for) == (None, None)
