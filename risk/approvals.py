"""Which models may score, by the log: approved ones until they expire, challengers in shadow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from domain.event import day
from risk.errors import ExpiredError, NotApprovedError
from risk.questions import SERIOUS_PROBLEM

VALID_DAYS = 180
"""Days for which an approval holds that names no last day itself."""

LIST_QUESTION = SERIOUS_PROBLEM.name
"""The one question whose models order visit lists; an approval of old that names none means it."""

Standing = Literal["approved", "shadow", "retired"]

QUERY = """
SELECT model_id, argMax(turn, position) AS standing,
    argMax(file_hash, position) AS file_hash,
    argMax(who, position) AS who, max(occurred_at) AS since,
    argMax(expires_on, position) AS expires_on, argMax(asked, position) AS question
FROM (
    SELECT position, occurred_at,
        multiIf(type = 'model.approved.v1', 'approved', type = 'model.shadowed.v1', 'shadow',
            'retired') AS turn,
        JSONExtractString(data, 'model_id') AS model_id,
        JSONExtractString(data, 'file_hash') AS file_hash,
        JSONExtractString(data, multiIf(turn = 'approved', 'approved_by',
            turn = 'shadow', 'shadowed_by', 'retired_by')) AS who,
        JSONExtractString(data, 'expires_on') AS expires_on,
        JSONExtractString(data, 'question') AS asked
    FROM events
    WHERE type IN ('model.approved.v1', 'model.shadowed.v1', 'model.retired.v1')
    AND event_id NOT IN (
        SELECT corrects FROM events
        WHERE type IN ('model.approved.v1', 'model.shadowed.v1', 'model.retired.v1',
            'record.retracted.v1')
    )
)
GROUP BY model_id
ORDER BY max(position) DESC
"""

EVER = """
SELECT JSONExtractString(data, 'model_id'), 'approved', JSONExtractString(data, 'file_hash'),
    JSONExtractString(data, 'approved_by'), occurred_at, JSONExtractString(data, 'expires_on'),
    JSONExtractString(data, 'question')
FROM events
WHERE type = 'model.approved.v1' AND JSONExtractString(data, 'model_id') = {model:String}
ORDER BY occurred_at DESC, position DESC LIMIT 1
"""


class Approved(NamedTuple):
    """An approved model, or one in shadow: which file, by whom, since and until when, for what."""

    model_id: str
    file_hash: str
    approved_by: str
    approved_at: datetime
    expires_on: date
    question: str = LIST_QUESTION

    def valid(self, on: date) -> bool:
        """Whether it may score, and order a list, on a day."""
        return on <= self.expires_on


def approved_models(client: Any, on: date | None = None) -> list[Approved]:
    """Models that may score, the latest approved first. `on`: without those expired by that day."""
    return [each for each in _standing(client, "approved") if on is None or each.valid(on)]


def list_models(client: Any, on: date | None = None) -> list[Approved]:
    """Approved models that may order a visit list, the latest first: those of the list's question.

    A model of another question (a dropout, a crisis) is scored and shown when it is named; its
    scores say nothing of who has a serious problem, so they order nothing.
    """
    return [each for each in approved_models(client, on) if each.question == LIST_QUESTION]


def shadow_models(client: Any) -> list[Approved]:
    """Challengers that score in shadow, the latest first."""
    return _standing(client, "shadow")


def approved_model(client: Any, model_id: str | None = None, on: date | None = None) -> Approved:
    """The named model, or the latest that orders lists. Raises NotApprovedError, ExpiredError."""
    found = approved_models(client) if model_id else list_models(client)
    for each in found:
        if model_id in (None, each.model_id):
            if on is not None and not each.valid(on):
                raise ExpiredError(
                    f"model: the approval of {each.model_id!r} expired on {each.expires_on};"
                    f" judge it again and renew it (`shouhe approve {each.model_id} --by WHO`),"
                    " or train anew"
                )
            return each
    if model_id is None:
        raise NotApprovedError(
            f"model: none of the question {LIST_QUESTION!r} is approved; run"
            " `shouhe train --as-of DATE --approve WHO`, or name the model that is to score"
        )
    raise NotApprovedError(
        f"model: {model_id!r} is not approved, or was retired;"
        " only an approved model scores (`shouhe approve MODEL --by WHO`)"
    )


def once_approved(client: Any, model_id: str) -> Approved:
    """A model that was approved at any time, its latest approval. Raises NotApprovedError."""
    rows = client.query(EVER, {"model": model_id}).result_rows
    if not rows:
        raise NotApprovedError(f"model: {model_id!r} was never approved")
    return _approved(rows[0])


def _standing(client: Any, standing: Standing) -> list[Approved]:
    rows = client.query(QUERY).result_rows
    return [_approved(row) for row in rows if row[1] == standing]


def _approved(row: Any) -> Approved:
    model_id, _, file_hash, who, since, until, question = row
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    expires = date.fromisoformat(until) if until else day(since) + timedelta(days=VALID_DAYS)
    return Approved(model_id, file_hash, who, since, expires, question or LIST_QUESTION)
