"""What each event means for the sheets that verify compares. One function per concept."""

from __future__ import annotations

from datetime import date
from typing import Any

from projections.fold import Book, Fact, on


@on("child.registered.v1")
def _registered(book: Book, fact: Fact) -> None:
    sheet, data = book.sheet("children", fact.child), fact.data
    born = date.fromisoformat(data["birth_date"]).replace(day=1)
    sheet.put("registered", fact, (data["sex"], born, data["ethnicity"], data["hukou_type"]))
    sheet.first("registered_at", fact, fact.order[0])
    sheet.put("village_code", fact, data["residence_division"])
    sheet.put("turn", fact, (True, ""))
    book.sheet("residences", (fact.child, data["residence_division"])).first(
        "since", fact, fact.day
    )


@on("child.moved.v1")
def _moved(book: Book, fact: Fact) -> None:
    village = fact.data["residence_division"]
    book.sheet("children", fact.child).put("village_code", fact, village)
    book.sheet("residences", (fact.child, village)).first("since", fact, fact.day)


@on("child.category_added.v1", "child.category_removed.v1")
def _category(book: Book, fact: Fact) -> None:
    held = fact.type == "child.category_added.v1"
    book.sheet("children", fact.child).put(("category", fact.data["category"]), fact, held)


@on("risk.factor_recorded.v1")
def _factor(book: Book, fact: Fact) -> None:
    factor, present = fact.data["factor"], fact.data["present"]
    book.sheet("children", fact.child).put(("factor", factor), fact, present)
    book.sheet("risk_factors", (fact.child, factor)).put("since", fact, (int(present), fact.day))


@on("risk.tier_set.v1")
def _tier(book: Book, fact: Fact) -> None:
    book.sheet("children", fact.child).put("tier", fact, fact.data["tier"])


@on("visit_plan.set.v1")
def _plan(book: Book, fact: Fact) -> None:
    book.sheet("children", fact.child).put("plan", fact, fact.data["interval_days"])


@on("child.health_status_set.v1")
def _health(book: Book, fact: Fact) -> None:
    value = (fact.data["status"], fact.data["disability_grade"] or 0)
    book.sheet("children", fact.child).put("health", fact, value)


@on("school.enrolled.v1", "school.left.v1")
def _school(book: Book, fact: Fact) -> None:
    sheet, data = book.sheet("children", fact.child), fact.data
    sheet.put("school", fact, (data["school_code"], int(fact.type == "school.enrolled.v1")))
    if fact.type == "school.enrolled.v1":
        sheet.put("class", fact, (data["stage"], data["grade"], int(data["boarding"])))


@on("child.left_ledger.v1", "child.returned_to_ledger.v1")
def _ledger(book: Book, fact: Fact) -> None:
    sheet = book.sheet("children", fact.child)
    sheet.put("turn", fact, (fact.type != "child.left_ledger.v1", fact.data.get("reason", "")))
    if fact.type == "child.left_ledger.v1":
        sheet.put("left_at", fact, fact.order[0])


@on("child.forgotten.v1")
def _forgotten(book: Book, fact: Fact) -> None:
    book.sheet("children", fact.child).sums["forgotten"] = 1


@on("guardian.linked.v1", "guardian.assessed.v1")
def _guardian(book: Book, fact: Fact) -> None:
    sheet = book.sheet("guardians", (fact.child, fact.data["guardian_id"]))
    sheet.put("capacity", fact, fact.data["capacity"])
    if fact.type == "guardian.linked.v1":
        sheet.put("linked", fact, (fact.data["relation"], int(fact.data["is_legal"])))
    else:
        sheet.put("grade", fact, fact.data["grade"])


@on("parent.departed.v1", "parent.returned.v1")
def _absence(book: Book, fact: Fact) -> None:
    sheet = book.sheet("parent_absences", (fact.child, fact.data["parent"]))
    sheet.listed.append((fact.order, fact.type == "parent.departed.v1", fact.day))


@on("parent.status_changed.v1")
def _status(book: Book, fact: Fact) -> None:
    sheet = book.sheet("parent_statuses", (fact.child, fact.data["parent"]))
    sheet.put("status", fact, fact.data["status"])


def _tally(model: str, *summed: str) -> Any:
    def step(book: Book, fact: Fact) -> None:
        sheet = book.sheet(model, fact.child)
        sheet.sums["count"] += 1
        for name in summed:
            value = fact.data[name]
            sheet.sums[name] += len(value) if isinstance(value, list) else int(value or 0)
        sheet.listed = [(max(fact.day, sheet.listed[0][0]) if sheet.listed else fact.day,)]

    return step


on("visit.completed.v1")(
    _tally("visits", "child_seen", "child_spoken_alone", "carer_present", "concerns", "minutes")
)
on("visit.attempt_failed.v1")(_tally("visit_attempts"))
on("contact.logged.v1")(_tally("contacts", "minutes"))
on("parent_contact.logged.v1")(_tally("parent_contacts", "minutes"))
on("visit_list.child_listed.v1")(_tally("visit_list"))


