"""模型和笔记本: which models may score, by what figures, and the rooms to look further. No names.

A card's figures were measured on dates that the model never saw (risk/card.py). The rooms run on
the analyst's own machine (`python -m notebooks`) over pseudonymous data.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.datastructures import State

from domain.errors import ShouheError
from infra.home import Home
from infra.web.guard import Grant
from infra.web.showing import page, today_of
from risk import model_file
from risk.approvals import Approved, approved_models, shadow_models
from risk.card import Card

ROOMS = (
    ("county.py", "一个县的台账", "marimo"),
    ("indicators.py", "十八项任务指标", "marimo"),
    ("risk_model.py", "训练、评估和批准模型", "marimo"),
    ("fairness.py", "各群体是否同样得到帮助", "marimo"),
    ("matching.py", "需求与措施", "marimo"),
    ("policy_lab.py", "政策实验", "marimo"),
    ("monitor.py", "使用中的模型", "marimo"),
    ("published.py", "公开数据上的同一做法", "marimo"),
    ("quick_start.py", "快速上手", "JupyterLab"),
    ("features.py", "某一天知道些什么", "JupyterLab"),
)
"""The rooms of notebooks/: file, what for, opened by."""


class Model(NamedTuple):
    """A model that may score. card: None where its file is not on this machine."""

    approved: Approved
    standing: str
    valid: bool
    card: Card | None


@get("/models", sync_to_thread=True, right="models")
def models_page(state: State, grant: Grant) -> Response[Any]:
    """Models in use and in shadow with their cards, and the rooms."""
    home: Home = state.home
    today = today_of(home)
    return page("models.html", grant, models=models(home, today), rooms=ROOMS,
                today=today)  # fmt: skip


def models(home: Home, today: date) -> list[Model]:
    """Approved ones first, the latest first; then those in shadow."""
    client = home.warehouse
    found = [(each, "approved") for each in approved_models(client)]
    found += [(each, "shadow") for each in shadow_models(client)]
    return [Model(each, how, each.valid(today), _card(home, each)) for each, how in found]


def _card(home: Home, each: Approved) -> Card | None:
    try:
        return model_file.read_card(home.settings.models_path, each.model_id)
    except (ShouheError, OSError):
        return None


ROUTES = (models_page,)
