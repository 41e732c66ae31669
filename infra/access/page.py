"""docs/access.md: the table of authority, as people read it."""

from __future__ import annotations

from infra.access.reader import Role
from infra.access.table import EMITS, PLACE_DIGITS, RIGHTS, SECOND_FACTOR, SECRET, Right

SHOWS = {
    "names": "names (each reading recorded)",
    "pseudonyms": "pseudonyms",
    "numbers": "numbers",
    "nothing": "–",
}
LEVELS = {0: "everywhere", 2: "province", 4: "prefecture", 6: "county", 9: "township",
          12: "village"}  # fmt: skip


def access_page() -> str:
    """The page as Markdown."""
    return "\n".join(_lines()) + "\n"


INTRODUCTION = """# Who may do what

Generated from `infra/access/table.py` by `make docs`; a test holds it current.

Authority is role × place × field. The place is the same rule everywhere: a reader sees what lies in
places whose code begins with the reader's own. What lies outside is not found, exactly as what does
not exist; a right that a role lacks is refused (403); who is not signed in is asked to (401). Every
reading of personal data is an event `access.logged` before anything is shown.
"""


def _lines() -> list[str]:
    roles = list(Role)
    head = "| right | 内容 | shows | " + " | ".join(each.label for each in roles) + " |"
    return [
        INTRODUCTION,
        "## Roles",
        "",
        "| role | 角色 | place | second factor | reads secret reports |",
        "|---|---|---|---|---|",
        *[_role(each) for each in roles],
        "",
        "## Rights",
        "",
        head,
        "|---" * (3 + len(roles)) + "|",
        *[_right(each, roles) for each in RIGHTS],
        "",
        "## What a role may record",
        "",
        "A service is bound the same way by `services.toml`: `events`, `places`, `sources`.",
        "",
        *[
            f"- **{role.label}** `{role.value}`: " + ", ".join(f"`{each}`" for each in types)
            for role, types in EMITS.items()
        ],
    ]


def _role(role: Role) -> str:
    places = ", ".join(LEVELS[digits] for digits in PLACE_DIGITS[role])
    factor = "required" if role in SECOND_FACTOR else "optional"
    secret = "yes" if role in SECRET else "no"
    return f"| `{role.value}` | {role.label} | {places} | {factor} | {secret} |"


def _right(right: Right, roles: list[Role]) -> str:
    marks = " | ".join("✓" if each in right.roles else "" for each in roles)
    return f"| `{right.key}` | {right.label} | {SHOWS[right.shows]} | {marks} |"
