"""Are all groups of children served? Of those who needed it, how many would have been reached.

Groups are told by what is written in the file. Sex and ethnicity are never features (a test);
whether the features give them away all the same is told by risk/proxies.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from risk.capacity import Mask
from risk.counting import Counts, Draws, Interval, Places, interval, ratio
from risk.matrix import Matrix, Scores

CATEGORIES = {
    "left_behind": "农村留守儿童",
    "poverty": "家庭贫困",
    "de_facto": "事实无人抚养或孤儿",
}
AGES = ((0, 6), (6, 12), (12, 16), (16, 18))
HAN = "01"
UNTOLD = ("", "not_collected")
LEAST_POSITIVES = 20
"""A group with fewer yeses says nothing: it is listed, and takes no part in the difference."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One group of children over all test dates.

    recall      found of positives; None: none
    expected    the sum of the model's probabilities; over_expected: seen ÷ expected
    """

    by: str
    group: str
    children: int
    positives: int
    selected: int
    found: int
    recall: float | None
    interval: Interval | None = None
    expected: float = 0.0
    over_expected: float | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Equal opportunity: the best served group's recall less the worst served one's."""

    by: str
    difference: float
    interval: Interval
    best: str
    worst: str


class Proxy(msgspec.Struct, frozen=True, kw_only=True):
    """How well the features tell an attribute that is none of them: AUC, 0.5 = not at all."""

    attribute: str
    auc: float


def groups(matrix: Matrix, chosen: Mask, scores: Scores | None = None) -> list[Group]:
    """Recall at capacity of every group; with scores, seen over expected too."""
    places = Places.of(matrix)
    draws = Draws(len(places.names))
    return [
        _group(by, name, matrix, chosen, member, scores, places, draws)
        for by, name, member in members(matrix)
    ]


def differences(matrix: Matrix, chosen: Mask) -> list[Difference]:
    """For each attribute, the gap between its best and its worst served group."""
    places = Places.of(matrix)
    draws, positive = Draws(len(places.names)), _positive(matrix)
    attributes: dict[str, dict[str, tuple[Counts, Counts]]] = {}
    for by, name, member in members(matrix):
        needed = places.count(positive & member).sum(axis=1)
        found = places.count(positive & member & chosen).sum(axis=1)
        if needed.sum() >= LEAST_POSITIVES:
            attributes.setdefault(by, {})[name] = (found, needed)
    return [_difference(by, each, draws) for by, each in attributes.items() if len(each) > 1]


def _difference(by: str, counts: dict[str, tuple[Counts, Counts]], draws: Draws) -> Difference:
    recall = {name: float(found.sum() / needed.sum()) for name, (found, needed) in counts.items()}
    best, worst = max(recall, key=recall.__getitem__), min(recall, key=recall.__getitem__)
    drawn = {name: ratio(draws.of(f), draws.of(n)) for name, (f, n) in counts.items()}
    return Difference(
        by=by,
        difference=recall[best] - recall[worst],
        interval=interval(drawn[best] - drawn[worst]),
        best=best,
        worst=worst,
    )


def members(matrix: Matrix) -> Iterator[tuple[str, str, Mask]]:
    """(attribute, group, who belongs to it). A group that nothing is recorded of is left out."""
    sex = matrix.text("sex")
    yield "sex", "男", sex == "male"
    yield "sex", "女", sex == "female"
    age = matrix.column("age")
    for least, below in AGES:
        yield "age", f"{least}–{below - 1}岁", (age >= least) & (age < below)
    for name, label in CATEGORIES.items():
        yield "category", label, matrix.column(name) > 0
    disabled = matrix.column("disability") > 0
    yield "disability", "残疾", disabled
    yield "disability", "无残疾", ~disabled
    boards = matrix.column("boarding") > 0
    yield "boarding", "寄宿", boards
    yield "boarding", "不寄宿", ~boards
    prefecture = np.array([code[:4] for code in matrix.text("village_code")], np.object_)
    for each in sorted(set(prefecture)):
        yield "prefecture", each, prefecture == each
    if "ethnicity" in matrix.keys.column_names:
        ethnicity = matrix.text("ethnicity")
        recorded = ~np.isin(ethnicity, UNTOLD)
        if recorded.any():
            yield "ethnicity", "汉族", recorded & (ethnicity == HAN)
            yield "ethnicity", "少数民族", recorded & (ethnicity != HAN)


def _positive(matrix: Matrix) -> Mask:
    yes: Mask = matrix.label.astype(np.bool_) & matrix.seen
    return yes


def _group(  # noqa: PLR0917 - one row of the table
    by: str,
    name: str,
    matrix: Matrix,
    chosen: Mask,
    member: Mask,
    scores: Scores | None,
    places: Places,
    draws: Draws,
) -> Group:
    positive = _positive(matrix) & member
    positives, found = int(positive.sum()), int((positive & chosen).sum())
    expected = float(scores[member & matrix.seen].sum()) if scores is not None else 0.0
    drawn = None
    if positives >= LEAST_POSITIVES:
        needed = places.count(positive).sum(axis=1)
        drawn = interval(
            ratio(draws.of(places.count(positive & chosen).sum(axis=1)), draws.of(needed))
        )
    return Group(
        by=by,
        group=name,
        children=int(member.sum()),
        positives=positives,
        selected=int((member & chosen).sum()),
        found=found,
        recall=found / positives if positives else None,
        interval=drawn,
        expected=expected,
        over_expected=positives / expected if expected else None,
    )
