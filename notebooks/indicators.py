import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="守禾 · 十八项任务")

with app.setup:
    from datetime import date

    import altair as alt
    import marimo as mo
    import pandas as pd

    from domain.divisions import address
    from infra.reports.words import named
    from notebooks import indicator_sheets as sheets
    from notebooks import looks


@app.function
def tasks_chart(frame: pd.DataFrame, title: str) -> alt.Chart:
    """A bar a task: done, not yet due, overdue, as shares of what is to be done."""
    order = [name for name in sheets.TASKS.values() if name in set(frame["title"])]
    shown = frame.assign(任务=frame["title"], 已办=frame["met"] + frame["late"],
                         未到期=frame["open"], 逾期=frame["overdue"])  # fmt: skip
    states = ["已办", "未到期", "逾期"]
    long = shown.melt(["任务", "subjects"], states, "状态", "项")
    long = long.assign(次序=long["状态"].map({name: n for n, name in enumerate(states)}))
    return (
        alt.Chart(
            long, title=alt.Title(title, subtitle="每项任务应办事项中,已办、未到期、逾期各占多少")
        )
        .mark_bar()
        .encode(
            x=alt.X("项:Q", stack="normalize", title=None, axis=alt.Axis(format="%")),
            y=alt.Y("任务:N", sort=order, title=None, axis=alt.Axis(labelLimit=240)),
            color=alt.Color(
                "状态:N",
                title=None,
                scale=alt.Scale(domain=states, range=[looks.GREEN, looks.SOFT, looks.RED]),
            ),
            order=alt.Order("次序:Q"),
            tooltip=["任务", "状态", "项", alt.Tooltip("subjects", title="应办")],
        )
        .properties(width=520, height=alt.Step(22))
    )


@app.function
def places_chart(frame: pd.DataFrame, place: str) -> alt.Chart | None:
    """A cell per task and place below: the share that is not overdue."""
    below = frame[frame["place"].str.len() > len(place)]
    if not len(below):
        return None
    order = [name for name in sheets.TASKS.values() if name in set(below["title"])]
    shown = below.assign(任务=below["title"], 地区=below["place"].map(named),
                         未逾期率=below["rate"])  # fmt: skip
    base = alt.Chart(
        shown, title=alt.Title("下级地区对比", subtitle="未逾期率:颜色越红,逾期越多;空白表示没有应办事项")
    ).encode(
        x=alt.X("地区:N", sort=list(dict.fromkeys(shown["地区"])), title=None,
                axis=alt.Axis(labelAngle=-40, labelLimit=190, orient="top")),
        y=alt.Y("任务:N", sort=order, title=None, axis=alt.Axis(labelLimit=240)),
        tooltip=["地区", "任务", alt.Tooltip("未逾期率", format=".1%"),
                 alt.Tooltip("overdue", title="逾期"), alt.Tooltip("subjects", title="应办")],
    )  # fmt: skip
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "未逾期率:Q",
            legend=None,
            scale=alt.Scale(domain=[0, 0.7, 1], range=[looks.RED, "#f3e3c3", looks.GREEN]),
        )
    )
    words = base.mark_text(fontSize=11).encode(
        text=alt.Text("未逾期率:Q", format=".0%"),
        color=alt.condition(
            "datum['未逾期率'] < 0.35 || datum['未逾期率'] > 0.93",
            alt.value("white"),
            alt.value(looks.INK),
        ),
    )
    return (cells + words).properties(width=alt.Step(48), height=alt.Step(22))


@app.function
def chooser(codes: list[str], label: str) -> mo.ui.dropdown:
    """A place within the one above, or all of it."""
    options = {"全部": ""} | {f"{named(code)} ({code})": code for code in codes}
    return mo.ui.dropdown(options=options, value="全部", label=label, searchable=True)


@app.cell(hide_code=True)
def parameters():
    # 命令行可给 --home DIR --as-of 2026-11-22;不给则用 SHOUHE_HOME 与最后有记录的一天
    home = str(mo.cli_args().get("home") or "")
    as_of_given = str(mo.cli_args().get("as-of") or "")
    return as_of_given, home


@app.cell(hide_code=True)
def connection(as_of_given, home):
    client = looks.analyst(home)
    last = date.fromisoformat(as_of_given) if as_of_given else looks.last_day(client)
    return client, last


@app.cell(hide_code=True)
def days(last):
    day = mo.ui.date(value=last, label="统计截止日")
    known = mo.ui.date(value=last, label="数据知悉日")
    mo.vstack(
        [
            mo.md("# 十八项任务\n\n统计截止日:看哪一天的情况。数据知悉日:那一天之后才登记的不算;"
                  "往后调,可以看到补录之后的情况。这里没有姓名。"),
            mo.hstack([day, known], justify="start"),
        ]
    )  # fmt: skip
    return day, known


