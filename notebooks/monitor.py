import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="守禾 · 模型监测")

with app.setup:
    from datetime import date, timedelta
    from pathlib import Path

    import altair as alt
    import marimo as mo
    import pandas as pd

    from domain.foresight import Override, OverrideReason
    from infra.commands.other_list import NAMES, WEEKS
    from infra.monitoring import measured
    from infra.other_list import other_lists, usual
    from infra.settings import Settings, from_environment
    from infra.travel import travel_of
    from notebooks import looks
    from risk.monitoring import AtWork, Reading
    from risk.other_list import OtherList
    from risk.overrides import Overridden, overrides

    MOST_DRAWN = 4
    SELECTIONS = {
        "random": "随机走访",
        "duty": "到期走访",
        "risk": "优先走访",
        "request": "应请求走访",
        "other": "其他",
    }
    VISITS = """
    SELECT toStartOfQuarter(v.day) AS quarter, v.selection AS selection, count() AS visits,
        countIf((v.child_id, v.day) IN (
            SELECT child_id, found_on FROM problems WHERE found_by = 'visit'
            AND severity IN ('serious', 'urgent'))) AS found
    FROM visits AS v WHERE v.day <= {day:Date} AND v.day > {day:Date} - 730
    GROUP BY quarter, selection ORDER BY quarter, selection
    """
    ALERTS = """
    SELECT occurred_at, if(type = 'model.alert_raised.v1', '预警', '解除') AS turn,
        JSONExtractString(data, 'measure') AS measure, JSONExtractString(data, 'of') AS of,
        JSONExtractFloat(data, 'value') AS value, JSONExtractFloat(data, 'limit') AS limit
    FROM events WHERE type IN ('model.alert_raised.v1', 'model.alert_cleared.v1')
    ORDER BY position DESC LIMIT 50
    """


@app.function
def readings_frame(readings: list[Reading]) -> pd.DataFrame:
    """A row per reading, the nearest to its limit first."""
    rows = [
        (e.model_id, e.measure.label, e.label, e.value, e.limit, e.value / e.limit, e.children,
         "越限" if e.crossed else "限内")
        for e in readings
    ]  # fmt: skip
    names = ["模型", "指标", "对象", "值", "限", "几倍于限", "儿童次", "状态"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.sort_values("几倍于限", ascending=False, ignore_index=True)


@app.function
def readings_chart(frame: pd.DataFrame) -> alt.Chart:
    """How near each reading is to its limit; beyond the line it is an alert."""
    shown = frame.head(18).assign(
        什么=lambda f: f["对象"].where(f["指标"] == "特征漂移", f["指标"])
    )
    title = alt.Title(
        "离限还有多远?", subtitle="竖线是限;特征和评分的漂移用PSI,校准用ECE,随机走访用标准误"
    )
    bars = (
        alt.Chart(shown, title=title)
        .mark_bar()
        .encode(
            x=alt.X(
                "几倍于限:Q",
                axis=alt.Axis(format=".0%"),
                title="占限的比例(超过四倍画作四倍)",
                scale=alt.Scale(domain=[0, MOST_DRAWN], clamp=True),
            ),
            y=alt.Y("什么:N", sort=list(shown["什么"]), title=None, axis=alt.Axis(labelLimit=260)),
            color=alt.Color(
                "状态:N",
                title=None,
                scale=alt.Scale(domain=["越限", "限内"], range=[looks.RED, looks.GREEN]),
            ),
            tooltip=["指标", "对象", alt.Tooltip("值", format=".3f"), "限", "儿童次"],
        )
    )
    line = alt.Chart(pd.DataFrame({"x": [1.0]})).mark_rule(color=looks.INK, strokeDash=[4, 4])
    return (bars + line.encode(x="x:Q")).properties(width=480, height=alt.Step(22))


@app.function
def visits_frame(client: object, day: date) -> pd.DataFrame:
    """A row per quarter and kind of visit: visits, serious problems found, per 100."""
    rows = client.query(VISITS, {"day": day}).result_rows
    frame = pd.DataFrame(rows, columns=["季度", "selection", "走访", "发现"])
    frame["季度"] = pd.to_datetime(frame["季度"])
    frame["走访缘由"] = frame["selection"].map(lambda each: SELECTIONS.get(each, each))
    frame["每百次发现"] = 100 * frame["发现"] / frame["走访"].clip(lower=1)
    return frame


@app.function
def visits_chart(frame: pd.DataFrame) -> alt.Chart:
    """What 100 visits of each kind find; the random ones tell how things are."""
    shown = frame[frame["走访"] >= 10]
    title = alt.Title(
        "随机走访看到的是真实情况",
        subtitle="每百次走访发现的严重问题;其他走访去的是挑过的人家,只有随机走访不偏",
    )
    return (
        alt.Chart(shown, title=title)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("季度:T", title=None, axis=alt.Axis(format="%Y-%m")),
            y=alt.Y("每百次发现:Q"),
            color=alt.Color("走访缘由:N", title=None, sort=list(SELECTIONS.values())),
            tooltip=["走访缘由", alt.Tooltip("季度:T", format="%Y-%m"), "走访", "发现",
                     alt.Tooltip("每百次发现", format=".2f")],
        )
        .properties(width=560, height=240)
    )  # fmt: skip


