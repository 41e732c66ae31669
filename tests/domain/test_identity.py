"""ID numbers (GB 11643-1999)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import (
    WEIGHTS,
    birth_date_of,
    check_character,
    check_id_number,
    make_id_number,
    sex_of,
)
from domain.terms import Sex

BORN = date(2020, 1, 5)
GOOD = make_id_number("529901", BORN, 3)
NUMBERS = st.builds(
    make_id_number,
    st.integers(0, 99).map(lambda n: f"5299{n:02d}"),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(1, 999),
)


def full_width(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) for each in text)


def test_the_check_character_is_that_of_the_standard() -> None:
    """The standard's own examples: 34052419800101001X and 11010519491231002X."""
    assert check_character("34052419800101001") == "X"
    assert check_character("11010519491231002") == "X"


@given(NUMBERS)
def test_every_made_number_is_valid_in_a_demo_and_nowhere_else(number: str) -> None:
    assert check_id_number(number) is None
    refusal = check_id_number(number, synthetic_allowed=False)
    assert refusal is not None
    assert refusal.code == "id_number_synthetic"


@given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_caught(number: str, place: int, shift: int) -> None:
    digit = str((int(number[place]) + shift) % 10)
    assert check_id_number(number[:place] + digit + number[place + 1 :]) is not None


@given(NUMBERS)
def test_the_weighted_sum_is_one_modulo_eleven(number: str) -> None:
    digits = [10 if each == "X" else int(each) for each in number]
    assert sum(d * w for d, w in zip(digits, (*WEIGHTS, 1), strict=True)) % 11 == 1


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(1, 999))
def test_birth_date_and_sex_are_read_back(born: date, serial: int) -> None:
    number = make_id_number("529901", born, serial)
    assert birth_date_of(number) == born
    assert sex_of(number) is (Sex.BOY if serial % 2 else Sex.GIRL)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "id_number_length"),
        (GOOD[:-1], "id_number_length"),
        (GOOD + "0", "id_number_length"),
        ("529901200105003", "id_number_length"),
        (full_width(GOOD), "id_number_full_width"),
        ("५" * 18, "id_number_digits"),
        (GOOD[:5] + "A" + GOOD[6:], "id_number_digits"),
        (" " + GOOD[1:], "id_number_digits"),
        (GOOD[:-1] + "\n", "id_number_digits"),
        (GOOD[:17] + "x", "id_number_small_x"),
        ("99" + GOOD[2:], "id_number_area"),
        (GOOD[:6] + "20200230" + GOOD[14:], "id_number_birth_date"),
        (GOOD[:6] + "00000101" + GOOD[14:], "id_number_birth_date"),
        (GOOD[:17] + ("0" if GOOD[17] != "0" else "1"), "id_number_checksum"),
    ],
)
def test_what_is_wrong_is_named_and_the_number_never_repeated(text: str, code: str) -> None:
    refusal = check_id_number(text)
    assert refusal is not None
    assert (refusal.code, refusal.field, refusal.value) == (code, "id_number", "")
    assert not text or text not in refusal.message


@given(st.text(max_size=30))
def test_no_text_crashes_the_check(text: str) -> None:
    check_id_number(text)


@pytest.mark.parametrize(("area", "serial"), [("520526", 1), ("529901", 0), ("529901", 1000)])
def test_no_real_number_can_be_made(area: str, serial: int) -> None:
    with pytest.raises(ValueError, match=r"^(area|serial): "):
        make_id_number(area, BORN, serial)
