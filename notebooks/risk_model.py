import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="守禾 · 风险模型")

with app.setup:
    from datetime import date
    from pathlib import Path

    import altair as alt
    import marimo as mo
    import numpy as np
    import pandas as pd

    from infra.approving import approve
    from infra.foresight import train_model
    from infra.home import Home
    from infra.settings import Settings, from_environment
    from infra.truth_file import truth_order
    from notebooks import looks
    from risk import training
    from risk.capacity import Capacity
    from risk.features import FEATURES
    from risk.judging import Figures, judge
    from risk.labels import answered
    from risk.matrix import Matrix, fetch
    from risk.models import CANDIDATES, fit, predict
    from risk.questions import SERIOUS_PROBLEM
    from risk.reasons import explain, typical
    from risk.selection import choose
    from risk.splits import forward

    ORDERS = {
        "truth": "隐藏真相(仅模拟)",
        "logistic": "逻辑回归",
        "boosting": "梯度提升",
        "both": "两者平均",
        "points": "评估表积分",
        "points_on_paper": "评估表(3、9月填)",
        "points_history": "历史积分规则",
        "statutory": "法定顺序",
        "random": "随机",
    }


@app.function
def compared(figures: dict[str, Figures]) -> pd.DataFrame:
    """A row per order: the models, the baselines, and the hidden truth where it is known."""
    baselines = next(iter(figures.values())).rankings
    rows = [(kind, each.ranking("model")) for kind, each in figures.items()]
    rows += [(each.name, each) for each in baselines if each.name != "model"]
    frame = pd.DataFrame(
        {
            "order": [name for name, _ in rows],
            "排序": [ORDERS[name] for name, _ in rows],
            "每百次走访发现": [each.found_per_100 for _, each in rows],
            "召回": [each.recall for _, each in rows],
            "AUC": [each.auc for _, each in rows],
            "AP": [each.average_precision for _, each in rows],
            "相对法定顺序": [each.lift for _, each in rows],
        }
    )
    return frame.sort_values("每百次走访发现", ascending=False, ignore_index=True)


@app.function
def by_day(figures: dict[str, Figures]) -> pd.DataFrame:
    """A row per order and held-out date: finds per 100 visits."""
    baselines = next(iter(figures.values())).rankings
    orders = [(kind, each.ranking("model")) for kind, each in figures.items()]
    orders += [(each.name, each) for each in baselines if each.name != "model"]
    return pd.DataFrame(
        [
            (ORDERS[name], pd.Timestamp(day.as_of), 100 * day.found / max(1, day.selected))
            for name, ranking in orders
            for day in ranking.days
        ],
        columns=["排序", "日期", "每百次走访发现"],
    )


@app.function
def reliability(scores: np.ndarray, label: np.ndarray, bins: int = 10) -> pd.DataFrame:
    """A row per tenth of the children by score: the mean said, the share seen, how many."""
    parts = np.array_split(np.argsort(scores, kind="stable"), bins)
    return pd.DataFrame(
        [(scores[each].mean(), label[each].mean(), len(each)) for each in parts if len(each)],
        columns=["预测", "实际", "儿童次"],
    )


@app.function
def orders_chart(frame: pd.DataFrame) -> alt.Chart:
    """Finds per 100 visits, an order a bar; the models stand out."""
    base = alt.Chart(
        frame,
        title=alt.Title("每百次走访发现多少", subtitle="留出日期上,在儿童主任工时所及的名额内"),
    ).encode(
        y=alt.Y("排序:N", sort=list(frame["排序"]), title=None),
        x=alt.X("每百次走访发现:Q", title="每百次走访发现的严重问题"),
    )
    model = alt.FieldOneOfPredicate("order", list(CANDIDATES))
    bars = base.mark_bar().encode(
        color=alt.condition(model, alt.value(looks.GREEN), alt.value(looks.SOFT))
    )
    text = base.mark_text(align="left", dx=4, font=looks.FONT, color=looks.INK).encode(
        text=alt.Text("每百次走访发现:Q", format=".2f")
    )
    return (bars + text).properties(width=520, height=alt.Step(26))


