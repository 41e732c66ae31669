"""What may follow what in the workflows of the tasks: courts, dropouts, referrals, volunteers, …"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.care_plan import AgedOut, AlertClosed, AlertKind, AlertRaised
from domain.child_file import IDType
from domain.courts import (
    AdviceBy,
    AdviceIssued,
    AdviceReplied,
    Applicant,
    GuardianshipRestored,
    OrderApplied,
    OrderExtended,
    OrderIssued,
    RevocationApplied,
    RevocationDecided,
)
from domain.dropout import (
    DropoutCause,
    DropoutConfirmed,
    DropoutRelapsed,
    DropoutReturned,
    Persuader,
    PersuasionMade,
    TeachingPlanMade,
)
from domain.eligibility import Applied, Confirmed, Refused, Rejected
from domain.institutions import InstitutionInspected
from domain.intervention import (
    GuardianshipEnded,
    GuardianshipEnding,
    GuardianshipReviewed,
    GuardianshipStarted,
    Placement,
)
from domain.mental_health import FollowupRecorded, MedicalVisitConfirmed, ReferralUrged
from domain.network import Handling, IncidentDisposed, IncidentKind, IncidentReported
from domain.safety import HazardFound, HazardKind, HazardResolved, SiteKind
from domain.society import VolunteerChecked, VolunteerPaired, VolunteerRegistered
from domain.subsidy import Benefit
from domain.terms import Department, Severity
from domain.worker_service import TrainingHeld, TrainingLevel, TrainingMode


def test_an_event_of_a_county_is_refused_at_a_village_and_without_a_place(story: Any) -> None:
    held = TrainingHeld(training_id="t", level=TrainingLevel.COUNTY, mode=TrainingMode.ONLINE)
    for place in ("520526100200", "5205261"):
        story.place = place
        refused = story.when(0, held).then_refused("place_level", "place")
        assert "county" in refused.message
    story.place = "520526"
    story.given((0, held))
    story.place = "520526100200"
    story.when_corrected(0, held).then_refused("place_level", "place")


# --- protection and courts ---------------------------------------------------------------------

STARTED = GuardianshipStarted(guardianship_id="g1", placement=Placement.FOSTER)
REVIEWED = GuardianshipReviewed(guardianship_id="g1", go_on=True)
ENDED = GuardianshipEnded(guardianship_id="g1", ending=GuardianshipEnding.SENT_BACK)


def test_a_temporary_guardianship_begins_is_reviewed_and_ends_once(story: Any) -> None:
    story.when(0, REVIEWED).then_refused("guardianship_unknown", "guardianship_id")
    story.given((10, STARTED), (40, REVIEWED), (60, ENDED))
    story.when(61, ENDED).then_refused("already_ended", "guardianship_id")
    story.when(61, REVIEWED).then_refused("already_ended", "guardianship_id")
    story.when(50, REVIEWED, recorded=90).then_recorded()
    story.when(5, ENDED, recorded=90).then_refused("before_start", "time")


def test_a_guardianships_number_belongs_to_one_child(story: Any) -> None:
    story.given((10, STARTED))
    story.child = uuid4()
    story.when(11, STARTED).then_refused("key_taken", "guardianship_id")
    story.when(11, ENDED).then_refused("key_taken", "guardianship_id")


def test_a_protection_order_follows_an_application_and_holds_for_six_months(story: Any) -> None:
    issued = OrderIssued(case_id="c1", valid_until=date(2025, 7, 1))
    story.when(1, issued).then_refused("case_unknown", "case_id")
    story.given((0, OrderApplied(case_id="c1", applicant=Applicant.WOMEN)))
    endless = OrderIssued(case_id="c1", valid_until=date(2025, 8, 1))
    story.when(1, endless).then_refused("validity", "valid_until")
    extended = OrderExtended(case_id="c1", valid_until=date(2025, 9, 1))
    story.when(100, extended).then_refused("no_order", "case_id")
    story.given((1, issued), (100, extended))
    story.when(2, issued).then_refused("already_decided", "case_id")


def test_guardianship_is_restored_only_after_it_was_revoked(story: Any) -> None:
    story.given((0, RevocationApplied(case_id="c1", applicant=Applicant.CIVIL_AFFAIRS)))
    restored = GuardianshipRestored(case_id="c1")
    story.when(9, restored).then_refused("not_revoked", "case_id")
    story.given((9, RevocationDecided(case_id="c1", granted=False)))
    story.when(10, restored).then_refused("not_revoked", "case_id")
    story.when_corrected(1, RevocationDecided(case_id="c1", granted=True), happened=9, recorded=20)
    story.given((120, restored))


def test_an_advice_is_replied_to_once(story: Any) -> None:
    replied = AdviceReplied(advice_id="a1", accepted=True)
    story.when(0, replied).then_refused("advice_unknown", "advice_id")
    advice = AdviceIssued(advice_id="a1", by=AdviceBy.COURT, to=Department.EDUCATION)
    story.given((10, advice), (50, replied))
    story.when(60, replied).then_refused("already_replied", "advice_id")


# --- school and mind ---------------------------------------------------------------------------


def test_a_dropout_is_persuaded_returns_and_may_relapse(story: Any) -> None:
    back, plan = DropoutReturned(dropout_id="d1"), TeachingPlanMade(dropout_id="d1")
    story.when(0, back).then_refused("dropout_unknown", "dropout_id")
    story.given((0, DropoutConfirmed(dropout_id="d1", cause=DropoutCause.WORK)))
    story.when(1, plan).then_refused("not_returned", "dropout_id")
    story.given((2, PersuasionMade(dropout_id="d1", by=Persuader.TEACHER)), (30, back), (31, plan))
    story.when(32, back).then_refused("already_returned", "dropout_id")
    story.given((60, DropoutRelapsed(dropout_id="d1")), (90, back))


def test_a_follow_up_comes_after_a_visit_to_the_doctor(story: Any) -> None:
    followed = FollowupRecorded(referral_id="r1")
    story.when(0, followed).then_refused("not_visited", "referral_id")
    urged = ReferralUrged(referral_id="r1")
    story.given(
        (0, urged), (5, urged), (9, MedicalVisitConfirmed(referral_id="r1")), (40, followed)
    )


# --- places, society, applications -------------------------------------------------------------


def test_a_hazard_and_an_incident_are_settled_once_and_not_before_they_were_found(
    story: Any, new_story: Any
) -> None:
    found = HazardFound(
        hazard_id="h1", site=SiteKind.SCHOOL, hazard=HazardKind.FIRE, severity=Severity.MINOR
    )
    solved = HazardResolved(hazard_id="h1")
    story.when(0, solved).then_refused("hazard_unknown", "hazard_id")
    story.given((10, found)).when(9, solved).then_refused("resolved_before_found", "time")
    story.given((12, solved)).when(13, solved).then_refused("already_resolved", "hazard_id")
    other = new_story()
    settled = IncidentDisposed(incident_id="i1", handling=Handling.REMOVED)
    other.when(0, settled).then_refused("incident_unknown", "incident_id")
    other.given((5, IncidentReported(incident_id="i1", kind=IncidentKind.DOXXING)), (7, settled))


def test_an_institution_is_registered_before_it_is_inspected(story: Any) -> None:
    inspected = InstitutionInspected(institution_id="x", passed=True)
    story.when(0, inspected).then_refused("institution_unknown", "institution_id")


def test_nobody_is_paired_with_a_child_without_a_clear_check(story: Any) -> None:
    paired = VolunteerPaired(volunteer_id="v1")
    story.given((0, VolunteerRegistered(volunteer_id="v1")))
    story.when(1, paired).then_refused("not_checked", "volunteer_id")
    story.given((2, VolunteerChecked(volunteer_id="v1", clear=False)))
    assert "UPL 62" in story.when(3, paired).then_refused("not_clear", "volunteer_id").message
    story.given((4, VolunteerChecked(volunteer_id="v1", clear=True)), (5, paired))


def test_an_application_is_decided_once(story: Any) -> None:
    confirmed = Confirmed(application_id="p1")
    story.when(0, confirmed).then_refused("application_unknown", "application_id")
    story.given((0, Applied(application_id="p1", benefit=Benefit.ORPHAN)), (9, confirmed))
    turned_down = Rejected(application_id="p1", reason=Refused.PAPERS)
    story.when(10, turned_down).then_refused("already_decided", "application_id")


def test_an_alert_is_closed_once(story: Any) -> None:
    closed = AlertClosed(alert_id="a1", founded=True)
    story.when(0, closed).then_refused("alert_unknown", "alert_id")
    story.given((0, AlertRaised(alert_id="a1", kind=AlertKind.RISK)), (1, closed))
    story.when(2, closed).then_refused("already_closed", "alert_id")


@pytest.mark.parametrize(("day", "old_enough"), [(-1, False), (0, True)])
def test_sixteen_is_reached_on_the_sixteenth_birthday(
    story: Any, registration: Any, day: int, old_enough: bool
) -> None:
    """A child born on 2009-05-01 is sixteen on 2025-05-01, day 120 of the story."""
    born = date(2009, 5, 1)
    child = registration(birth_date=born, id_type=IDType.NONE, id_number=None)
    story.given((0, child)).when(120 + day, AgedOut(years=16))
    if old_enough:
        story.then_recorded()
    else:
        story.then_refused("not_of_age", "years")