@on("care_agreement.signed.v1")
def _signed(book: Book, fact: Fact) -> None:
    sheet, data = book.sheet("care_agreements", fact.data["agreement_id"]), fact.data
    end = date.fromisoformat(data["end"]) if data["end"] else None
    sheet.put("signed", fact, (fact.child, data["relation"], date.fromisoformat(data["start"])))
    sheet.put("end", fact, end)
    sheet.first("signed_at", fact, fact.order[0])


@on("care_agreement.renewed.v1")
def _renewed(book: Book, fact: Fact) -> None:
    sheet = book.sheet("care_agreements", fact.data["agreement_id"])
    sheet.put("end", fact, date.fromisoformat(fact.data["end"]))


@on("care_agreement.filed.v1")
def _filed(book: Book, fact: Fact) -> None:
    sheet = book.sheet("care_agreements", fact.data["agreement_id"])
    sheet.first("filed_at", fact, fact.order[0])


@on("care_agreement.ended.v1", "care.delegate_replaced.v1")
def _ended(book: Book, fact: Fact) -> None:
    sheet = book.sheet("care_agreements", fact.data["agreement_id"])
    sheet.first("ended", fact, (fact.order[0], fact.data.get("reason", "replaced")))


@on("care_agreement.delegate_assessed.v1")
def _delegate(book: Book, fact: Fact) -> None:
    sheet = book.sheet("care_agreements", fact.data["agreement_id"])
    sheet.put("disqualified", fact, int(bool(fact.data["disqualifiers"])))


@on("care.deficiency_found.v1")
def _deficiency(book: Book, fact: Fact) -> None:
    sheet = book.sheet("care_agreements", fact.data["agreement_id"])
    sheet.put("deficiency", fact, fact.data["kind"])


@on("problem.found.v1")
def _found(book: Book, fact: Fact) -> None:
    data = fact.data
    found = (fact.child, data["kind"], data["severity"], data["found_by"], fact.day)
    book.sheet("problems", data["problem_id"]).put("found", fact, found)


@on("problem.resolved.v1")
def _resolved(book: Book, fact: Fact) -> None:
    sheet = book.sheet("problems", fact.data["problem_id"])
    sheet.put("resolved", fact, (fact.day, fact.data["outcome"]))


REPORT_STATES = {
    "report.submitted.v1": "submitted",
    "report.received.v1": "received",
    "report.transferred.v1": "transferred",
    "report.accepted.v1": "accepted",
    "report.investigated.v1": "investigated",
    "report.measure_taken.v1": "measured",
    "report.disposed.v1": "disposed",
    "report.feedback_given.v1": "fed_back",
}


@on(*REPORT_STATES)
def _report(book: Book, fact: Fact) -> None:
    sheet, data = book.sheet("reports", fact.data["report_id"]), fact.data
    sheet.put("state", fact, REPORT_STATES[fact.type])
    if fact.type == "report.submitted.v1":
        sheet.put("submitted", fact, (fact.child, data["situation"], data["severity"]))
        sheet.first("submitted_at", fact, fact.order[0])
    if desk := data.get("to") or data.get("desk"):
        sheet.put("desk", fact, desk)
    if fact.type == "report.measure_taken.v1":
        sheet.put(("measure", data["measure"]), fact, True)
    if fact.type == "report.investigated.v1":
        sheet.put("finding", fact, data["finding"])
    if fact.type == "report.disposed.v1":
        sheet.put("disposed", fact, (fact.order[0], data["outcome"]))


@on("eligibility.assessed.v1", "benefit.granted.v1", "benefit.adjusted.v1")
def _benefit(book: Book, fact: Fact) -> None:
    sheet, data = book.sheet("subsidies", fact.data["benefit_id"]), fact.data
    sheet.put("child", fact, fact.child)
    if "type" in data:
        sheet.put("type", fact, data["type"])
    if "result" in data:
        sheet.put("eligibility", fact, data["result"])
    if "amount_fen" in data:
        sheet.put("amount", fact, (data["amount_fen"], data["from_month"]))


@on("benefit.paid.v1")
def _paid(book: Book, fact: Fact) -> None:
    sheet = book.sheet("subsidies", fact.data["benefit_id"])
    sheet.put("child", fact, fact.child)
    sheet.sums["paid_fen"] += fact.data["amount_fen"]
    sheet.sums["payments"] += 1
    last = max(fact.data["period"], sheet.listed[0][0] if sheet.listed else "")
    sheet.listed = [(last,)]


@on("benefit.stopped.v1")
def _stopped(book: Book, fact: Fact) -> None:
    sheet = book.sheet("subsidies", fact.data["benefit_id"])
    sheet.put("child", fact, fact.child)
    sheet.put("stopped", fact, fact.data["reason"])


@on("worker.appointed.v1", "worker.ended.v1")
def _worker(book: Book, fact: Fact) -> None:
    sheet, data = book.sheet("workers", fact.data["worker_id"]), fact.data
    appointed = fact.type == "worker.appointed.v1"
    sheet.put("active", fact, int(appointed))
    if appointed:
        sheet.put("appointed", fact, (data["role"], data["place"], data["weekly_hours"]))


@on("risk.scored.v1")
def _scored(book: Book, fact: Fact) -> None:
    key = (fact.child, fact.data["model_id"], date.fromisoformat(fact.data["as_of"]))
    value = (fact.data["score"], fact.data["log_position"])
    book.sheet("scores", key).put("score", fact, value)
