"""委托照护协议, decided: the state and guards of one agreement (events: domain/guardianship.py).

Signed, then filed, renewed to a later last day, until it ends or the delegate is replaced. What
happened before the end may be recorded after it. Sources: plan L39 (T5.1 to T5.4), UPL 22, 43.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, day
from domain.guardianship import (
    AgreementEnded,
    AgreementFiled,
    AgreementRenewed,
    AgreementSigned,
    DeficiencyFound,
    DelegateAssessed,
    DelegateReplaced,
    DelegateSupported,
    NoticeSent,
    ParentNotified,
)
from domain.guards import Occasion, already, applies, before, guards, key_taken, not_yet, state
from domain.identity import check_id_number

Step = (
    AgreementFiled
    | DelegateAssessed
    | NoticeSent
    | AgreementRenewed
    | AgreementEnded
    | DeficiencyFound
    | ParentNotified
    | DelegateSupported
    | DelegateReplaced
)


@state("care_agreement")
class AgreementState(msgspec.Struct):
    """Where one agreement stands. Times are when it happened.

    ends   (when it was agreed, the last day; of an open one the day before its
           first), as it was learned of
    """

    child_id: UUID = NO_CHILD
    signed_at: datetime | None = None
    filed_at: datetime | None = None
    deficient_at: datetime | None = None
    ended_at: datetime | None = None
    ends: list[tuple[datetime, date]] = msgspec.field(default_factory=list)


@applies(AgreementSigned)
def _sign(agreement: AgreementState, fact: AgreementSigned, at: Occasion) -> None:
    agreement.child_id, agreement.signed_at = at.child_id, at.occurred_at
    agreement.ends.append((at.occurred_at, fact.end or fact.start - timedelta(1)))


@applies(AgreementRenewed)
def _renew(agreement: AgreementState, fact: AgreementRenewed, at: Occasion) -> None:
    agreement.ends.append((at.occurred_at, fact.end))


@applies(AgreementFiled)
def _file(agreement: AgreementState, _: AgreementFiled, at: Occasion) -> None:
    agreement.filed_at = at.occurred_at


@applies(DeficiencyFound)
def _find(agreement: AgreementState, _: DeficiencyFound, at: Occasion) -> None:
    if agreement.deficient_at is None or at.occurred_at < agreement.deficient_at:
        agreement.deficient_at = at.occurred_at


@applies(AgreementEnded)
@applies(DelegateReplaced)
def _end(agreement: AgreementState, _: AgreementEnded | DelegateReplaced, at: Occasion) -> None:
    agreement.ended_at = at.occurred_at


# --- guards -----------------------------------------------------------------------------------


@guards(AgreementSigned)
def _may_sign(agreement: AgreementState, fact: AgreementSigned, at: Occasion) -> Refusal | None:
    if agreement.signed_at is not None:
        if agreement.child_id != at.child_id:
            return key_taken("agreement_id", fact.agreement_id)
        return already(
            "already_signed", "agreement_id", fact.agreement_id, "this agreement is signed"
        )
    if fact.end is not None and fact.end < fact.start:
        return Refusal(
            "end_before_start",
            "end",
            fact.end,
            f"earlier than the start {fact.start}; check both dates, or leave the end out",
        )
    if fact.id_number is None:
        return None
    return check_id_number(fact.id_number, synthetic_allowed=at.synthetic_allowed)


@guards(DelegateAssessed)
@guards(NoticeSent)
@guards(DeficiencyFound)
def _may_act(agreement: AgreementState, fact: Step, at: Occasion) -> Refusal | None:
    """Every step after the signature: the agreement is this child's, signed, and not over."""
    if agreement.signed_at is None:
        what = "this agreement is not signed yet"
        return not_yet(
            "agreement_not_signed",
            "agreement_id",
            fact.agreement_id,
            what,
            "care_agreement.signed",
        )
    if agreement.child_id != at.child_id:
        return key_taken("agreement_id", fact.agreement_id)
    if before(agreement.ended_at, at.occurred_at):
        return Refusal(
            "agreement_ended",
            "agreement_id",
            fact.agreement_id,
            "this agreement ended earlier; check the event's time, or sign a new agreement",
        )
    return None


@guards(AgreementFiled)
def _may_file(agreement: AgreementState, fact: AgreementFiled, at: Occasion) -> Refusal | None:
    if (refusal := _may_act(agreement, fact, at)) is not None:
        return refusal
    if agreement.filed_at is not None:
        return already(
            "already_filed", "agreement_id", fact.agreement_id, "this agreement is filed"
        )
    if before(at.occurred_at, agreement.signed_at):
        return Refusal(
            "filed_before_signed",
            "time",
            day(at.occurred_at),
            "earlier than the signature; check the event's time, or correct the signature's",
        )
    return None


@guards(AgreementRenewed)
def _may_renew(agreement: AgreementState, fact: AgreementRenewed, at: Occasion) -> Refusal | None:
    """Later than the last day agreed by then; one that is learned of late stands too."""
    if (refusal := _may_act(agreement, fact, at)) is not None:
        return refusal
    if before(at.occurred_at, agreement.signed_at):
        return Refusal(
            "renewed_before_signed",
            "time",
            day(at.occurred_at),
            "earlier than the signature; check the event's time, or correct the signature's",
        )
    known = [each for each in agreement.ends if not before(at.occurred_at, each[0])]
    end = max(known, key=lambda each: each[0])[1]
    if fact.end <= end:
        return Refusal(
            "end_not_later",
            "end",
            fact.end,
            f"not later than the last day so far, {end}; to end earlier, send care_agreement.ended",
        )
    return None


@guards(ParentNotified)
@guards(DelegateSupported)
def _may_answer(
    agreement: AgreementState,
    fact: ParentNotified | DelegateSupported | DelegateReplaced,
    at: Occasion,
) -> Refusal | None:
    """T5.4: what follows a deficiency needs one found by that day."""
    if (refusal := _may_act(agreement, fact, at)) is not None:
        return refusal
    if agreement.deficient_at is None or before(at.occurred_at, agreement.deficient_at):
        return not_yet(
            "no_deficiency",
            "agreement_id",
            fact.agreement_id,
            "no deficiency of the delegate was found by that day",
            "care.deficiency_found",
        )
    return None


@guards(AgreementEnded)
def _may_end(
    agreement: AgreementState, fact: AgreementEnded | DelegateReplaced, at: Occasion
) -> Refusal | None:
    if agreement.ended_at is not None and agreement.child_id == at.child_id:
        return already(
            "agreement_ended", "agreement_id", fact.agreement_id, "this agreement has ended"
        )
    return _may_act(agreement, fact, at)


@guards(DelegateReplaced)
def _may_replace(agreement: AgreementState, fact: DelegateReplaced, at: Occasion) -> Refusal | None:
    if fact.new_agreement_id == fact.agreement_id:
        return Refusal(
            "same_agreement",
            "new_agreement_id",
            fact.new_agreement_id,
            "must differ from agreement_id: the new delegate signs an agreement of their own",
        )
    return _may_end(agreement, fact, at) or _may_answer(agreement, fact, at)
