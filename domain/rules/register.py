"""The register: every rule of domain.md §1, in the plan's order, and their numbers as settings."""

from __future__ import annotations

from domain.duty_settings import SETTINGS, SINCE_EVER, Setting, Unit
from domain.entitlement_settings import ENTITLEMENT_SETTINGS
from domain.rules import foundation, guarding, helping, safeguards, safety, spirit
from domain.rules.shape import AnyCheck, Cadence, Chain, Rule, Standing

RULES: tuple[Rule, ...] = (
    *spirit.RULES,
    *guarding.RULES,
    *helping.RULES,
    *safety.RULES,
    *foundation.RULES,
    *safeguards.RULES,
)
CHECKS: tuple[AnyCheck, ...] = tuple(check for rule in RULES for check in rule.checks)
BY_ID = {rule.id: rule for rule in RULES}


def _number(check: AnyCheck) -> tuple[int, Unit] | None:
    match check:
        case Cadence():
            return check.months, "calendar_months"
        case Standing():
            return check.days, "days"
        case Chain():
            return check.limit, check.unit
        case _:
            return None


RULE_SETTINGS: tuple[Setting, ...] = tuple(
    Setting(
        rule=check.rule,
        key=check.key,
        value=number[0],
        unit=number[1],
        valid_from=SINCE_EVER,
        is_law=check.source != "K",
        source=check.source,
    )
    for check in CHECKS
    if (number := _number(check)) is not None
)
"""The numbers of the checks, under the check's key. Like all settings, tightened, not loosened."""

ALL_SETTINGS = (*SETTINGS, *RULE_SETTINGS, *ENTITLEMENT_SETTINGS)
