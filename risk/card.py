"""A model's card: the question, the data, the figures, the limits. JSON beside the model's file."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import msgspec

from risk.figures import Figures
from risk.reference import Reference
from risk.stewardship import INTENDED, NEVER

LIMITS = (
    (
        "评分只用于安排帮助的先后,不作为拒绝帮助、追责或处罚的依据;须由人决定。",
        "Scores order help. They never deny it, and no one is punished by a number; people decide.",
    ),
    (
        "标签是“被发现并记录的严重问题”,不是全部伤害;走访多的地方发现也多,未被走访的孩子风险可能被低估。",
        (
            "The label is a serious problem found and recorded, not all harm: where more is looked"
            " for, more is found, and a child nobody visits may be underrated."
        ),
    ),
    (
        "性别、民族不作为特征;各群体的召回率列在“parity”,差距大时不得批准。",
        (
            "Sex and ethnicity are no features; recall by group is under parity: do not approve"
            " where groups are served very unequally."
        ),
    ),
    (
        "同一儿童每四周出现一次,各行不独立;数据或政策变化后须重新训练与评估。",
        (
            "A child appears every four weeks, so rows are not independent; train and judge again"
            " after data or policy change."
        ),
    ),
    (
        "指标来自留出的最近日期上、只用更早数据拟合的同一做法;发布的模型再用全部成熟日期拟合一次。",
        (
            "Figures were measured on held-out latest dates by the same recipe fitted on earlier"
            " ones; the model in the file is that recipe fitted once more on every matured date."
        ),
    ),
)
"""(Chinese, English)."""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Who approved the file, when, until when; the truth is the event, this is a copy to read."""

    by: str
    at: datetime
    expires_on: date | None = None


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one should know before approving a model.

    data_position   the last log position known by the end of `as_of`
    learned_on      as-of dates of the fit that was judged; judged_on: the held-out dates
    fitted_on       as-of dates of the fit in the file
    typical         the median of each feature, which reasons are told against
    choice          mean AUC of each kind on the inner split, inside `learned_on`
    code, libraries which program made it, on which libraries
    reference       the spread of what was learned from, for drift
    """

    model_id: str
    question: str
    title: str
    horizon_days: int
    as_of: date
    data_position: int
    feature_hash: str
    features: list[str]
    typical: list[float]
    kind: str
    choice: dict[str, float]
    learned_on: list[date]
    judged_on: list[date]
    fitted_on: list[date]
    rows: int
    positives: int
    figures: Figures
    created: datetime
    file_sha256: str = ""
    limits: list[tuple[str, str]] = msgspec.field(default_factory=lambda: list(LIMITS))
    approval: Approval | None = None
    code: str = ""
    libraries: dict[str, str] = msgspec.field(default_factory=dict)
    intended: list[str] = msgspec.field(default_factory=lambda: list(INTENDED))
    never: list[str] = msgspec.field(default_factory=lambda: list(NEVER))
    reference: Reference | None = None


def card_hash(card: Card) -> str:
    """SHA-256 of what the card says of the model: the same before and after its approval."""
    text = msgspec.json.encode(msgspec.structs.replace(card, approval=None))
    as_read = msgspec.json.decode(text, type=Card)  # a 0 comes back as 0.0
    return hashlib.sha256(msgspec.json.encode(as_read)).hexdigest()


def as_markdown(card: Card) -> str:
    """The card for people: Chinese first."""
    lines = [
        f"# {card.title} ({card.question})",
        "",
        f"- 模型 model: `{card.model_id}` ({card.kind}), sha256 `{card.file_sha256}`",
        f"- 截至 as of {card.as_of}, 日志位置 log position {card.data_position}",
        f"- 学习 learned on {len(card.learned_on)} days, 间隔 embargo ≥ {card.horizon_days} days",
        f"- 评估 judged on {', '.join(map(str, card.judged_on))}",
        f"- 特征 features: {len(card.features)}, sha256 `{card.feature_hash}`",
        f"- 程序 code: `{card.code}`; {', '.join(f'{k} {v}' for k, v in card.libraries.items())}",
        f"- 批准 approved: {_approved(card.approval)}",
        "",
        "## 用途 intended use",
        "",
        *(f"- {each}" for each in card.intended),
        "",
        "## 禁止 never to be used for",
        "",
        *(f"- {each}" for each in card.never),
        "",
        "## 评估 figures",
        "",
        f"{card.figures.capacity}",
        "",
        "| 排序 order | 每百次走访发现 found/100 | 召回 recall | AUC | AP | 相对法定顺序 lift |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {each.name} | {each.found_per_100:.2f} | {each.recall:.3f} | {_text(each.auc)} |"
        f" {_text(each.average_precision)} | {_text(each.lift)} |"
        for each in card.figures.rankings
    ]
    calibration = card.figures.calibration
    lines += [
        "",
        f"校准 calibration: ECE {calibration.ece:.4f}, Brier {calibration.brier:.4f}",
        f"有标签 labelled: {card.figures.observed:.1%}",
        "",
        *_beside(card.figures),
        "",
        "| 群体 group | 儿童 | 阳性 | 召回 recall |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {each.by}: {each.group} | {each.children} | {each.positives} | {_text(each.recall)} |"
        for each in card.figures.parity
    ]
    lines += ["", "## 局限 limits", ""]
    lines += [f"- {chinese} {english}" for chinese, english in card.limits]
    return "\n".join(lines) + "\n"


def _beside(figures: Figures) -> list[str]:
    """Intervals, what an hour could do otherwise, and how equally groups are served."""
    lines = [
        f"- 95% {name}: {low:.4f} – {high:.4f}" for name, (low, high) in figures.intervals.items()
    ]
    other = figures.alternatives
    if other is not None:
        lines.append(
            f"- 全县每周发现 finds a week: 清单 list {other.model:.1f};"
            f" 每村每月多一次走访 one more visit a month {other.one_more_visit:.1f};"
            f" 全部用于问题率最高的村 by village {other.village_level:.1f}"
        )
    lines += [
        f"- 机会平等 equal opportunity, {each.by}: {each.difference:.3f}"
        f" ({each.interval[0]:.3f} – {each.interval[1]:.3f}), {each.best} – {each.worst}"
        for each in figures.differences
    ]
    lines += [
        f"- 特征能否猜出 proxy of {each.attribute}: AUC {each.auc:.2f}" for each in figures.proxies
    ]
    few = figures.little_history
    if few is not None and few.children:
        lines.append(
            f"- 资料不足 little history: {few.children} 儿童次, 预测 said {few.said:.4f},"
            f" 实际 seen {few.seen:.4f}"
        )
    return lines


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _approved(approval: Approval | None) -> str:
    if approval is None:
        return "尚未批准 not approved: it does not score"
    until = f", 有效至 until {approval.expires_on}" if approval.expires_on else ""
    return f"{approval.by}, {approval.at:%Y-%m-%d}{until}"
