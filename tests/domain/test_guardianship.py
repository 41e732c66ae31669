"""Guardians, parents who leave and return, and care agreements."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.event import Event
from domain.guardianship import (
    AgreementEnded,
    AgreementEnding,
    AgreementFiled,
    AgreementRenewed,
    AgreementSigned,
    Deficiency,
    DeficiencyFound,
    DelegateAssessed,
    DelegateReplaced,
    DelegateSupported,
    GuardianAssessed,
    GuardianGrade,
    GuardianLinked,
    NoticeSent,
    NoticeTo,
    ParentDeparted,
    ParentNotified,
    ParentReturned,
)
from domain.terms import Parent, Relation

GRANDMOTHER = GuardianLinked(
    guardian_id="g1", name="示例", relation=Relation.PATERNAL_GRANDPARENT, is_legal=False
)
GONE, BACK = ParentDeparted(parent=Parent.FATHER), ParentReturned(parent=Parent.FATHER)
ENDED = AgreementEnded(agreement_id="a1", reason=AgreementEnding.PARENT_RETURNED)
DEFICIENT = DeficiencyFound(agreement_id="a1", kind=Deficiency.NEGLIGENT)
FILED = AgreementFiled(agreement_id="a1")


def renewed(until: date) -> AgreementRenewed:
    return AgreementRenewed(agreement_id="a1", end=until)


def signed(**changes: Any) -> AgreementSigned:
    given: dict[str, Any] = {
        "agreement_id": "a1",
        "name": "示例",
        "relation": Relation.RELATIVE,
        "start": date(2025, 2, 1),
        "child_view_heard": True,
    }
    return AgreementSigned(**(given | changes))


def test_a_guardian_is_linked_once(story: Any) -> None:
    story.given((0, GRANDMOTHER)).when(1, GRANDMOTHER).then_refused(
        "guardian_linked", "guardian_id"
    )


def test_a_guardians_id_number_is_checked(story: Any) -> None:
    wrong = GuardianLinked(
        guardian_id="g2",
        name="示例",
        id_number="529901198001011234",
        relation=Relation.MOTHER,
        is_legal=True,
    )
    story.when(0, wrong).then_refused("id_number_checksum", "id_number")


def test_only_a_known_guardian_is_assessed(story: Any) -> None:
    assessed = GuardianAssessed(guardian_id="g1", grade=GuardianGrade.FAIR)
    story.when(0, assessed).then_refused("guardian_unknown", "guardian_id")
    story.given((0, GRANDMOTHER), (1, assessed))


def test_a_parent_who_is_away_does_not_leave_again(story: Any) -> None:
    story.given((0, GONE)).when(5, GONE).then_refused("parent_away", "parent")


def test_each_parent_comes_and_goes_alone(story: Any) -> None:
    mother = ParentDeparted(parent=Parent.MOTHER)
    story.given((0, GONE), (5, mother), (9, BACK))


def test_a_parent_does_not_return_twice_in_a_row(story: Any) -> None:
    story.given((0, GONE), (5, BACK)).when(8, BACK).then_refused("parent_not_away", "parent")


def test_a_departure_from_before_our_time_does_not_block_the_return(story: Any) -> None:
    story.when(5, BACK).then_recorded()


def test_a_late_departure_recorded_after_the_return_lands(story: Any) -> None:
    story.given((5, BACK)).when(0, GONE, recorded=9).then_recorded()


def test_a_whole_late_absence_lands_before_the_known_one(story: Any) -> None:
    story.given((50, GONE))
    story.when(1, GONE, recorded=60).then_recorded()
    story.when(20, BACK, recorded=61).then_recorded()


@pytest.mark.parametrize(
    "step",
    [
        FILED,
        ENDED,
        DEFICIENT,
        renewed(date(2027, 2, 1)),
        DelegateAssessed(agreement_id="a1"),
        NoticeSent(agreement_id="a1", to=NoticeTo.SCHOOL),
        DelegateReplaced(agreement_id="a1", new_agreement_id="a2"),
    ],
)
def test_an_agreement_is_signed_first(story: Any, step: Event) -> None:
    story.when(0, step).then_refused("agreement_not_signed", "agreement_id")


def test_an_agreement_is_signed_and_filed_once(story: Any) -> None:
    story.given((0, signed())).when(1, signed()).then_refused("already_signed", "agreement_id")
    story.given((1, FILED)).when(2, FILED).then_refused("already_filed", "agreement_id")


def test_an_agreement_does_not_end_before_it_starts(story: Any) -> None:
    story.when(0, signed(end=date(2025, 1, 31))).then_refused("end_before_start", "end")
    story.given((0, signed(end=date(2025, 2, 1))))


def test_an_agreement_is_filed_on_the_day_of_signing_or_later(story: Any) -> None:
    story.given((3, signed())).when(2, FILED, recorded=4).then_refused(
        "filed_before_signed", "time"
    )
    story.given((3, FILED))


def test_nothing_happens_to_an_agreement_after_its_end(story: Any) -> None:
    story.given((0, signed()), (9, ENDED))
    story.when(10, DEFICIENT).then_refused("agreement_ended", "agreement_id")
    story.when(10, ENDED).then_refused("agreement_ended", "agreement_id")


def test_an_agreement_is_renewed_to_a_later_last_day_and_again(story: Any) -> None:
    story.given((0, signed(end=date(2026, 1, 31))))
    for sooner in (date(2026, 1, 31), date(2025, 12, 1)):
        story.when(9, renewed(sooner)).then_refused("end_not_later", "end")
    story.given((9, renewed(date(2027, 1, 31))), (12, renewed(date(2028, 1, 31))))
    story.when(13, renewed(date(2027, 6, 1))).then_refused("end_not_later", "end")


def test_a_renewal_of_which_we_learn_late_stands_as_it_stood_then(story: Any) -> None:
    story.given((0, signed(end=date(2026, 1, 31))), (12, renewed(date(2028, 1, 31))))
    story.when(9, renewed(date(2027, 1, 31)), recorded=30).then_recorded()


def test_an_open_agreement_may_get_a_last_day_and_an_ended_one_is_not_renewed(story: Any) -> None:
    story.given((0, signed()))
    story.when(5, renewed(date(2025, 1, 31))).then_refused("end_not_later", "end")
    story.given((6, renewed(date(2026, 1, 31))), (9, ENDED))
    story.when(10, renewed(date(2027, 1, 31))).then_refused("agreement_ended", "agreement_id")


def test_an_agreement_is_not_renewed_before_it_is_signed(story: Any) -> None:
    story.given((3, signed(end=date(2026, 1, 31))))
    story.when(2, renewed(date(2027, 1, 31)), recorded=4).then_refused(
        "renewed_before_signed", "time"
    )


def test_what_happened_before_the_end_may_be_recorded_after_it(story: Any) -> None:
    story.given((0, signed()), (9, ENDED)).when(4, FILED, recorded=30).then_recorded()


def test_a_deficiency_comes_before_its_answers(story: Any) -> None:
    story.given((0, signed()))
    answers = (
        ParentNotified(agreement_id="a1"),
        DelegateSupported(agreement_id="a1"),
        DelegateReplaced(agreement_id="a1", new_agreement_id="a2"),
    )
    for answer in answers:
        story.when(2, answer).then_refused("no_deficiency", "agreement_id")
    story.given((2, DEFICIENT), *((3, answer) for answer in answers))


def test_a_replaced_agreement_is_over(story: Any) -> None:
    replaced = DelegateReplaced(agreement_id="a1", new_agreement_id="a2")
    story.given((0, signed()), (2, DEFICIENT), (3, replaced))
    story.when(4, ENDED).then_refused("agreement_ended", "agreement_id")


def test_a_delegate_is_replaced_by_another_agreement(story: Any) -> None:
    same = DelegateReplaced(agreement_id="a1", new_agreement_id="a1")
    story.given((0, signed()), (2, DEFICIENT))
    story.when(3, same).then_refused("same_agreement", "new_agreement_id")


def test_an_agreement_belongs_to_one_child(story: Any) -> None:
    story.given((0, signed()))
    story.child = uuid4()
    story.when(1, FILED).then_refused("key_taken", "agreement_id")
    story.when(1, signed()).then_refused("key_taken", "agreement_id")
