"""The figures of a model: everything that was measured on dates it never saw."""

from __future__ import annotations

from datetime import date

import msgspec

from risk.counting import Interval
from risk.panels import Alternatives, LittleHistory, Tenth
from risk.parity import Difference, Group, Proxy


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One ranking on one as-of date. `auc` and `average_precision`: over the whole county.

    listed    children on the lists; selected: of those, the ones who were looked at
    """

    as_of: date
    children: int
    positives: int
    selected: float
    found: float
    auc: float | None
    average_precision: float | None
    listed: float = 0.0


class RankingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One ranking; found_per_100, precision and recall are means over the test dates.

    lift      found_per_100 over that of the statutory order
    interval  of found_per_100; above_statutory: of its excess over the statutory order
    by_ties   share of the places on the lists that were given by the keyed hash alone
    lead_days mean days from the list to the day on which it came to light, over every yes; a child
              that was not listed has 0
    """

    name: str
    selected: float
    found: float
    positives: int
    found_per_100: float
    precision: float
    recall: float
    auc: float | None
    average_precision: float | None
    lift: float | None
    days: list[DayFigures]
    listed: float = 0.0
    interval: Interval | None = None
    above_statutory: Interval | None = None
    by_ties: float | None = None
    lead_days: float | None = None


class VillageFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One village, that is its directors, over all test dates, by the model.

    listed    places on its lists, all dates together; selected: of those, who were looked at
    """

    village_code: str
    children: int
    positives: int
    selected: int
    found: int
    listed: int = 0


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """ece: mean gap between said and seen in ten equal groups; brier: mean squared error."""

    ece: float
    brier: float
    mean_score: float
    mean_label: float
    interval: Interval | None = None


class Churn(msgspec.Struct, frozen=True, kw_only=True):
    """The same model learned with another seed: how much of its lists is the same.

    found, found_again: what the two find at capacity
    """

    overlap: float
    found: float
    found_again: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured on dates that the model never saw.

    intervals    of the model's figures by name: villages drawn again, 95 of 100 draws
    stability    share of a week's lists that stood on the lists of the week before
    observed     share of rows that have a label: someone looked, or it was reported
    """

    capacity: str
    rankings: list[RankingFigures]
    calibration: Calibration
    parity: list[Group]
    villages: list[VillageFigures]
    differences: list[Difference] = msgspec.field(default_factory=list)
    proxies: list[Proxy] = msgspec.field(default_factory=list)
    tenths: list[Tenth] = msgspec.field(default_factory=list)
    intervals: dict[str, Interval] = msgspec.field(default_factory=dict)
    alternatives: Alternatives | None = None
    little_history: LittleHistory | None = None
    stability: float | None = None
    churn: Churn | None = None
    observed: float = 1.0

    def ranking(self, name: str) -> RankingFigures:
        """One ranking by its name. Raises KeyError."""
        for each in self.rankings:
            if each.name == name:
                return each
        raise KeyError(name)
