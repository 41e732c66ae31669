import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="守禾 · 公平")

with app.setup:
    from datetime import date
    from pathlib import Path

    import altair as alt
    import marimo as mo
    import pandas as pd

    from infra.settings import Settings, from_environment
    from notebooks import looks
    from risk import model_file
    from risk.approvals import list_models
    from risk.card import Card
    from risk.counting import wilson

    KINDS = {
        "sex": "性别",
        "age": "年龄",
        "category": "类别",
        "prefecture": "市(州)",
        "ethnicity": "民族",
        "disability": "残疾",
        "boarding": "寄宿",
    }
    FEW = 20
    GROUPS = """
    SELECT kind, name, count() AS children, sum(listed) AS on_list, avg(visits) AS visits_a_child,
        avg(waiting) AS waiting
    FROM (
        SELECT child_id, arrayJoin(arrayConcat(
                [('性别', if(sex = 'male', '男', '女'))],
                [('年龄', multiIf(age < 6, '0–5岁', age < 12, '6–11岁', age < 16, '12–15岁', '16–17岁'))],
                [('寄宿', if(boarding, '寄宿', '不寄宿'))],
                arrayMap(c -> ('类别', transform(c, {codes:Array(String)}, {labels:Array(String)}, '其他')),
                    categories))) AS group, group.1 AS kind, group.2 AS name,
            child_id IN (SELECT child_id FROM visit_list WHERE week = {week:String}) AS listed,
            visits, waiting
        FROM (
            SELECT c.child_id AS child_id, c.sex AS sex, c.boarding AS boarding, c.categories AS categories,
                dateDiff('year', c.birth_month, {day:Date}) AS age, v.visits AS visits,
                least(365, if(v.last = toDate(0), 365, {day:Date} - v.last)) AS waiting
            FROM children_as_of(as_of = {day:Date}) AS c
            LEFT JOIN (
                SELECT child_id, countIf(day > {day:Date} - 90) AS visits, max(day) AS last FROM visits
                WHERE day <= {day:Date} GROUP BY child_id
            ) AS v ON v.child_id = c.child_id
            WHERE c.on_ledger
        )
    )
    GROUP BY kind, name HAVING children >= 5 ORDER BY kind, name
    """


@app.function
def latest_card(settings: Settings, client: object) -> Card | None:
    """The card of the model that orders the lists; else of the newest one that lies in the home; None: none."""
    for each in list_models(client):
        if (settings.models_path / f"{each.model_id}.json").exists():
            return model_file.read_card(settings.models_path, each.model_id)
    cards = [model_file.read_card(settings.models_path, path.stem)
             for path in sorted(settings.models_path.glob("*.json"))]  # fmt: skip
    return max(cards, key=lambda card: card.created, default=None)


@app.function
def recalls(card: Card) -> pd.DataFrame:
    """A row per group: of those who needed help, how many stood within the hours, with interval."""
    rows = []
    for each in card.figures.parity:
        low, high = wilson(each.found, each.positives)
        rows.append((KINDS.get(each.by, each.by), each.group, each.children, each.positives,
                     each.found, each.recall, low, high))  # fmt: skip
    names = ["分组", "群体", "儿童次", "需要帮助", "在名额内", "召回", "低", "高"]
    return pd.DataFrame(rows, columns=names)


@app.function
def recall_chart(frame: pd.DataFrame, everyone: float) -> alt.Chart:
    """Recall of each group with its interval; the grey line is everyone."""
    shown = frame[frame["需要帮助"] > 0]
    base = alt.Chart(
        shown,
        title=alt.Title(
            "需要帮助的孩子,有多少排得进名额?",
            subtitle="横线为95%区间,越短越有把握;灰色竖线为全体;数字为需要帮助的人次",
        ),
    ).encode(y=alt.Y("群体:N", sort=list(shown["群体"]), title=None))
    scale = alt.Scale(domain=[0, 1])
    ranges = base.mark_rule(color=looks.BLUE, strokeWidth=2).encode(
        x=alt.X("低:Q", scale=scale, axis=alt.Axis(format=".0%"), title="召回"), x2="高:Q"
    )
    dots = base.mark_circle(color=looks.BLUE, size=80, opacity=1).encode(
        x=alt.X("召回:Q", scale=scale),
        tooltip=["分组", "群体", alt.Tooltip("召回", format=".0%"), "需要帮助", "在名额内"],
    )
    counts = base.mark_text(align="left", dx=6, font=looks.FONT, color=looks.INK).encode(
        x=alt.X("高:Q", scale=scale), text="需要帮助:Q"
    )
    line = alt.Chart(pd.DataFrame({"x": [everyone]})).mark_rule(color=looks.SOFT, strokeWidth=2)
    return (line.encode(x="x:Q") + ranges + dots + counts).properties(
        width=460, height=alt.Step(24)
    )