@app.function
def models_frame(found: list[AtWork]) -> pd.DataFrame:
    """Champion and challengers on the same matured days."""
    rows = [
        (e.model_id, "试算" if e.shadow else "在用", len(e.days), e.children, e.outcomes, e.said,
         e.seen, e.ece, e.auc, e.average_precision, e.top_tenth)
        for e in found
    ]  # fmt: skip
    names = [
        "模型",
        "身份",
        "评分日",
        "儿童次",
        "发生",
        "预计",
        "实际",
        "ECE",
        "AUC",
        "AP",
        "前一成含",
    ]
    return pd.DataFrame(rows, columns=names)


@app.function
def overrides_frame(found: list[Overridden]) -> pd.DataFrame:
    """What came of the children put on a list or taken off it, beside the list's own."""
    words = {each.value: each.label for each in (*Override, *OverrideReason)}
    words |= {"listed": "清单因风险列入", "": "全部"}
    rows = [
        (words[e.action], words[e.reason], e.children, e.looked_at, e.found,
         "–" if e.interval is None else f"{e.interval[0]:.0%}–{e.interval[1]:.0%}")
        for e in found
    ]  # fmt: skip
    names = ["调整", "理由", "儿童周", "有人看过", "发现", "发现占看过的(95%)"]
    return pd.DataFrame(rows, columns=names)


@app.function
def other_lists_frame(found: list[OtherList]) -> pd.DataFrame:
    """The list that was made, then each other one of which something can be said."""
    said = [each for each in found if not each.refused]
    longest = max(said, key=lambda each: each.weeks, default=None)
    rows = []
    if longest is not None:
        made = longest.as_made
        rows.append(("原清单(所见)", made.visits, made.found_per_100, *made.interval, "–", "–"))
    for each in said:
        robust, plain = each.estimates["doubly_robust"], each.estimates["inverse_propensity"]
        rows.append(
            (NAMES.get(each.name, each.name), each.visits, robust.found_per_100, robust.low,
             robust.high, f"{plain.found_per_100:.2f}({plain.low:.2f}–{plain.high:.2f})",
             f"{each.effective:.0f}")
        )  # fmt: skip
    names = ["清单", "走访", "每百次发现", "下限", "上限", "逆概率加权(95%)", "等效随机走访"]
    return pd.DataFrame(rows, columns=names)


@app.function
def other_lists_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """A dot and its 95 % interval on a row each; the dark line is what the list made found."""
    title = alt.Title(
        "每百次走访会发现多少",
        subtitle="双重稳健估计,线为95%区间;黑线是原清单所见;区间长说明随机走访还少",
    )
    base = alt.Chart(frame, title=title).encode(
        y=alt.Y("清单:N", sort=list(frame["清单"]), title=None)
    )
    lines = base.mark_rule(color=looks.SOFT, strokeWidth=3).encode(
        x=alt.X("下限:Q", title="每百次走访发现的严重问题"), x2="上限:Q"
    )
    dots = base.mark_circle(size=90, color=looks.GREEN, opacity=1).encode(
        x="每百次发现:Q", tooltip=["清单", "走访", alt.Tooltip("每百次发现", format=".2f")]
    )
    made = alt.Chart(frame.head(1)).mark_rule(color=looks.INK).encode(x="每百次发现:Q")
    return (made + lines + dots).properties(width=480, height=alt.Step(28))


