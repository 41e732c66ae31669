"""What is known of a child by a day: the features, in the field's words.

Sex and ethnicity are not among them and never will be: help must not hang on them. Season, age and
the rate of the village around are, but season is no reason to give to anyone. What a child or a
family asks for only ever raises a priority (`direction=1`), also where it was not granted; what is
given to them may lower it, as it should where it helps.
"""

from __future__ import annotations

from risk.feature import Feature
from risk.features.around import AROUND_FEATURES
from risk.features.care import CARE_FEATURES
from risk.features.contacts import CONTACT_FEATURES
from risk.features.file import FILE_FEATURES
from risk.features.life import LIFE_FEATURES
from risk.features.problems import PROBLEM_FEATURES
from risk.features.visits import VISIT_FEATURES

FEATURES: tuple[Feature, ...] = (
    *FILE_FEATURES,
    *CARE_FEATURES,
    *VISIT_FEATURES,
    *CONTACT_FEATURES,
    *PROBLEM_FEATURES,
    *LIFE_FEATURES,
    *AROUND_FEATURES,
)
"""Every feature, in the order of the matrix's columns."""

__all__ = ["FEATURES"]