@app.function
def by_group(client: object, day: date, week: str) -> pd.DataFrame:
    """A row per group of children on the ledger: on the list, visits, days since a visit."""
    labels = {each.value: each.label for each in looks.categories()}
    given = {"day": day, "week": week, "codes": list(labels), "labels": list(labels.values())}
    rows = client.query(GROUPS, given).result_rows
    names = ["分组", "群体", "儿童", "在清单", "每人走访", "未走访天数"]
    frame = pd.DataFrame(rows, columns=names)
    frame["清单率"] = frame["在清单"] / frame["儿童"]
    return frame


@app.function
def share_chart(frame: pd.DataFrame, week: str) -> alt.Chart:
    """What share of each group stands on the week's lists."""
    shown = frame.sort_values(["分组", "清单率"])
    title = alt.Title("谁在清单上?", subtitle=f"{week} 各群体列入走访清单的比例")
    base = alt.Chart(shown, title=title).encode(
        y=alt.Y("群体:N", sort=list(shown["群体"]), title=None)
    )
    bars = base.mark_bar().encode(
        x=alt.X("清单率:Q", axis=alt.Axis(format=".0%"), title="列入清单的比例"),
        color=alt.Color("分组:N", title=None),
        tooltip=["群体", "儿童", "在清单", alt.Tooltip("清单率", format=".1%")],
    )
    text = base.mark_text(align="left", dx=4, font=looks.FONT, color=looks.INK).encode(
        x="清单率:Q", text=alt.Text("清单率:Q", format=".0%")
    )
    return (bars + text).properties(width=460, height=alt.Step(22))


@app.function
def waiting_chart(frame: pd.DataFrame) -> alt.Chart:
    """Mean days since the last visit, a group a dot."""
    shown = frame.sort_values(["分组", "未走访天数"])
    title = alt.Title("谁等得最久?", subtitle="距上次入户走访的平均天数(一年封顶)")
    return (
        alt.Chart(shown, title=title)
        .mark_circle(size=110, opacity=1)
        .encode(
            x=alt.X("未走访天数:Q", title="天", scale=alt.Scale(zero=True)),
            y=alt.Y("群体:N", sort=list(shown["群体"]), title=None),
            color=alt.Color("分组:N", title=None),
            tooltip=["群体", "儿童", alt.Tooltip("未走访天数", format=".0f"),
                     alt.Tooltip("每人走访", format=".2f")],
        )
        .properties(width=460, height=alt.Step(22))
    )  # fmt: skip


@app.function
def verdict(frame: pd.DataFrame, everyone: float) -> str:
    """Which groups are surely served less than everyone: their interval lies below."""
    worse = frame[(frame["高"] < everyone) & (frame["需要帮助"] >= FEW)]
    unsure = frame[(frame["需要帮助"] < FEW) & (frame["需要帮助"] > 0)]
    told = (
        f"**{'、'.join(worse['群体'])}** 的召回明显低于全体({everyone:.0%}),批准前须说明原因。"
        if len(worse)
        else f"没有一个群体的召回明显低于全体({everyone:.0%})。"
    )
    if len(unsure):
        told += f" 人次太少、还说不准的:{'、'.join(unsure['群体'])}。"
    return told


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
def heading(as_of, client, settings):
    card = latest_card(settings, client)
    mo.md(
        f"# 各群体的孩子,是不是同样被看到?\n\n截至 **{as_of}**,模型 "
        + (f"`{card.model_id}`,评估日期 {card.judged_on[0]} 至 {card.judged_on[-1]}。" if card
           else "还没有;下面只看清单和走访。")
        + "性别、民族从不作为特征;这里只用来检查。"
    )  # fmt: skip
    return (card,)


@app.cell(hide_code=True)
def recall_view(card):
    recall = recalls(card) if card else pd.DataFrame()
    everyone = card.figures.ranking("model").recall if card else 0.0
    if card:
        shown = mo.vstack([mo.md("## 模型\n\n" + verdict(recall, everyone)),
                           recall_chart(recall, everyone)])  # fmt: skip
    else:
        shown = mo.md("没有模型卡:先运行 `shouhe train`。")
    shown
    return everyone, recall


@app.cell(hide_code=True)
def groups_view(as_of, client):
    weeks = [
        row[0]
        for row in client.query("SELECT DISTINCT week FROM visit_list ORDER BY 1").result_rows
    ]
    week = weeks[-1] if weeks else ""
    groups = by_group(client, as_of, week)
    mo.vstack(
        [
            mo.md("## 清单与走访\n\n需要不同,份额就可以不同;没有理由的差别才是问题。"),
            share_chart(groups, week) if week else mo.md("还没有清单。"),
            waiting_chart(groups),
        ]
    )
    return groups, week


@app.cell(hide_code=True)
def table_view(groups, recall):
    mo.accordion(
        {
            "模型各群体": mo.ui.table(recall.round(3), selection=None),
            "清单与走访各群体": mo.ui.table(groups.round(3), selection=None),
        }
    )


if __name__ == "__main__":
    app.run()