@app.function
def verdict(frame: pd.DataFrame) -> str:
    """One sentence: is the model still to be trusted?"""
    if not len(frame):
        return "没有在用的模型,或还没有到期的评分可以检查。"
    crossed = frame[frame["状态"] == "越限"]
    if not len(crossed):
        return f"**{len(frame)} 项全部在限内**,可以继续使用。"
    named = "、".join(crossed["对象"].head(5))
    return (
        f"**{len(crossed)} 项越限**:{named}{'等' if len(crossed) > 5 else ''}。"
        "请重新评估;必要时停用(`shouhe retire`),清单即退回法定顺序。"
    )


@app.cell(hide_code=True)
def parameters():
    # 命令行可给 --home DIR --as-of 2026-11-22;不给则用 SHOUHE_HOME 与最后有记录的一天
    home = str(mo.cli_args().get("home") or "")
    as_of_given = str(mo.cli_args().get("as-of") or "")
    return as_of_given, home


@app.cell(hide_code=True)
def connection(as_of_given, home):
    client = looks.analyst(home)
    settings = Settings(Path(home)) if home else from_environment()
    as_of = date.fromisoformat(as_of_given) if as_of_given else looks.last_day(client)
    return as_of, client, settings


@app.cell(hide_code=True)
def measured_view(as_of, client, settings):
    found = measured(client, settings, as_of)
    readings = readings_frame(found.readings)
    mo.vstack(
        [
            mo.md(f"# 在用的模型还可信吗?\n\n截至 **{as_of}**。{verdict(readings)}"),
            readings_chart(readings) if len(readings) else mo.md(""),
        ]
    )
    return found, readings


@app.cell(hide_code=True)
def visits_view(as_of, client):
    visits = visits_frame(client, as_of)
    visits_chart(visits)
    return (visits,)


@app.cell(hide_code=True)
def models_view(found):
    models = models_frame(found.at_work)
    mo.vstack(
        [
            mo.md(
                "## 标签到期后,说的和见的\n\n在用的与试算的模型,比同样的评分日。试算的评分不进任何清单。"
            ),
            mo.ui.table(models.round(4), selection=None)
            if len(models)
            else mo.md("还没有到期的评分。"),
        ]
    )
    return (models,)


@app.cell(hide_code=True)
def overrides_view(as_of, client):
    overridden = overrides_frame(overrides(client, as_of))
    mo.vstack(
        [
            mo.md(
                "## 儿童主任改了清单,改得对吗?\n\n答案到期的儿童周,与同周清单因风险列入的孩子比;没人看过的不算。"
            ),
            mo.ui.table(overridden, selection=None)
            if len(overridden)
            else mo.md("还没有到期的调整。"),
        ]
    )
    return (overridden,)


@app.cell(hide_code=True)
def other_lists_view(as_of, client, settings):
    others = other_lists(
        client,
        usual(client),
        as_of - timedelta(weeks=WEEKS),
        as_of,
        travel=travel_of(settings),
    )
    other = other_lists_frame(others)
    _unsaid = "\n".join(
        f"- {NAMES.get(each.name, each.name)}:不作估计。{each.refused}"
        for each in others
        if each.refused
    )
    mo.vstack(
        [
            mo.md(
                "## 换一份清单,会多发现吗?\n\n近半年的清单都留了随机份额并记下每次走访的概率,由此推断:同样的工时,若每周按另一份清单走访,"
                "每百次会发现多少严重问题。只说当周;一年下来的效果看 `policy_lab`。"
            ),
            other_lists_chart(other) if len(other) else mo.md(""),
            mo.ui.table(other.round(2), selection=None) if len(other) else mo.md(""),
            mo.md(_unsaid),
        ]
    )
    return other, others


@app.cell(hide_code=True)
def alerts_view(client, readings):
    alerts = pd.DataFrame(
        client.query(ALERTS).result_rows, columns=["时间", "变化", "指标", "对象", "值", "限"]
    )
    mo.accordion(
        {
            f"预警记录({len(alerts)})": mo.ui.table(alerts, selection=None),
            f"全部读数({len(readings)})": mo.ui.table(readings.round(4), selection=None),
        }
    )
    return (alerts,)


if __name__ == "__main__":
    app.run()
