"""An INSERT whose data follows it: where the statement ends and the data begins."""

from __future__ import annotations

import re

import msgspec

HEAD = 256 * 1024
"""A statement lies within the first so many bytes (ClickHouse: max_query_size)."""

_PIECE = re.compile(
    rb"\s+|--[^\n]*|/\*(?:.*?\*/|.*)|'(?:[^'\\]|\\.|'')*'?|`(?:[^`\\]|\\.|``)*`?"
    rb"|\"(?:[^\"\\]|\\.|\"\")*\"?|\w+|.",
    re.DOTALL,
)
_BLANK = re.compile(rb"(?:\s+|--[^\n]*|/\*.*?\*/)*", re.DOTALL)
_FORMAT_NAME = re.compile(rb"(?:\s|--[^\n]*\n|/\*.*?\*/)+(\w+)[ \t\f]*\r?\n?", re.DOTALL)
_NO_DATA = frozenset({b"SELECT", b"WITH", b"FROM", b"EXPLAIN"})


class InsertHead(msgspec.Struct, frozen=True):
    """`INSERT INTO t (a)`, `SETTINGS …` if any, the format, and where the data begins."""

    target: str
    settings: str
    form: str
    data_at: int

    def from_file(self, path: str) -> str:
        """The statement that reads the data from a file."""
        return f"{self.target} FROM INFILE '{path}' {self.settings} FORMAT {self.form}"


def inserts(head: bytes) -> bool:
    """Whether a text begins as an INSERT does."""
    at = len(_BLANK.match(head)[0])  # type: ignore[index]  # it matches the empty string too
    return head[at : at + 6].upper() == b"INSERT"


def insert_head(head: bytes) -> InsertHead | None:
    """None where the text is not an INSERT followed by data."""
    at = len(_BLANK.match(head)[0])  # type: ignore[index]  # it matches the empty string too
    if head[at : at + 6].upper() != b"INSERT":
        return None
    depth, settings_at = 0, None
    for piece in _PIECE.finditer(head, at):
        word = piece[0].upper()
        depth += (word == b"(") - (word == b")")
        if depth or not word.isalpha():
            continue
        if word in _NO_DATA:
            return None
        if word == b"SETTINGS":
            settings_at = piece.start()
        if word in (b"FORMAT", b"VALUES"):
            ends = settings_at if settings_at is not None else piece.start()
            form, data_at = b"Values", piece.end()
            if word == b"FORMAT":
                named = _FORMAT_NAME.match(head, piece.end())
                if not named:
                    return None
                form, data_at = named[1], named.end()
            texts = (head[at:ends], head[ends : piece.start()], form)
            target, settings, name = (text.decode(errors="replace") for text in texts)
            return InsertHead(target, settings, name, data_at)
    return None
