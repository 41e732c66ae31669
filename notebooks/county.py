import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="守禾 · 一个县的台账")

with app.setup:
    from datetime import date

    import altair as alt
    import marimo as mo
    import pandas as pd

    from domain.divisions import names
    from domain.mandatory_report import Situation
    from domain.subsidy import Benefit
    from notebooks import county_sheets as sheets
    from notebooks import looks


@app.function
def named(codes: pd.Series) -> pd.Series:
    """Place codes → their names; the code where it has none."""
    known = names()
    return codes.map(lambda code: known.get(code, code))


@app.function
def overdue_chart(frame: pd.DataFrame, title: str) -> alt.Chart:
    """A bar a township: overdue, and of these overdue by more than 30 days."""
    behind = frame[frame["overdue"] > 0].head(25)
    shown = behind.assign(
        乡镇=named(behind["township"]),
        逾期30天以内=behind["overdue"] - behind["long_overdue"],
        逾期30天以上=behind["long_overdue"],
    )
    long = shown.melt(["乡镇", "children"], ["逾期30天以上", "逾期30天以内"], "程度", "儿童")
    return (
        alt.Chart(long, title=alt.Title(title, subtitle="逾期最多的二十五个乡镇(街道),单位:名"))
        .mark_bar()
        .encode(
            x=alt.X("儿童:Q", title="逾期儿童"),
            y=alt.Y("乡镇:N", sort=list(shown["乡镇"]), title=None),
            color=alt.Color(
                "程度:N",
                title=None,
                scale=alt.Scale(
                    domain=["逾期30天以上", "逾期30天以内"], range=[looks.RED, looks.AMBER]
                ),
            ),
            order=alt.Order("程度:N", sort="ascending"),
            tooltip=["乡镇", "程度", "儿童", alt.Tooltip("children", title="应履行的儿童")],
        )
        .properties(width=560, height=alt.Step(20))
    )


@app.function
def absences_chart(frame: pd.DataFrame) -> alt.Chart:
    """The curve of the year: parents leave after Spring Festival and return before it."""
    long = frame.rename(columns={"one": "父母一方外出", "both": "父母双方外出"}).melt(
        "day", ["父母双方外出", "父母一方外出"], "外出", "儿童"
    )
    subtitle = "每周一点,父母在外务工的儿童人数:春节前返乡,节后离开"
    return (
        alt.Chart(long, title=alt.Title("父母外出的两年", subtitle=subtitle))
        .mark_area(opacity=0.85)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y-%m", tickCount=12)),
            y=alt.Y("儿童:Q", title="儿童人数", stack="zero"),
            color=alt.Color("外出:N", title=None, scale=alt.Scale(range=[looks.BLUE, looks.AMBER])),
            tooltip=[alt.Tooltip("day:T", format="%Y-%m-%d", title="日期"), "外出", "儿童"],
        )
        .properties(width=640, height=260)
    )


@app.function
def visits_chart(frame: pd.DataFrame) -> alt.Chart:
    """Visits a month: made, and tried in vain."""
    long = frame.rename(columns={"completed": "完成", "failed": "未成"}).melt(
        "month", ["完成", "未成"], "结果", "次数"
    )
    return (
        alt.Chart(long, title=alt.Title("儿童主任入户走访", subtitle="每月次数"))
        .mark_bar()
        .encode(
            x=alt.X("yearmonth(month):T", title=None, axis=alt.Axis(format="%Y-%m")),
            y=alt.Y("次数:Q", title="走访次数"),
            color=alt.Color(
                "结果:N",
                title=None,
                scale=alt.Scale(domain=["完成", "未成"], range=[looks.GREEN, looks.SOFT]),
            ),
            tooltip=[alt.Tooltip("month:T", format="%Y-%m", title="月份"), "结果", "次数"],
        )
        .properties(width=640, height=220)
    )