@app.function
def days_chart(frame: pd.DataFrame) -> alt.Chart:
    """Finds per 100 visits over the held-out dates."""
    title = alt.Title("逐期比较", subtitle="每个留出日期,模型从未见过")
    return (
        alt.Chart(frame, title=title)
        .mark_line(point=True)
        .encode(
            x=alt.X("日期:T", title=None, axis=alt.Axis(format="%Y-%m-%d", values=ticks(frame))),
            y=alt.Y("每百次走访发现:Q"),
            color=alt.Color("排序:N", title=None, sort=list(ORDERS.values())),
            tooltip=["排序", "日期", alt.Tooltip("每百次走访发现", format=".2f")],
        )
        .properties(width=600, height=260)
    )


@app.function
def ticks(frame: pd.DataFrame) -> list[dict[str, int]]:
    """The dates as Vega's own, so that every one of them has its tick."""
    days = sorted(set(frame["日期"]))
    return [{"year": each.year, "month": each.month, "date": each.day} for each in days]


@app.function
def reliability_chart(frame: pd.DataFrame) -> alt.Chart:
    """Said against seen; on the line they agree."""
    top = float(max(frame["预测"].max(), frame["实际"].max())) * 1.05
    scale = alt.Scale(domain=[0, top], nice=False)
    line = (
        alt.Chart(pd.DataFrame({"x": [0, top], "y": [0, top]}))
        .mark_line(color=looks.SOFT, strokeDash=[4, 4])
        .encode(x=alt.X("x:Q", scale=scale), y=alt.Y("y:Q", scale=scale))
    )
    percent = alt.Axis(format=".0%")
    dots = (
        alt.Chart(frame, title=alt.Title("校准", subtitle="按评分十等分;落在虚线上即说多少有多少"))
        .mark_circle(size=80, color=looks.GREEN, opacity=1)
        .encode(
            x=alt.X("预测:Q", scale=scale, axis=percent, title="预测的概率"),
            y=alt.Y("实际:Q", scale=scale, axis=percent, title="实际发现的比例"),
            tooltip=[
                alt.Tooltip("预测", format=".2%"),
                alt.Tooltip("实际", format=".2%"),
                "儿童次",
            ],
        )
    )
    return (line + dots).properties(width=320, height=320)


