"""docs/features.md: what a model is told of a child, feature by feature, for people to review."""

from __future__ import annotations

from collections.abc import Iterator

from risk.feature import Feature
from risk.features import FEATURES

HEAD = """\
# Features

Generated from `risk/features/` by `make docs`. {count} features of {topics} topics.

Each is made of what was known at the end of a day: what had happened, and was recorded, by then.
Features of one topic speak of the same thing and give one reason together.

- *Direction*: ↑ where more is worse, ↓ where more is better; the model may not learn the opposite.
- *Said*: the sentence a director reads, `{{v}}` is the value. One without it is never a reason.
- *From*: the read models it is made of.

Sex, ethnicity and household register are never features; what else could leak, and what holds it,
stands in [risk-leaks.md](risk-leaks.md).

| name | 名称 | type | topic | direction | said | from |
|---|---|---|---|:-:|---|---|
"""

ARROWS = {1: "↑", -1: "↓", 0: ""}


def page() -> str:
    """The whole page, Markdown."""
    topics = len({each.topic for each in FEATURES})
    return HEAD.format(count=len(FEATURES), topics=topics) + "".join(map(_row, FEATURES))


def _row(each: Feature) -> str:
    sources = sorted({f"`{part.source.table}`" for part in each.parts})
    said = "; ".join(_sentences(each))
    cells = (f"`{each.name}`", each.label, each.kind, each.topic, ARROWS[each.direction], said)
    return f"| {' | '.join((*cells, ', '.join(sources)))} |\n"


def _sentences(each: Feature) -> Iterator[str]:
    """What is said of a value, and of 0."""
    if each.reason:
        yield each.reason + (f"({'、'.join(each.words)})" if each.words else "")
    if each.low:
        yield f"0: {each.low}"
