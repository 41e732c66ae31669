"""公民身份号码 (GB 11643-1999): six digits of area, eight of birth date, three of order, one check.

The check character is a capital `X` where the sum says ten. A small `x` is refused, not normalised:
the same person must always be written the same way, or the blind index would not find it again.

Synthetic persons have the area prefix 5299, which no division uses, so that no real number can
appear in a demo, a test or a benchmark; outside demo mode it is refused.
"""

from __future__ import annotations

import re
from datetime import date

from domain.errors import Refusal
from domain.terms import Sex

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
LENGTH = 18
SYNTHETIC_AREA = "5299"
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65))
    for code in range(first, last + 1)
) | {"71", "81", "82", "83"}
"""First two digits in use (GB/T 2260); 71, 81, 82, 83: residence permits (HK, MO, TW)."""

_SHAPE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_FULL_WIDTH = re.compile("[\uff10-\uff19\uff38\uff58]")
_BODY = re.compile(r"[0-9]{17}", re.ASCII)


def check_character(body: str) -> str:
    """The eighteenth character of seventeen digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def _refuse(code: str, message: str) -> Refusal:
    """The number itself is personal data: the refusal never repeats it."""
    return Refusal(code, "id_number", "", message)


def _shape_refusal(text: str) -> Refusal:
    if _FULL_WIDTH.search(text):
        return _refuse(
            "id_number_full_width",
            "full-width characters; type the number in half-width digits (0-9, X)",
        )
    if len(text) != LENGTH:
        return _refuse(
            "id_number_length",
            f"{len(text)} characters, must be {LENGTH}; 15-digit numbers must be renewed first",
        )
    if text.endswith("x") and _BODY.fullmatch(text[:-1]):
        return _refuse("id_number_small_x", "ends in a small x; write a capital X")
    return _refuse("id_number_digits", "must be 17 digits and a check character (0-9 or X)")


def check_id_number(text: str, *, synthetic_allowed: bool = True) -> Refusal | None:
    """None where the number can be a person's; otherwise what is wrong and what to do."""
    if not _SHAPE.fullmatch(text):
        return _shape_refusal(text)
    if text[:2] not in PROVINCES:
        return _refuse(
            "id_number_area", "the first two digits are no province; check the first six digits"
        )
    if text.startswith(SYNTHETIC_AREA) and not synthetic_allowed:
        return _refuse(
            "id_number_synthetic",
            "area 5299 is for synthetic persons, and this is not a demo; send the real number",
        )
    if birth_date_of(text) is None:
        return _refuse(
            "id_number_birth_date", "digits 7 to 14 are no calendar date; check the birth date"
        )
    if check_character(text[:17]) != text[17]:
        return _refuse(
            "id_number_checksum",
            "the check character does not fit the 17 digits; compare with the household register",
        )
    return None


def birth_date_of(id_number: str) -> date | None:
    """The birth date inside a number of valid shape; None where it is no calendar date."""
    try:
        return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None


def sex_of(id_number: str) -> Sex:
    """The seventeenth digit: odd for boys, even for girls."""
    return Sex.BOY if int(id_number[16]) % 2 else Sex.GIRL


def make_id_number(area: str, birth_date: date, serial: int) -> str:
    """A number with its check character, for synthetic persons.

    area     six digits, `5299xx`
    serial   1 to 999; odd for boys, even for girls
    Raises ValueError for any other area or serial, so that no real number is ever made.
    """
    if not re.fullmatch(r"5299[0-9]{2}", area, re.ASCII):
        msg = f"area: {area!r} is not synthetic; use 5299 and two digits"
        raise ValueError(msg)
    if not 0 < serial < 1000:  # noqa: PLR2004 - three digits
        msg = f"serial: {serial} must be 1 to 999"
        raise ValueError(msg)
    body = f"{area}{birth_date:%Y%m%d}{serial:03d}"
    return body + check_character(body)
