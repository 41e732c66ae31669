"""A statement as the engine itself reads it: its canonical text and its syntax tree.

The engine's parser says where a statement ends and what it is, never a pattern of ours: comments,
case, odd spaces and here-documents are gone from the canonical text before anything is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from infra.gateway.engine import Engine
from infra.gateway.errors import NOT_IMPLEMENTED, UNKNOWN_FORMAT, GatewayError

_TOKEN = re.compile(
    r"(?P<string>'(?:[^'\\]|\\.|'')*')"
    r"|(?P<quoted>`(?:[^`\\]|\\.|``)*`|\"(?:[^\"\\]|\\.|\"\")*\")"
    r"|(?P<word>[^\W\d]\w*|\d\w*)"
    r"|(?P<other>\S)",
    re.DOTALL,
)
FORMAT = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
"""A format's name. It goes into the text of a statement: nothing else may."""

_OUTFILE = ["INTO", "OUTFILE"]


ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\\0"))


class Token(msgspec.Struct, frozen=True):
    """A piece of canonical text. `kind`: string, quoted (an identifier), word or other."""

    kind: str
    text: str
    start: int

    @property
    def name(self) -> str:
        """An identifier without its quotes; '' for anything that can't be one."""
        if self.kind == "quoted":
            return re.sub(r"\\(.)|([`\"])\2", r"\1\2", self.text[1:-1])
        return self.text if self.kind == "word" else ""


class Statement(msgspec.Struct, frozen=True):
    """One statement. `tree`: EXPLAIN AST, a line a node, indented by its depth."""

    text: str
    canonical: str
    tree: list[str]
    tokens: list[Token]

    @property
    def kind(self) -> str:
        """The root of the tree: SelectWithUnionQuery, InsertQuery, ShowTables, …"""
        return self.tree[0].split(" (children ")[0].strip()

    @property
    def selects(self) -> bool:
        """Whether the answer can be streamed."""
        return self.kind.startswith("Select")

    @property
    def reads(self) -> bool:
        """Whether it can't change anything."""
        return self.kind.startswith(("Select", "Show", "Describe", "Exists", "Explain"))

    def format_at(self) -> int | None:
        """Index of the token of its own FORMAT clause."""
        for index in range(len(self.tokens) - 2, -1, -1):
            here, form = self.tokens[index], self.tokens[index + 1]
            if here.text == "FORMAT" and form.kind == "word" and here.kind == "word":
                after = self.tokens[index + 2 : index + 3]
                if after and after[0].text != "SETTINGS":
                    return None
                return (
                    index if f" Identifier {form.text}" in self.tree or not self.selects else None
                )
        return None

    def format(self) -> str | None:
        """The format it names, if it does."""
        index = self.format_at()
        return None if index is None else self.tokens[index + 1].text

    def into(self, path: str, form: str) -> str:
        """The same statement with its answer written to a path.

        Raises GatewayError for a format that is no name: it would be read as SQL.
        """
        if not FORMAT.fullmatch(form):
            raise GatewayError(UNKNOWN_FORMAT, "the format is no name of a format")
        index = self.format_at()
        if index is None:
            return f"{self.canonical} INTO OUTFILE '{path}' APPEND FORMAT {form}"
        at = self.tokens[index].start
        return f"{self.canonical[:at]}INTO OUTFILE '{path}' APPEND {self.canonical[at:]}"


def tokens(canonical: str) -> list[Token]:
    """The pieces of a canonical text, without white space."""
    found = _TOKEN.finditer(canonical)
    return [Token(each.lastgroup or "other", each[0], each.start()) for each in found]


def parse(engine: Engine, text: str, params: Mapping[str, str]) -> Statement:
    """Raises GatewayError: a syntax error, several statements, or a wish to write files."""
    canonical = engine.rows("SELECT formatQuerySingleLine({q:String})", {"q": _as_param(text)})[0][
        0
    ]
    with engine.handle() as handle:
        answer = handle.query(f"EXPLAIN AST {canonical}", "TSVRaw", params=dict(params)).bytes()
    pieces = tokens(canonical)
    words = [each.text for each in pieces]
    if any(words[index : index + 2] == _OUTFILE for index in range(len(words))):
        raise GatewayError(NOT_IMPLEMENTED, "INTO OUTFILE is not available here: save the answer")
    return Statement(text, canonical, (answer or b"?").decode().rstrip("\n").split("\n"), pieces)


def _as_param(text: str) -> str:
    """Parameters are read as TSV fields."""
    return text.translate({ord(each): escape for each, escape in ESCAPES})
