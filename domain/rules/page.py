"""`docs/rules.md`: the register as a page, rule by rule (Markdown)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.rules.happening import matches
from domain.rules.register import RULES
from domain.rules.shape import (
    AnyCheck,
    Cadence,
    Chain,
    Counted,
    Deadline,
    Each,
    Own,
    Rule,
    Standing,
)

HEAD = """\
# Rules

Generated from `domain/rules/` by `make docs`: every rule of the plan's 18 tasks, the milestones (M) and the safeguards (G).

Kinds: **H** a number or date in the plan; **C** a chain, if A happened B must follow; **E** an obligation without a number,
shown by evidence; **D** discretionary, shown and never a breach. A number whose source is K is this platform's service level,
not law; every number is a dated setting that a county may tighten and never loosen (`duty_settings`).

The indicator of a rule is `met + late + open` of `subjects`; what is `overdue` is a breach of an H or C rule, and evidence that
is lacking of an E rule (`shouhe indicators --rule T8.6`, view `indicators`).

| rule | kind | what | checked | events | test |
|---|---|---|---|---|---|
"""  # noqa: E501 - a paragraph of the page

JUDGED = "test_obligations.py"
DUTIES = "test_duties.py"
CLAIMS = "test_entitlements.py"


def _of_claims(check: AnyCheck) -> bool:
    """Whether a claim, an application or a payment is judged (domain/entitlement.py)."""
    judged = {"entitlements", "application_steps", "payment_findings"}
    return isinstance(check, Own) and not judged.isdisjoint(check.duties)


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"{_row(rule)}\n" for rule in RULES)


def _row(rule: Rule) -> str:
    checks = "<br>".join(_words(check) for check in rule.checks) or f"not: {rule.unchecked}"
    cells = (rule.id, rule.kind, f"{rule.label} ({rule.line})", checks, _events(rule), _test(rule))
    return f"| {' | '.join(cells)} |"


def _events(rule: Rule) -> str:
    names = {
        type_name.removesuffix(".v1"): None
        for check in rule.checks
        for _, match in matches(check)
        for type_name in match.types
    }
    return ", ".join(f"`{name}`" for name in names) or "see the policy"


def _test(rule: Rule) -> str:
    files: dict[str, None] = {}
    for check in rule.checks:
        own = CLAIMS if _of_claims(check) else DUTIES
        files[own if isinstance(check, Own) else JUDGED] = None
    return ", ".join(files)


def _words(check: AnyCheck) -> str:
    return f"{'; '.join(_parts(check))} ({check.actor}{_source(check)})"


def _source(check: AnyCheck) -> str:
    return f", {check.source}" if check.source else ""


def _parts(check: AnyCheck) -> Iterator[str]:
    match check:
        case Cadence():
            yield f"{check.what}: each {check.subject}, once in {check.months} months"
        case Standing():
            yield f"{check.what}: stands for each {check.subject}, from {check.days} days on"
        case Deadline():
            yield f"{check.what}: each {check.subject} by {check.by}"
        case Chain():
            yield f"{check.what}: within {check.limit} {check.unit}"
        case Each():
            yield f"{check.what}: each time" if check.must else f"{check.what}: each is a breach"
        case Counted():
            yield f"{check.what}: counted"
        case Own():
            yield f"{check.what}: {', '.join(check.duties)}"
