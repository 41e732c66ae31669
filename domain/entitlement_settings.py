"""The numbers and the debatable readings of eligibility and payment, as dated settings.

They stand in the same table as the duties' (domain/duty_settings.py) and are read the same way. A
reading is 0 or 1; which one holds from a day on is one more dated row.
"""

from __future__ import annotations

from domain.duty_settings import SINCE_EVER, Setting, Unit

COUNTRYS = frozenset({"unsupported_months", "deported_both", "destitute_age", "disability_grade"})
"""An age, a grade, a term, a reading of a text: who has a claim, not by when. No place's to change;
entitlement_numbers.sql reads them so."""


def _set(rule: str, key: str, value: int, unit: Unit, source: str, *, law: bool = False) -> Setting:
    return Setting(
        rule=rule, key=key, value=value, unit=unit, valid_from=SINCE_EVER, is_law=law, source=source
    )


ENTITLEMENT_SETTINGS: tuple[Setting, ...] = (
    _set("T9.1", "unsupported_months", 6, "months", "民发〔2020〕125号", law=True),
    _set("T9.1", "deported_both", 0, "reading", "K: 1 = 遣送出境 counts for both (qinzhou)"),
    _set("T9.1", "destitute_age", 18, "years", "K: 特困 < 18 since 2020–21; art 14 said < 16"),
    _set("T9.1", "disability_grade", 2, "grade", "K: 残疾人两项补贴 to this grade and worse"),
    _set("T9.1", "entitlement_days", 30, "days", "K: from eligible to granted"),
    _set("T9.2", "hardship_days", 60, "days", "K: from eligible to granted"),
    _set("T9.1", "pay_days", 10, "days", "K: after the end of the month that is paid for"),
    _set("T9.1", "T9.1/accepted", 3, "workdays", "K: a service level (W: mzj.cxz.gov.cn)"),
    _set("T9.1", "T9.1/checked", 15, "workdays", "K: a service level (W: mzj.cxz.gov.cn)"),
    _set("T9.1", "T9.1/decided", 15, "workdays", "K: a service level (W: mzj.cxz.gov.cn)"),
    _set("T9.1", "T9.1/notified", 3, "workdays", "K: a service level (W: mzj.cxz.gov.cn)"),
)  # fmt: skip
