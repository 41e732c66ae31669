"""`shouhe approve` and `shouhe retire`: who lets a model score, until when, and who ends it."""

from __future__ import annotations

from domain.errors import WrongUsageError
from infra import approving
from infra.console import DONE, emit_json, out
from infra.home import Home
from infra.settings import MOST_DAYS, from_environment


def approve(
    model: str, /, *, by: str, days: int = 0, shadow: bool = False, json: bool = False
) -> int:
    """Approve a model that was trained: from now on it scores, and its scores order lists.

    Read its card and its impact assessment first (`<model>.md`, `<model>.pia.md`); both are
    recorded with the approval. An approval that has expired is renewed.

    Parameters
    ----------
    model
        The model's id, as `shouhe train` printed it.
    by
        Who approves, by their own number.
    days
        For how many days; without it, SHOUHE_MODEL_DAYS.
    shadow
        Let it score in shadow only: beside the approved model, in no list, to be compared.
    json
        Print one JSON object: `model_id`, `file_hash`, `by`, `expires_on`, `shadow`.
    """
    if not 0 <= days <= MOST_DAYS:
        raise WrongUsageError(f"--days: {days} is no number of days; use 1 to {MOST_DAYS}")
    with Home(from_environment()) as home:
        if shadow:
            card = approving.shadow(home, model, by)
        else:
            card = approving.approve(home, model, by, days=days or None)
    until = card.approval.expires_on if card.approval and not shadow else None
    if json:
        emit_json({"model_id": card.model_id, "file_hash": card.file_sha256, "by": by,
                   "expires_on": until, "shadow": shadow})  # fmt: skip
    elif shadow:
        out(f"{card.model_id}: 试算,不进入清单 (in shadow)")
    else:
        out(f"{card.model_id}: 已批准,有效至 {until}")
    return DONE


def retire(
    model: str = "", /, *, by: str, reason: str = "replaced", all_: bool = False, json: bool = False
) -> int:
    """Retire a model, or with --all every one: the lists fall back to duty order at once.

    Parameters
    ----------
    model
        The model's id.
    by
        Who retires it, by their own number.
    reason
        A short code: replaced, unfair, wrong, stop.
    all_
        Every approved model and every one in shadow: the kill switch.
    json
        Print one JSON object: `models`, `weeks` whose lists were made anew.
    """
    if bool(model) == all_:
        raise WrongUsageError("retire: name one model, or give --all")
    with Home(from_environment()) as home:
        done = approving.retire(home, by, reason, model)
    if json:
        emit_json(done._asdict())
    else:
        out(f"已停用 {len(done.models)} 个模型:{'、'.join(done.models) or '无'}")
        out(f"已按现有批准重排清单:{'、'.join(done.weeks) or '无'}")
    return DONE
