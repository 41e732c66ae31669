"""Are all groups of children served? Of those who needed it, how many would have been reached."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from risk.capacity import Mask
from risk.matrix import Matrix

CATEGORIES = {
    "left_behind": "农村留守儿童",
    "poverty": "家庭贫困",
    "de_facto": "事实无人抚养或孤儿",
    "disability": "身有残疾",
}
AGES = ((0, 6), (6, 12), (12, 16), (16, 18))


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One group of children over all test dates. recall: found of positives; None: none."""

    by: str
    group: str
    children: int
    positives: int
    selected: int
    found: int
    recall: float | None


def groups(matrix: Matrix, chosen: Mask) -> list[Group]:
    """Recall at capacity by sex, age band and category."""
    return [_group(by, name, matrix, chosen, member) for by, name, member in _members(matrix)]


def _members(matrix: Matrix) -> Iterator[tuple[str, str, Mask]]:
    sex = matrix.text("sex")
    yield "sex", "男", sex == "male"
    yield "sex", "女", sex == "female"
    age = matrix.column("age")
    for least, below in AGES:
        yield "age", f"{least}–{below - 1}岁", (age >= least) & (age < below)
    for name, label in CATEGORIES.items():
        yield "category", label, matrix.column(name) > 0


def _group(by: str, name: str, matrix: Matrix, chosen: Mask, member: Mask) -> Group:
    positive = matrix.label.astype(np.bool_) & member
    positives, found = int(positive.sum()), int((positive & chosen).sum())
    return Group(
        by=by,
        group=name,
        children=int(member.sum()),
        positives=positives,
        selected=int((member & chosen).sum()),
        found=found,
        recall=found / positives if positives else None,
    )
