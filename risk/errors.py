"""What can go wrong in risk, under the one error tree.

ShouheError
└── RiskError
    ├── HistoryTooShortError   not enough matured as-of dates to learn from and be judged on
    ├── NotApprovedError       no approved model, or this one isn't
    │   └── ExpiredError       it was, until a day that is past
    └── ModelFileError         the file is missing, was changed, or speaks of other features
"""

from __future__ import annotations

from domain.errors import ShouheError


class RiskError(ShouheError):
    """Root of what risk raises on purpose."""


class HistoryTooShortError(RiskError):
    """Not enough matured as-of dates to learn from and be judged on."""


class NotApprovedError(RiskError):
    """Only an approved model scores."""


class ExpiredError(NotApprovedError):
    """An approval holds until a day; judged anew, it may be renewed."""


class ModelFileError(RiskError):
    """A model's file is missing, was changed, holds unknown types, or speaks of other features."""
