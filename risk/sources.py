"""The histories that features are made of, and what the cohort needs of the child's file."""

from __future__ import annotations

from risk.feature import CAP_DAYS, Source, latest, part

FILE = Source("file", "children_history")
GUARDIANS = Source("guardians", "guardians_history")
ABSENCES = Source("absences", "parent_absences_history")
STATUSES = Source("statuses", "parent_statuses_history")
AGREEMENTS = Source("agreements", "care_agreements_history")
VISITS = Source("visits", "visits_history", days=CAP_DAYS)
ATTEMPTS = Source("attempts", "visit_attempts_history", days=365)
CONTACTS = Source("contacts", "contacts_history", days=365)
CALLS = Source("calls", "parent_contacts_history", days=365)
PROBLEMS = Source("problems", "problems_history")
REPORTS = Source("reports", "reports_history")
SUBSIDIES = Source("subsidies", "subsidies_history")

_REGISTERS = "type = 'child.registered.v1'"
_TURNS = (
    "type IN ('child.registered.v1', 'child.returned_to_ledger.v1', 'child.left_ledger.v1',"
    " 'child.forgotten.v1')"
)

REGISTERED = part(FILE, "registered_at", f"minIf(occurred_at, {_REGISTERS})")
VILLAGE = part(FILE, "village_code", latest("village_code", "village_code != ''"))
BORN = part(FILE, "birth_month", latest("birth_month", _REGISTERS))
SEX = part(FILE, "sex", latest("sex", _REGISTERS))
LEDGER_TURN = part(FILE, "ledger_turn", latest("type", _TURNS))
REGISTRATIONS = part(FILE, "registrations", f"countIf({_REGISTERS})")

COHORT = (REGISTERED, VILLAGE, BORN, SEX, LEDGER_TURN, REGISTRATIONS)
"""Parts of the file that every matrix carries. `sex` is there for parity alone."""

ON_LEDGER = (
    "p_registrations > 0 AND p_ledger_turn IN"
    " ('child.registered.v1', 'child.returned_to_ledger.v1')"
)
"""Who is in the cohort."""

DAY = "toDate(t - INTERVAL 1 SECOND, 'Asia/Shanghai')"
AGE = f"(greatest(dateDiff('month', p_birth_month, {DAY}), 0) / 12)"