@app.function
def parity_chart(figures: Figures) -> alt.Chart:
    """Recall at capacity by group: are all groups of children served?"""
    frame = pd.DataFrame(
        [(g.group, g.recall, g.positives, g.found) for g in figures.parity if g.positives],
        columns=["群体", "召回", "阳性", "入选"],
    )
    title = alt.Title("各群体", subtitle="需要帮助的儿童中,有多少在名额之内;灰线为全体")
    bars = (
        alt.Chart(frame, title=title)
        .mark_bar(color=looks.BLUE)
        .encode(
            x=alt.X("召回:Q", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("群体:N", sort=list(frame["群体"]), title=None),
            tooltip=["群体", alt.Tooltip("召回", format=".0%"), "阳性", "入选"],
        )
    )
    counts = bars.mark_text(align="left", dx=4, font=looks.FONT, color=looks.INK).encode(
        text=alt.Text("阳性:Q", format=",.0f")
    )
    everyone = alt.Chart(pd.DataFrame({"x": [figures.ranking("model").recall]}))
    rule = everyone.mark_rule(color=looks.SOFT, strokeWidth=2).encode(x=alt.X("x:Q", title="召回"))
    return (bars + counts + rule).properties(width=420, height=alt.Step(22))


@app.function
def weights(model: object, matrix: Matrix) -> pd.DataFrame:
    """What the scores rest on: mean absolute pull of each feature, in log-odds, over a sample."""
    rng = np.random.default_rng(0)
    rows = rng.choice(len(matrix), min(2000, len(matrix)), replace=False)
    usual = typical(matrix.values)
    own = training_log_odds(model, matrix.values[rows])
    found = []
    for column, feature in enumerate(matrix.features):
        changed = matrix.values[rows].copy()
        changed[:, column] = usual[column]
        pull = np.abs(own - training_log_odds(model, changed)).mean()
        found.append((feature.label, feature.name, float(pull)))
    frame = pd.DataFrame(found, columns=["特征", "feature", "作用"])
    return frame.sort_values("作用", ascending=False, ignore_index=True)


@app.function
def training_log_odds(model: object, values: np.ndarray) -> np.ndarray:
    """ln(p / (1 − p)) of each row."""
    p = np.clip(predict(model, values), 1e-9, 1 - 1e-9)
    return np.log(p) - np.log1p(-p)


@app.cell(hide_code=True)
def parameters():
    # 命令行可给 --home DIR --as-of 2026-06-01 --truth FILE;不给则用 SHOUHE_HOME 与最后有记录的一天
    home = str(mo.cli_args().get("home") or "")
    as_of_given = str(mo.cli_args().get("as-of") or "")
    truth_path = str(mo.cli_args().get("truth") or "")
    return as_of_given, home, truth_path


@app.cell(hide_code=True)
def connection(as_of_given, home):
    client = looks.analyst(home)
    as_of = date.fromisoformat(as_of_given) if as_of_given else looks.last_day(client)
    return as_of, client


@app.cell(hide_code=True)
def question_view(as_of, client):
    question = SERIOUS_PROBLEM
    days = training.matured_days(client, question, as_of)
    split = forward(tuple(days), question)
    position = training.data_position(client, as_of)
    mo.md(
        f"""
        # 风险模型:{question.title}

        截至 **{as_of}**,日志位置 {position}。只用那一天以前**已经记录**的事。

        | | |
        |---|---|
        | 队列 cohort | 每个日期在册的儿童 |
        | 标签 label | 此后 {question.horizon_days} 天内发现严重或紧急问题、受托人不合格,或有未被排除的强制报告 |
        | 学习 learn | {len(split.learn)} 个日期,{split.learn[0]} 至 {split.learn[-1]} |
        | 间隔 embargo | {question.window.days} 天:标签到期、录入之后才学 |
        | 留出 held out | {len(split.judge)} 个日期,{split.judge[0]} 至 {split.judge[-1]} |
        | 特征 features | {len(FEATURES)} 个;性别、民族不作特征 |
        """
    )
    return days, position, question, split


@app.cell(hide_code=True)
def matrix_view(as_of, client, days, question):
    matrix = answered(client, fetch(client, days), question, as_of)
    mo.md(
        f"矩阵:**{len(matrix):,}** 行(儿童 × 日期),阳性 {int(matrix.label.sum()):,}"
        f"({matrix.label.mean():.2%})。一次查询,由 ClickHouse 算好。"
    )
    return (matrix,)


@app.cell(hide_code=True)
def features_view():
    mo.accordion(
        {
            "每个特征": mo.ui.table(
                pd.DataFrame(
                    [(each.label, each.name, each.kind, each.reason) for each in FEATURES],
                    columns=["特征", "name", "kind", "理由"],
                ),
                selection=None,
                page_size=15,
            )
        }
    )


@app.cell(hide_code=True)
def judged(client, matrix, split, truth_path):
    learned, held = matrix.on(split.learn), matrix.on(split.judge)
    truth = truth_order(Path(truth_path))(split.judge) if truth_path else None
    fitted = {kind: fit(kind, learned) for kind in CANDIDATES}
    scores = {kind: predict(model, held.values) for kind, model in fitted.items()}
    figures = {kind: judge(client, held, scores[kind], Capacity(), truth) for kind in CANDIDATES}
    table = compared(figures)
    return figures, fitted, held, learned, scores, table


@app.cell(hide_code=True)
def table_view(figures, table):
    mo.vstack(
        [
            mo.md("## 比较\n\n" + next(iter(figures.values())).capacity),
            mo.ui.table(table.drop(columns="order").round(3), selection=None),
            orders_chart(table),
            days_chart(by_day(figures)),
        ]
    )


@app.cell(hide_code=True)
def kind_choice(learned, question, split):
    _choice = choose(learned, split.learn, question)
    chosen, inner = _choice.kind, _choice.tried
    kind = mo.ui.dropdown(
        options={ORDERS[each]: each for each in CANDIDATES}, value=ORDERS[chosen], label="细看"
    )
    mo.vstack(
        [
            mo.md(f"## 细看一个\n\n内层时间划分选出:**{ORDERS[chosen]}**(平均 AUC {inner})"),
            kind,
        ]
    )
    return chosen, inner, kind


@app.cell(hide_code=True)
def calibration_view(figures, held, kind, scores):
    curve = reliability(scores[kind.value], held.label)
    mo.hstack([reliability_chart(curve), parity_chart(figures[kind.value])], justify="start", gap=3)
    return (curve,)


@app.cell(hide_code=True)
def weights_view(fitted, held, kind):
    pulls = weights(fitted[kind.value], held)
    chart = (
        alt.Chart(
            pulls.head(15), title=alt.Title("评分靠什么", subtitle="各特征对几率的平均作用(对数)")
        )
        .mark_bar(color=looks.GREEN)
        .encode(
            x=alt.X("作用:Q", title=None),
            y=alt.Y("特征:N", sort="-x", title=None, axis=alt.Axis(labelLimit=260)),
            tooltip=["特征", "feature", alt.Tooltip("作用", format=".3f")],
        )
        .properties(width=460, height=alt.Step(20))
    )
    chart
    return (pulls,)


@app.cell(hide_code=True)
def reasons_view(fitted, held, kind, learned, scores):
    top = np.argsort(-scores[kind.value], kind="stable")[:8]
    told = explain(fitted[kind.value], FEATURES, held.values[top], typical(learned.values))
    examples = pd.DataFrame(
        {
            "儿童": [str(held.text("child")[row])[:8] for row in top],
            "评分": scores[kind.value][top].round(3),
            "理由": ["；".join(reason.text for reason in each) for each in told],
        }
    )
    mo.vstack(
        [
            mo.md("## 理由\n\n留出日期里评分最高的几名。页面上从不只给一个数字。"),
            mo.ui.table(examples, selection=None),
        ]
    )
    return (examples,)


@app.cell(hide_code=True)
def approval_form():
    approver = mo.ui.text(label="批准人", placeholder="姓名或工号")
    pressed = mo.ui.run_button(label="训练、保存并批准")
    mo.vstack(
        [
            mo.md(
                "## 批准\n\n按同一做法用全部成熟日期再拟合一次,保存为文件与模型卡,并把批准记为事件。"
                "评分只用于安排帮助的先后,不作为拒绝帮助、追责或处罚的依据。"
            ),
            mo.hstack([approver, pressed], justify="start"),
        ]
    )
    return approver, pressed


@app.cell(hide_code=True)
def approval(approver, as_of, home, pressed, truth_path):
    approved = None
    if pressed.value and approver.value.strip():
        with Home(Settings(Path(home)) if home else from_environment()) as opened:
            _order = truth_order(Path(truth_path)) if truth_path else None
            _card = train_model(opened, as_of, truth=_order)
            approved = approve(opened, _card.model_id, approver.value.strip())
    if approved is not None:
        outcome = mo.callout(mo.md(f"已批准 **{approved.model_id}**。"), kind="success")
    elif pressed.value:
        outcome = mo.callout(mo.md("请先填写批准人。"), kind="warn")
    else:
        outcome = mo.md("尚未批准。")
    outcome
    return (approved,)


if __name__ == "__main__":
    app.run()