@app.cell(hide_code=True)
def moments(day, known):
    as_of = day.value
    known_by = max(known.value, day.value)
    return as_of, known_by


@app.cell(hide_code=True)
def prefectures(as_of, client, known_by):
    prefecture = chooser(sheets.places(client, "52", 4, as_of, known_by), "市(州)")
    return (prefecture,)


@app.cell(hide_code=True)
def counties(as_of, client, known_by, prefecture):
    county = chooser(
        sheets.places(client, prefecture.value, 6, as_of, known_by) if prefecture.value else [],
        "县(市、区)",
    )
    return (county,)


@app.cell(hide_code=True)
def townships(as_of, client, county, known_by):
    township = chooser(
        sheets.places(client, county.value, 9, as_of, known_by) if county.value else [],
        "乡镇(街道)",
    )
    return (township,)


@app.cell(hide_code=True)
def villages(as_of, client, known_by, township):
    village = chooser(
        sheets.places(client, township.value, 12, as_of, known_by) if township.value else [],
        "村(社区)",
    )
    return (village,)


@app.cell(hide_code=True)
def chosen(county, prefecture, township, village):
    place = village.value or township.value or county.value or prefecture.value or "52"
    mo.vstack(
        [
            mo.md(f"## {address(place)}"),
            mo.hstack([prefecture, county, township, village], justify="start", wrap=True),
        ]
    )
    return (place,)


@app.cell(hide_code=True)
def figures(as_of, client, known_by, place):
    found = sheets.indicators(client, place, as_of, known_by)
    by_task = sheets.tasks(found)
    here = by_task[by_task["place"] == place]
    figures_view = mo.hstack(
        [
            mo.stat(f"{here['subjects'].sum():,}", label="应办事项", bordered=True),
            mo.stat(f"{here['met'].sum() + here['late'].sum():,}", label="已办", bordered=True),
            mo.stat(f"{here['open'].sum():,}", label="未到期", bordered=True),
            mo.stat(f"{here['overdue'].sum():,}", label="逾期", bordered=True),
        ],
        justify="start",
    )
    figures_view
    return by_task, found, here


@app.cell(hide_code=True)
def tasks_view(as_of, here, place):
    mo.stop(not len(here), mo.md("这里没有在册儿童,没有应办事项。"))
    tasks_chart(here, f"{named(place)} {as_of} 十八项任务")


@app.cell(hide_code=True)
def places_view(by_task, place):
    places_chart(by_task, place) or mo.md("这是村(社区)一级,没有下级地区。")


@app.cell(hide_code=True)
def task_choice(here):
    task = mo.ui.dropdown(
        options={"全部任务": ""}
        | {name: number for number, name in sheets.TASKS.items() if number in set(here["task"])},
        value="全部任务",
        label="任务",
    )
    mo.vstack([mo.md("## 每条规则"), task])
    return (task,)


@app.cell(hide_code=True)
def rules_view(found, place, task):
    rules = found[found["place"] == place]
    rules = rules[rules["task"] == task.value] if task.value else rules
    mo.ui.table(
        pd.DataFrame(
            {
                "规则": rules["check"],
                "内容": rules["label"],
                "应办": rules["subjects"],
                "按时": rules["met"],
                "迟办": rules["late"],
                "未到期": rules["open"],
                "逾期": rules["overdue"],
            }
        ),
        selection=None,
        page_size=12,
    )
    return (rules,)


@app.cell(hide_code=True)
def overdue_view(as_of, client, known_by, place, task):
    overdue = sheets.overdue(client, place, as_of, known_by)
    overdue = overdue[overdue["task"] == task.value] if task.value else overdue
    mo.vstack(
        [
            mo.md(f"## 逾期清单\n\n共 {len(overdue):,} 项,逾期最久的在前。儿童以编号出现。"),
            mo.ui.table(
                pd.DataFrame(
                    {
                        "规则": overdue["rule"],
                        "类别": overdue["kind"],
                        "内容": overdue["label"],
                        "责任方": overdue["actor"],
                        "儿童编号": overdue["child"],
                        "对象或事项编号": overdue["subject_id"].where(
                            overdue["subject"] != "child", ""
                        ),
                        "地区": overdue["place"].map(address),
                        "应办日": overdue["due_on"],
                        "逾期天数": overdue["overdue_days"],
                    }
                ),
                selection=None,
                page_size=15,
            ),
        ]
    )
    return (overdue,)


if __name__ == "__main__":
    app.run()
