"""Workers are appointed and leave; models are approved and retired."""

from __future__ import annotations

from typing import Any

import pytest

from domain.event import NO_CHILD
from domain.model_life import ModelApproved, ModelRetired, ModelShadowed
from domain.terms import WorkerRole
from domain.workforce import WorkerAppointed, WorkerEnded, addition_recommended

DIRECTOR = WorkerAppointed(
    worker_id="w1", role=WorkerRole.DIRECTOR, place="520526100200", weekly_hours=14
)
GONE = WorkerEnded(worker_id="w1")
APPROVED = ModelApproved(model_id="m1", file_hash="abc", approved_by="w1")
RETIRED = ModelRetired(model_id="m1")
SHADOWED = ModelShadowed(model_id="m1", file_hash="abc", shadowed_by="w1")


def test_a_worker_needs_no_child(new_story: Any) -> None:
    story = new_story(child=NO_CHILD)
    story.file = None
    story.given((0, DIRECTOR), (9, GONE), (20, DIRECTOR))


def test_a_worker_is_appointed_and_leaves_in_turn(story: Any) -> None:
    story.when(0, GONE).then_refused("not_appointed", "worker_id")
    story.given((1, DIRECTOR)).when(2, DIRECTOR).then_refused("already_appointed", "worker_id")


def test_a_director_has_a_village_and_a_supervisor_a_township(story: Any) -> None:
    township = WorkerAppointed(
        worker_id="w2", role=WorkerRole.SUPERVISOR, place="520526100", weekly_hours=30
    )
    wrong = WorkerAppointed(
        worker_id="w2", role=WorkerRole.DIRECTOR, place="520526100", weekly_hours=30
    )
    story.when(0, wrong).then_refused("place_level", "place")
    story.given((0, township))


def test_a_model_is_approved_and_retired_in_turn(story: Any) -> None:
    story.when(0, RETIRED).then_refused("not_approved", "model_id")
    story.given((1, APPROVED)).when(2, APPROVED).then_refused("already_approved", "model_id")
    story.given((3, RETIRED), (4, APPROVED))


def test_a_challenger_is_tried_in_shadow_then_approved_or_retired(story: Any) -> None:
    story.given((0, SHADOWED)).when(1, SHADOWED).then_refused("already_scoring", "model_id")
    story.given((2, APPROVED)).when(3, SHADOWED).then_refused("already_scoring", "model_id")
    story.given((4, RETIRED), (5, SHADOWED), (6, RETIRED))
    story.when(7, RETIRED).then_refused("not_approved", "model_id")


@pytest.mark.parametrize(
    ("children", "directors", "advised"),
    [(30, 1, False), (31, 1, True), (60, 2, False), (61, 2, True), (30, 0, False), (31, 0, True)],
)
def test_another_director_is_advised_above_thirty_children_each(
    children: int, directors: int, advised: bool
) -> None:
    assert addition_recommended(children, directors) is advised