@app.function
def reports_chart(frame: pd.DataFrame) -> alt.Chart:
    """Mandatory reports by situation: closed, or still open."""
    labels = {each.value: each.label for each in Situation}
    shown = frame.assign(
        情形=frame["situation"].map(labels),
        状态=frame["state"].isin(["disposed", "fed_back"]).map({True: "已处置", False: "办理中"}),
    )
    return (
        alt.Chart(shown, title=alt.Title("强制报告", subtitle="按九种情形,件数;办理中的尚未处置"))
        .mark_bar()
        .encode(
            x=alt.X("sum(reports):Q", title="件", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("情形:N", sort="-x", title=None, axis=alt.Axis(labelLimit=420)),
            color=alt.Color(
                "状态:N",
                title=None,
                scale=alt.Scale(domain=["已处置", "办理中"], range=[looks.GREEN, looks.RED]),
            ),
            tooltip=["情形", "状态", "sum(reports)"],
        )
        .properties(width=460, height=alt.Step(24))
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
    as_of = date.fromisoformat(as_of_given) if as_of_given else looks.last_day(client)
    return as_of, client


@app.cell(hide_code=True)
def heading(as_of, client):
    facts = sheets.facts(client)
    heading_view = mo.vstack(
        [
            mo.md(f"# 一个县的台账\n\n截至 **{as_of}**,日志位置 {facts['position']}。"
                  "这里没有姓名:儿童以假名编号,只到村一级。"),
            mo.hstack(
                [
                    mo.stat(f"{facts['children']:,}", label="在册儿童", bordered=True),
                    mo.stat(f"{facts['villages']:,}", label="有儿童的村", bordered=True),
                    mo.stat(f"{facts['directors']:,}", label="在任儿童主任", bordered=True),
                ],
                justify="start",
            ),
        ]
    )  # fmt: skip
    heading_view
    return (facts,)


@app.cell(hide_code=True)
def duty_choice():
    duty = mo.ui.dropdown(
        options={label: name for name, label in sheets.DIRECTOR_DUTIES.items()},
        value=sheets.DIRECTOR_DUTIES["director_visit"],
        label="职责",
    )
    duty
    return (duty,)


@app.cell(hide_code=True)
def overdue_view(as_of, client, duty):
    overdue = sheets.overdue(client, as_of, duty.value)
    overdue_chart(overdue, f"逾期的{duty.selected_key}")
    return (overdue,)


@app.cell(hide_code=True)
def absences_view(as_of, client):
    absences = sheets.absences(client, as_of)
    absences_chart(absences)
    return (absences,)


@app.cell(hide_code=True)
def visits_view(as_of, client):
    visits = sheets.visits(client, as_of)
    visits_chart(visits)
    return (visits,)


@app.cell(hide_code=True)
def reports_view(as_of, client):
    reports = sheets.reports(client, as_of)
    reports_chart(reports) if len(reports) else mo.md("没有强制报告。")
    return (reports,)


@app.cell(hide_code=True)
def township_choice(overdue):
    township = mo.ui.dropdown(
        options={
            "全县": "",
            **dict(zip(named(overdue["township"]), overdue["township"], strict=True)),
        },
        value="全县",
        label="乡镇(街道)",
        searchable=True,
    )
    mo.vstack([mo.md("## 谁没有人看到\n\n没有在任儿童主任的村排在最前,其次是九十天未走访的儿童多的村。"),
               township])  # fmt: skip
    return (township,)


@app.cell(hide_code=True)
def villages_view(as_of, client, township):
    villages = sheets.villages(client, as_of, township.value)
    mo.ui.table(
        pd.DataFrame(
            {
                "村(社区)": named(villages["village_code"]),
                "代码": villages["village_code"],
                "在册儿童": villages["children"],
                "儿童主任": villages["director"].map({1: "有", 0: "缺"}),
                "九十天未走访": villages["not_seen_90"],
            }
        ),
        selection=None,
        page_size=12,
    )
    return (villages,)


@app.cell(hide_code=True)
def subsidies_view(client):
    subsidies = sheets.subsidies(client)
    kinds = {each.value: each.label for each in Benefit}
    mo.vstack(
        [
            mo.md("## 补贴\n\n认定后一次也没有发放的,需要核对。"),
            mo.ui.table(
                pd.DataFrame(
                    {
                        "项目": subsidies["type"].map(lambda value: kinds.get(value, value)),
                        "认定": subsidies["benefits"],
                        "已发放": subsidies["paid"],
                        "从未发放": subsidies["unpaid"],
                        "累计(元)": subsidies["yuan"].round(2),
                    }
                ),
                selection=None,
            ),
        ]
    )
    return (subsidies,)


if __name__ == "__main__":
    app.run()
