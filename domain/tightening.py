"""收紧标准: a place's own, tighter number of a rule, from a day on.

A setting has one stream, over all places: a change is judged by what holds around it. A county may
tighten and never loosen, from the day it says so or later: no past day is judged by another number
than it was. Source: plan L48 (T8.7 gives no number), design §1 of the rules: numbers are data.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.duty_settings import Setting, tighten
from domain.entitlement_settings import COUNTRYS
from domain.errors import Refusal, SettingsError
from domain.event import Code, Event, Place, day, event
from domain.guards import Occasion, applies, guards, state
from domain.rules.register import ALL_SETTINGS

KNOWN = {each.key: each for each in ALL_SETTINGS}


@event(
    "setting.tightened.v1",
    label="收紧标准",
    stream="setting",
    key="key",
    rules=("T8.6", "T8.7"),
    sensitivity="general",
    about_child=False,
    levels=("prefecture", "county", "township", "village"),
)
class SettingTightened(Event, frozen=True, kw_only=True):
    """一地收紧一项标准. Emitted by the place's civil affairs.

    key       which number: `visit_months`, `T2.6`; `shouhe settings` lists them
    longest   the longest interval allowed from `valid_from` on, in the setting's unit
    """

    rule: Code
    key: Code
    longest: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    place: Place
    valid_from: date


@state("setting")
class SettingState(msgspec.Struct):
    """What places made of one setting, in the order in which they said so."""

    changes: list[Setting] = msgspec.field(default_factory=list)


def _as_setting(fact: SettingTightened) -> Setting:
    return Setting(
        rule=fact.rule,
        key=fact.key,
        value=fact.longest,
        unit=KNOWN[fact.key].unit if fact.key in KNOWN else "days",
        place=fact.place,
        valid_from=fact.valid_from,
        is_law=False,
        source=f"set by {fact.place}",
    )


@applies(SettingTightened)
def _tighten(setting: SettingState, fact: SettingTightened, _: Occasion) -> None:
    setting.changes.append(_as_setting(fact))


@guards(SettingTightened)
def _may_tighten(setting: SettingState, fact: SettingTightened, at: Occasion) -> Refusal | None:
    known = KNOWN.get(fact.key)
    if known is None or known.rule != fact.rule:
        what = f"no setting {fact.key} of rule {fact.rule}; `shouhe settings` lists them all"
        return Refusal("setting_unknown", "key", fact.key, what)
    if fact.key in COUNTRYS:
        what = f"{fact.key} says who has a claim, not by when; it is the country's: shorten a limit"
        return Refusal("setting_fixed", "key", fact.key, what)
    if at.place and at.place != fact.place:
        what = f"the event belongs to {at.place}; send it with that place, or none"
        return Refusal("setting_elsewhere", "place", fact.place, what)
    around = [each for each in ALL_SETTINGS if each.key == fact.key]
    try:
        tighten(
            (*around, *setting.changes), fact.place, fact.rule, fact.key, fact.longest,
            valid_from=fact.valid_from, today=day(at.recorded_at),
        )  # fmt: skip
    except SettingsError as error:
        late = str(error).startswith("valid_from")
        field, value = ("valid_from", fact.valid_from) if late else ("longest", fact.longest)
        return Refusal("setting_refused", field, value, str(error))
    return None
