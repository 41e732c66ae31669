"""Which models were approved and not retired, by the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from risk.errors import NotApprovedError

QUERY = """
SELECT model_id, argMaxIf(file_hash, (occurred_at, offset), approves) AS file_hash,
    argMaxIf(approved_by, (occurred_at, offset), approves) AS approved_by,
    maxIf(occurred_at, approves) AS approved_at
FROM (
    SELECT offset, occurred_at, type = 'model.approved.v1' AS approves,
        JSONExtractString(data, 'model_id') AS model_id,
        JSONExtractString(data, 'file_hash') AS file_hash,
        JSONExtractString(data, 'approved_by') AS approved_by
    FROM events
    WHERE type IN ('model.approved.v1', 'model.retired.v1') AND event_id NOT IN (
        SELECT corrects FROM events
        WHERE type IN ('model.approved.v1', 'model.retired.v1', 'record.retracted.v1')
    )
)
GROUP BY model_id
HAVING argMax(approves, (occurred_at, offset)) = 1
ORDER BY approved_at DESC, model_id DESC
"""


class Approved(NamedTuple):
    """An approved model: which file, by whom, when."""

    model_id: str
    file_hash: str
    approved_by: str
    approved_at: datetime


def approved_models(client: Any) -> list[Approved]:
    """Models that may score, the latest approved first."""
    return [Approved(*row) for row in client.query(QUERY).result_rows]


def approved_model(client: Any, model_id: str | None = None) -> Approved:
    """The named model, or the latest approved. Raises NotApprovedError."""
    found = approved_models(client)
    for each in found:
        if model_id in (None, each.model_id):
            return each
    if model_id is None:
        raise NotApprovedError(
            "model: none is approved; run `shouhe train --as-of DATE --approve WHO`"
        )
    raise NotApprovedError(
        f"model: {model_id!r} is not approved, or was retired;"
        " only an approved model scores (`shouhe train --as-of DATE --approve WHO`)"
    )
