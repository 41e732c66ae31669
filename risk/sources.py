"""The histories that features are made of, and what the cohort needs of the child's file."""

from __future__ import annotations

from risk.feature import CAP_DAYS, Source, latest, part

FILE = Source("file", "children_history")
GUARDIANS = Source("guardians", "guardians_history")
ABSENCES = Source("absences", "parent_absences_history")
STATUSES = Source("statuses", "parent_statuses_history")
AGREEMENTS = Source("agreements", "care_agreements_history")
VISITS = Source("visits", "visits_history", days=CAP_DAYS)
ATTEMPTS = Source("attempts", "visit_attempts_history", days=CAP_DAYS)
CONTACTS = Source("contacts", "contacts_history", days=365)
CALLS = Source("calls", "parent_contacts_history", days=365)
PROBLEMS = Source("problems", "problems_history")
REPORTS = Source("reports", "reports_history")
SUBSIDIES = Source("subsidies", "subsidies_history", where="type != 'benefit.paid.v1'")
"""Payments are many, and say no more than the grant."""
LIFE = Source("life", "circumstances_history")
LISTS = Source("lists", "visit_list_history", days=187)
DIRECTORS = Source(
    "directors",
    "workers_history",
    where="role = 'director'",
    key="toString(assigned_place)",
    on="toString(p_village_code)",
)
PLACES = Source(
    "places",
    "surroundings_history",
    key="substring(toString(place), 1, 9)",
    on="substring(toString(p_village_code), 1, 9)",
)
"""What is dangerous in a township is so for each of its villages."""

_REGISTERS = "type = 'child.registered.v1'"
_TURNS = (
    "type IN ('child.registered.v1', 'child.returned_to_ledger.v1', 'child.left_ledger.v1',"
    " 'child.forgotten.v1')"
)
_CATEGORIES = (
    "left_behind_child",
    "family_poverty",
    "own_disability",
    "guardianship_failure",
    "orphan",
    "de_facto_unsupported",
    "migrant_child",
    "serious_illness",
    "other_difficulty",
)


def _held(category: str) -> str:
    present = latest("present", f"category = '{category}'")
    return f"if({present}, '{category}', '')"


_HELD = ", ".join(map(_held, _CATEGORIES))

REGISTERED = part(FILE, "registered_at", f"minIf(occurred_at, {_REGISTERS})")
VILLAGE = part(FILE, "village_code", latest("village_code", "village_code != ''"))
BORN = part(FILE, "birth_month", latest("birth_month", _REGISTERS))
LEDGER_TURN = part(FILE, "ledger_turn", latest("type", _TURNS))
REGISTRATIONS = part(FILE, "registrations", f"countIf({_REGISTERS})")
CARER = part(GUARDIANS, "carer", latest("guardian_id", "relation != ''"))
HOUSE = part(LIFE, "house", latest("household_id", "household_id != ''"))

GROUPS = (
    part(FILE, "sex", latest("sex", _REGISTERS)),
    part(FILE, "ethnicity", latest("ethnicity", _REGISTERS)),
    part(FILE, "categories", f"arrayStringConcat(arrayFilter(c -> c != '', [{_HELD}]), ',')"),
)
"""What parity is told by, and no feature is made of."""

COHORT = (REGISTERED, VILLAGE, BORN, LEDGER_TURN, REGISTRATIONS, CARER, HOUSE, *GROUPS)
"""Parts that every matrix carries."""

ON_LEDGER = (
    "p_registrations > 0 AND p_ledger_turn IN"
    " ('child.registered.v1', 'child.returned_to_ledger.v1')"
)
"""Who is in the cohort."""

HOUSEHOLD = (
    "multiIf(p_carer != '', concat('c:', p_carer), p_house != '', concat('h:', p_house),"
    " toString(child_id))"
)
"""Children with one carer, or else of one registered house, count as siblings."""

WINDOWS = {
    "village": "PARTITION BY t, p_village_code",
    "household": f"PARTITION BY t, p_village_code, {HOUSEHOLD}",
}
"""In a feature's SQL: `sum(p_x) OVER household`. A village is never told apart by how a matrix is
made in batches, so siblings are looked for in the same village only."""

DAY = "toDate(t - INTERVAL 1 SECOND, 'Asia/Shanghai')"
AGE = f"(greatest(dateDiff('month', p_birth_month, {DAY}), 0) / 12)"
