"""The sentences that may be said of a child, as reviewed: `dictionary.toml`, the one file.

A feature declares a sentence; it is said only as it stands in the dictionary. What is new or has
changed is silent until somebody has reviewed it. `python -m risk.dictionary` shows what waits.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from risk.feature import Feature

FILE = Path(__file__).with_suffix(".toml")


class Sentence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said where a feature is above the usual, and of a 0."""

    reason: str = ""
    low: str = ""


class Remedy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the field can do, and what it makes of the features: set to, or added.

    It is said only where the model's log-odds fall by it.
    """

    topic: str
    text: str
    set: dict[str, float] = msgspec.field(default_factory=dict)
    add: dict[str, float] = msgspec.field(default_factory=dict)


class Dictionary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it. reviewed_by, reviewed_on: who read every sentence, and when."""

    reviewed_by: str
    reviewed_on: date
    note: str
    sentences: dict[str, Sentence]
    remedy: list[Remedy]


@cache
def dictionary() -> Dictionary:
    """The dictionary as it is installed."""
    return msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), Dictionary)


@cache
def digest() -> str:
    """SHA-256 of the dictionary."""
    return hashlib.sha256(FILE.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def said(feature: Feature, value: float) -> str:
    """The reviewed sentence for a child's value; empty: nothing may be said of it."""
    known = dictionary().sentences.get(feature.name, Sentence())
    reviewed = known.low == feature.low if value == 0 else known.reason == feature.reason
    return feature.sentence(value) if reviewed else ""


def remedies(topic: str) -> list[Remedy]:
    """What can be done about a topic."""
    return [each for each in dictionary().remedy if each.topic == topic]


def proposed(features: tuple[Feature, ...]) -> dict[str, Sentence]:
    """The sentences as declared that are not in the dictionary, or differ from it."""
    known = dictionary().sentences
    declared = {f.name: Sentence(reason=f.reason, low=f.low) for f in features}
    return {
        name: each
        for name, each in declared.items()
        if (each.reason or each.low) and known.get(name) != each
    }


def _main() -> None:
    from risk.features import FEATURES  # noqa: PLC0415 - the command alone needs them

    for name, each in proposed(FEATURES).items():
        fields = {"reason": each.reason, "low": each.low}
        inside = ", ".join(f'{key} = "{text}"' for key, text in fields.items() if text)
        sys.stdout.write(f"{name} = {{ {inside} }}\n")


if __name__ == "__main__":
    _main()
