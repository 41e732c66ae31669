"""Every number of the simulated county, each with its source.

Source marks are those of the field document's §6: `W:` a web page, secondary; `D` derived by
arithmetic; `K` assumed, plausible, unverified. Rates are per year unless the name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TypeVar

T = TypeVar("T")


def given(value: T, source: str) -> T:
    """A default value that carries its source."""
    made: T = field(default_factory=lambda: value, metadata={"source": source})
    return made


def _table(**values: float) -> Mapping[str, float]:
    return MappingProxyType(values)


@dataclass(frozen=True)
class Parameters:
    """The county's numbers. `Parameters(harm_level=-3.0)` changes one of them."""

    # --- the ledger ---------------------------------------------------------------------------
    children_per_village: float = given(26.4, "D: 47.5万 / 17,964 villages (§6)")
    registered_at_census: float = given(0.87, "K: the rest enter evenly over the period")
    census_days: int = given(30, "K")
    age_bands: Mapping[str, float] = given(
        _table(under_6=21.7, under_14=67.4, under_16=10.9), "W: hebei.com.cn 2018-10-31"
    )
    boys: float = given(0.545, "W: hebei.com.cn 2018-10-31")
    siblings: tuple[float, ...] = given((0.56, 0.33, 0.11), "K: 1, 2, 3 children on the ledger")
    no_id_number: float = given(0.003, "K")
    only_in_difficulty: float = given(0.13, "K: in difficulty, parents at home")
    moves: float = given(0.012, "K: a family moves within the county")

    # --- difficulty ---------------------------------------------------------------------------
    poor: float = given(0.30, "K: 低保未成年 68.5万 overlap LBC 47.5万 (W: chinaaceer.org)")
    disabled: float = given(0.022, "K: LBC 0.5% (W: hebei.com.cn), more in difficulty")
    chronic: float = given(0.02, "K")
    orphan: float = given(0.012, "D: 1.2万 orphans beside 47.5万 LBC, fewer in families")
    de_facto: float = given(0.026, "D: 1.6万 de facto unsupported beside 47.5万 LBC")
    dead_of_de_facto: float = given(0.451, "W: auto.qzscs.com (2021)")
    divorced: float = given(0.11, "K")

    # --- carers -------------------------------------------------------------------------------
    carer_grandparents: float = given(0.93, "W: 89.3% (2016), 96% (2018)")
    carer_relatives: float = given(0.035, "W: cernet.edu.cn 2016")
    carer_nobody: float = given(0.018, "W: 4.0% (2016), fewer since")
    carer_age: tuple[float, float] = given((58.2, 8.0), "W: newton.com.tw 22205672; sd K")
    carer_illness: float = given(0.10, "K: at 60; doubles in ten years of age")
    carer_illness_weeks: tuple[int, int] = given((6, 45), "K")
    delegate_late: float = given(0.30, "K: agreements signed after departure")
    delegate_never: float = given(0.17, "K: no agreement at all")

    # --- parents ------------------------------------------------------------------------------
    both_away: float = given(0.70, "W: cjrh 68.5% (12-35 months)")
    father_only_away: float = given(0.22, "K")
    home_at_festival: float = given(0.84, "W: ~15% see no parent in a year (zqb.cyol.com)")
    home_in_summer: float = given(0.22, "K: smaller than Spring Festival")
    return_before: tuple[int, int] = given((10, 25), "K (§6)")
    depart_after: tuple[int, int] = given((5, 20), "K (§6)")
    stays_home: float = given(0.05, "K: of the returns at Spring Festival")
    leaves_again: float = given(0.35, "K: of those who had stayed")
    parent_event: float = given(0.028, "K: divorce, death, prison, illness, lost contact")
    weekly_contact: float = given(0.404, "W: newton.com.tw 22205672: 40.4% call weekly")
    logs_every_week: float = given(0.12, "K: the other families are asked once a month")

    # --- workers ------------------------------------------------------------------------------
    director_hours: tuple[float, float] = given((3.0, 10.0), "K")
    hours_per_visit: float = given(1.1, "K: with the way")
    diligence: tuple[float, float] = given((0.45, 0.97), "K")
    skill: tuple[float, float] = given((0.30, 0.85), "K: of seeing what is there to see")
    director_turnover: float = given(0.06, "K")
    random_visits: float = given(0.05, "K: so that a model can learn what duty does not show")
    order_noise: float = given(
        0.2, "K: sd, shares of an interval; how loosely duty's order is kept"
    )
    failed_attempts: float = given(0.09, "K")
    tier_days: Mapping[str, int] = given(
        MappingProxyType({"red": 7, "yellow": 15, "blue": 30, "green": 90}),
        "K: suggested in §5 after practice elsewhere",
    )

    # --- harm ---------------------------------------------------------------------------------
    harm_level: float = given(-6.05, "K: tuned to 70 hidden serious episodes a 1,000 child-years")
    frailty: float = given(1.1, "K: sd, families; what no record says")
    own_frailty: float = given(0.55, "K: sd, children")
    stress_memory: float = given(0.974, "K: a week; half-life 26 weeks")
    stress_noise: float = given(0.24, "K: sd, a week; 1.06 in the long run")
    harm_weeks: tuple[int, int] = given((6, 40), "K: if nobody finds it")
    effects: Mapping[str, float] = given(
        _table(
            both_away=0.9,
            one_away=0.10,
            just_left=0.5,
            few_contacts=2.6,
            old_carer=0.7,
            ill_carer=1.5,
            nobody=1.5,
            poor=0.8,
            violence=1.4,
            parent_trouble=1.0,
            disabled=1.0,
            many_siblings=0.25,
            out_of_school=1.2,
            harmed_before=0.9,
            small_or_teen=0.4,
            summer=0.5,
        ),
        "K: signs from the literature in §5, sizes tuned",
    )
    violence: float = given(0.06, "K: hidden")
    found_at_visit: float = given(0.62, "K: times skill")
    found_by_contact: float = given(0.04, "K: times skill")
    found_by_school: float = given(0.012, "K: a week, of school children")
    found_by_others: float = given(0.006, "K: a week")
    minor_problem: float = given(0.0135, "K: a visit; tuned to 100 minor problems a 1,000 files")
    concern: float = given(0.026, "K: a visit and heading, at average strain")
    concern_slope: float = given(0.36, "K: how strain shows")
    reported: Mapping[str, float] = given(
        _table(abuse=0.30, unattended=0.05, other=0.012), "K: tuned to 2 substantiated / 1,000"
    )
    false_reports: float = given(0.002, "K: 4 reports, 2 substantiated a 1,000 (§6)")

    # --- paper --------------------------------------------------------------------------------
    same_day: float = given(0.78, "K: of the facts that people type in")
    within_week: float = given(0.17, "K")
    corrected: float = given(0.005, "K")
    retracted: float = given(0.002, "K")
    subsistence_fen: int = given(40_000, "K: Guizhou's standards were not found (§6)")
    hardship_rate: float = given(0.30, "T9.2: 30% of the local standard")
    local_standard_fen: int = given(47_000, "K")
    orphan_fen: int = given(160_000, "W: secondary: 1,606.8 yuan nationally, 2025")
    de_facto_fen: int = given(159_000, "W: secondary: 1,593.4 yuan nationally, 2025")
    disability_fen: int = given(9_000, "K")


def sources() -> dict[str, str]:
    """Name of each parameter → where its value comes from."""
    return {each.name: each.metadata.get("source", "") for each in fields(Parameters)}
