"""A list of names, written as one text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """`"a b"` → {a, b}."""
    return frozenset(text.split())
