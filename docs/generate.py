"""The documents that are generated: from the event classes, and of the features.

    python docs/generate.py             write them (`make docs`)
    python docs/generate.py --check     say which are not current; exit code 1
    python docs/generate.py --release   add what is new to the released contract, or refuse

The released contract is `docs/schemas/released.json`; with each newly released type, the bytes of
one stored event go to the corpus of old events that must stay readable.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from domain.contract import catalogue
from domain.errors import ShouheError
from domain.rules import page as rules
from domain.vocabulary import EVENTS
from infra.access.page import access_page
from infra.contracts import asyncapi, released, schemas
from risk.feature_table import page as features

HERE = Path(__file__).parent
RELEASED = HERE / "schemas" / "released.json"
CORPUS = HERE.parent / "tests" / "infra" / "contracts" / "stored.jsonl"
GENERATED = "# Generated from the event classes by `make docs`.\n"


class _Dumper(yaml.SafeDumper):
    """Text of several lines as a block, and no anchors: for people to read."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def documents() -> dict[Path, str]:
    """File → what it should hold."""
    made = {
        HERE / "events.md": catalogue(),
        HERE / "features.md": features(),
        HERE / "rules.md": rules.page(),
        HERE / "access.md": access_page(),
        HERE / "asyncapi.yaml": _yaml(asyncapi.document()),
    }
    for name, schema in schemas.documents().items():
        made[HERE / "schemas" / name] = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return made


def stale() -> list[str]:
    """Files that are missing, not current, or of no type any more; from `docs/` on."""
    wanted = documents()
    changed = {path for path, text in wanted.items() if not path.exists() or _read(path) != text}
    return sorted(str(path.relative_to(HERE)) for path in changed | _left_over(wanted))


def write() -> None:
    """Write what changed, and remove the schemas of types that are gone."""
    wanted = documents()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in _left_over(wanted):
        path.unlink()


def release() -> list[str]:
    """Release what is new. → the types that were not released before. Raises ShouheError."""
    before = released.read(_read(RELEASED)) if RELEASED.exists() else released.Contract()
    after = released.release(before, released.today())
    new = sorted(after.types.keys() - before.types.keys())
    RELEASED.write_text(released.written(after), encoding="utf-8")
    with CORPUS.open("ab") as corpus:
        corpus.writelines(released.stored_example(EVENTS[name]) + b"\n" for name in new)
    return new


def _left_over(wanted: dict[Path, str]) -> set[Path]:
    return set((HERE / "schemas").rglob("*.json")) - wanted.keys() - {RELEASED}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _yaml(document: dict[str, Any]) -> str:
    return GENERATED + yaml.dump(
        document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120
    )


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: done; 1: not current, or a release that was refused."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--check", action="store_true", help="say which are not current")
    either.add_argument("--release", action="store_true", help="release what is new, or refuse")
    chosen = parser.parse_args(arguments)
    if chosen.check:
        found = stale()
        sys.stdout.writelines(f"docs/{name}: not current; run `make docs`\n" for name in found)
        return 1 if found else 0
    if chosen.release:
        try:
            sys.stdout.writelines(f"released {name}\n" for name in release())
        except ShouheError as error:
            print(f"release: {error}", file=sys.stderr)
            return 1
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
