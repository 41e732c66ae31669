import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="守禾 · 清单实验室")

with app.setup:
    import altair as alt
    import marimo as mo
    import pandas as pd

    from infra.commands.policy_lab import NAMES
    from notebooks import looks
    from simulation.lab.closed_loop import Lived, Setting, live
    from simulation.lab.compare import GroupOutcome, Outcome, groups, outcomes


@app.function
def outcome_table(found: list[Outcome]) -> pd.DataFrame:
    """A row per policy, most prevented first."""
    frame = pd.DataFrame(
        {
            "policy": [each.policy for each in found],
            "清单": [NAMES[each.policy] for each in found],
            "减少伤害日": [each.prevented for each in found],
            "下限": [each.prevented_within[0] for each in found],
            "上限": [each.prevented_within[1] for each in found],
            "为只尽职责的倍数": [each.ratio for each in found],
            "发现天数": [each.detection for each in found],
            "逾期": [each.missed for each in found],
            "走访": [each.visits for each in found],
        }
    )
    return frame.sort_values("减少伤害日", ascending=False, ignore_index=True)


@app.function
def group_table(found: list[GroupOutcome]) -> pd.DataFrame:
    """A row per group."""
    return pd.DataFrame(
        {
            "群体": [each.group for each in found],
            "儿童": [each.children for each in found],
            "少的伤害日": [each.fewer for each in found],
            "下限": [each.within[0] for each in found],
            "上限": [each.within[1] for each in found],
        }
    )


@app.function
def spans(frame: pd.DataFrame, name: str, value: str, title: alt.Title) -> alt.LayerChart:
    """A dot and its 95 % interval on a row each; the dark line is zero."""
    rows = alt.Y(f"{name}:N", sort=list(frame[name]), title=None)
    base = alt.Chart(frame, title=title).encode(y=rows)
    lines = base.mark_rule(color=looks.SOFT, strokeWidth=3).encode(
        x=alt.X("下限:Q", title="每千名儿童一年"), x2="上限:Q"
    )
    dots = base.mark_circle(size=90, color=looks.GREEN, opacity=1).encode(
        x=f"{value}:Q", tooltip=[name, alt.Tooltip(value, format=",.0f")]
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=looks.INK).encode(x="x:Q")
    return (zero + lines + dots).properties(width=480, height=alt.Step(28))


@app.cell(hide_code=True)
def _():
    mo.md("""
    # 同样的工时,换一种清单,会怎样?

    同一个模拟县,同一群孩子,同样的儿童主任和工时;只有**一年里每周走访谁**不同。每个孩子的命运由各自的随机数决定,
    所以两种清单之间的差别只来自走访。

    **减少的伤害日** = 儿童主任只应请求走访时全县的严重伤害天数 − 该清单下的天数。**只尽职责**的清单尽完法定走访就停下;
    **按到期顺序**把余下工时也用完;**隐藏真相**不是清单,只标出任何模型都难以超过的上限。
    """)


@app.cell
def parameters():
    _given = mo.cli_args()
    children = int(_given.get("children") or 300)
    seeds = int(_given.get("seeds") or 1)
    return children, seeds


@app.cell
def lived(children, seeds):
    years: list[Lived] = [
        year for seed in range(1, seeds + 1) for year in live(seed, Setting(children=children))
    ]
    return (years,)


@app.cell
def prevented(years):
    table = outcome_table(outcomes(years))
    outcome_title = alt.Title(
        "一年里少了多少伤害日", subtitle="点为估计,线为 95% 区间;线长说明孩子太少,不能下结论"
    )
    mo.vstack(
        [
            spans(table, "清单", "减少伤害日", outcome_title),
            table.drop(columns="policy").round(2),
        ]
    )
    return (table,)


@app.cell
def fair(years):
    by_group = group_table(groups(years, "model"))
    group_title = alt.Title(
        "模型清单对谁更好", subtitle="与只尽职责相比;整条线在零左边的群体受了损"
    )
    mo.vstack([spans(by_group, "群体", "少的伤害日", group_title), by_group.round(0)])
    return (by_group,)


if __name__ == "__main__":
    app.run()
