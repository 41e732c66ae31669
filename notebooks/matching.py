import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="守禾 · 需求与措施")

with app.setup:
    from datetime import date
    from pathlib import Path

    import altair as alt
    import marimo as mo
    import pandas as pd

    from domain.care_plan import HelpMeasure
    from domain.divisions import names
    from infra.home import Home
    from infra.matching import Proposal, accept, proposals
    from infra.settings import Settings, from_environment
    from notebooks import looks


@app.function
def needs_frame(found: list[Proposal], villages: dict[object, str]) -> pd.DataFrame:
    """A row per need of a child: why, what is offered, by whom, under which rule."""
    known = names()
    rows = [
        (str(each.child_id)[:8], known.get(villages.get(each.child_id, ""), ""), need.why,
         need.offer.measure.label, need.offer.text, need.offer.department.label, need.offer.rule,
         len(need.events))
        for each in found
        for need in each.needs
    ]  # fmt: skip
    columns = ["儿童", "村(社区)", "依据", "措施", "做什么", "牵头", "规则", "事件数"]
    return pd.DataFrame(rows, columns=columns)


@app.function
def needs_chart(frame: pd.DataFrame) -> alt.Chart:
    """How many children wait for each kind of help, by who leads it."""
    counted = frame.groupby(["措施", "牵头"], as_index=False)["儿童"].nunique()
    order = [each.label for each in HelpMeasure]
    title = alt.Title(
        "还没有落实的需要", subtitle="儿童人数,按措施和牵头部门;最近一次帮扶方案之后发现的"
    )
    return (
        alt.Chart(counted, title=title)
        .mark_bar()
        .encode(
            x=alt.X("sum(儿童):Q", title="儿童", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("措施:N", sort=order, title=None),
            color=alt.Color("牵头:N", title=None),
            tooltip=["措施", "牵头", "儿童"],
        )
        .properties(width=480, height=alt.Step(26))
    )


@app.function
def told(proposal: Proposal) -> str:
    """A child's proposal as a list, in Markdown."""
    planned = f"上一次方案 {proposal.planned_on}" if proposal.planned_on else "还没有帮扶方案"
    lines = [
        f"- **{need.offer.measure.label}**({need.offer.department.label},{need.offer.rule}):"
        f"{need.offer.text}。依据:{need.why}"
        for need in proposal.needs
    ]
    return f"{planned}\n\n" + "\n".join(lines)


@app.cell(hide_code=True)
def parameters():
    # 命令行可给 --home DIR --as-of 2026-11-22 --place 520526;不给则用 SHOUHE_HOME 与最后有记录的一天
    home = str(mo.cli_args().get("home") or "")
    as_of_given = str(mo.cli_args().get("as-of") or "")
    place = str(mo.cli_args().get("place") or "")
    return as_of_given, home, place


@app.cell(hide_code=True)
def connection(as_of_given, home):
    client = looks.analyst(home)
    as_of = date.fromisoformat(as_of_given) if as_of_given else looks.last_day(client)
    return as_of, client


@app.cell(hide_code=True)
def proposals_view(as_of, client, place):
    found = proposals(client, as_of, place)
    villages = dict(client.query("SELECT child_id, village_code FROM children").result_rows)
    needs = needs_frame(found, villages)
    mo.vstack(
        [
            mo.md(
                f"# 发现的需要,用什么措施回应?\n\n截至 **{as_of}**,{len(found)} 名儿童有发现了、"
                "还没有写进帮扶方案的需要。下面是按规则拟的建议,**由人看过、改过、接受,才成为方案**。"
            ),
            needs_chart(needs) if len(needs) else mo.md("没有待回应的需要。"),
            mo.ui.table(needs, selection=None, page_size=10),
        ]
    )
    return found, needs


@app.cell(hide_code=True)
def child_choice(found):
    child = mo.ui.dropdown(
        options={f"{str(e.child_id)[:8]}({len(e.needs)}项)": i for i, e in enumerate(found)},
        value=next((f"{str(e.child_id)[:8]}({len(e.needs)}项)" for e in found), None),
        label="儿童",
        searchable=True,
    )
    child
    return (child,)


@app.cell(hide_code=True)
def plan_form(child, found):
    chosen = found[child.value] if child.value is not None else None
    offered = list(dict.fromkeys(n.offer.measure for n in chosen.needs)) if chosen else []
    measures = mo.ui.multiselect(
        options={each.label: each for each in HelpMeasure},
        value=[each.label for each in offered],
        label="措施(可增减)",
    )
    responsible = mo.ui.text(label="帮扶责任人", placeholder="工号")
    acceptor = mo.ui.text(label="接受人", placeholder="工号")
    pressed = mo.ui.run_button(label="接受,成为帮扶方案")
    mo.vstack(
        [
            mo.md("## 一名儿童的方案\n\n" + (told(chosen) if chosen else "没有待回应的需要。")),
            measures,
            mo.hstack([responsible, acceptor, pressed], justify="start"),
        ]
    )
    return acceptor, chosen, measures, pressed, responsible


@app.cell(hide_code=True)
def accepting(acceptor, chosen, home, measures, pressed, responsible):
    recorded = 0
    ready = chosen and measures.value and responsible.value.strip() and acceptor.value.strip()
    if pressed.value and ready:
        with Home(Settings(Path(home)) if home else from_environment()) as opened:
            recorded = accept(opened, chosen.child_id, measures.value,
                              responsible=responsible.value, by=acceptor.value)  # fmt: skip
        outcome = mo.callout(mo.md(f"已记录方案和 {recorded - 1} 项需求匹配。"), kind="success")
    elif pressed.value:
        outcome = mo.callout(mo.md("请写明措施、帮扶责任人和接受人。"), kind="warn")
    else:
        outcome = mo.md("还没有接受。")
    outcome
    return (recorded,)


if __name__ == "__main__":
    app.run()
