"""What can go wrong, as one tree.

    ShouheError
    ├── Refusal            a fact can't be recorded; carries code, field, value, remedy
    ├── UnknownEventType   a type name that no class declares
    ├── SettingsError      a setting that breaks a rule (a county may tighten, never loosen)
    └── WrongUsageError    an argument that makes no sense

A refusal is an outcome, not a crash: intake keeps it with the event it refused.
"""

from __future__ import annotations


class ShouheError(Exception):
    """Root of every error this application raises on purpose."""


class UnknownEventType(ShouheError):  # noqa: N818 - said of the type, not of a crash
    """No event class declares this type name."""

    def __init__(self, type_name: str) -> None:
        super().__init__(
            f"type: unknown event type {type_name!r}; `shouhe schema` lists the known ones"
        )
        self.type_name = type_name


class SettingsError(ShouheError):
    """A setting is missing, malformed, or looser than the rule it may only tighten."""


class WrongUsageError(ShouheError):
    """An argument that makes no sense; the message names it and the remedy."""


class Refusal(ShouheError):  # noqa: N818 - the field's word: a refusal is an outcome with a reason
    """Why a fact is not recorded: a stable code, the field, its value, and what to do.

    `value` is shown to people and kept: never put personal data in it.
    """

    def __init__(self, code: str, field: str, value: object, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.code = code
        self.field = field
        self.value = "" if value is None else str(value)[:80]
        self.message = message

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.field, self.value) == (
            other.code,
            other.field,
            other.value,
        )

    def __hash__(self) -> int:
        return hash((self.code, self.field, self.value))
