"""Features by featuretools, in an environment of its own: bench.side_by_side starts it.

    uv run --no-project --with featuretools==1.31.0 --with 'pandas<3' --with pyarrow \\
        --with 'setuptools<81' python bench/toolkit_features.py FOLDER

FOLDER holds children, visits, contacts, calls, problems and cutoffs as parquet; `features.parquet`
is written beside them. It prints one JSON object: `version`, `features`, `seconds`. Nothing of this
repository is imported: only these two packages' own means are used, at their own defaults, twice
(all of the past, the last half year).
"""

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

AGGREGATIONS = ("count", "sum", "mean", "max", "trend", "time_since_last", "percent_true")
TABLES = ("visits", "contacts", "calls", "problems")
DEPTH = 2
RECENT = "180 days"


def main(folder: Path) -> None:
    """Deep feature synthesis at the cutoff times of every row."""
    import featuretools as ft
    import pandas as pd

    warnings.simplefilter("ignore")
    entities: Any = ft.EntitySet("county")
    children = pd.read_parquet(folder / "children.parquet")
    entities.add_dataframe(
        dataframe_name="children", dataframe=children, index="child", time_index="known"
    )
    for name in TABLES:
        facts = pd.read_parquet(folder / f"{name}.parquet").reset_index(names="id")
        entities.add_dataframe(dataframe_name=name, dataframe=facts, index="id", time_index="known")
        entities.add_relationship("children", "child", name, "child")
    entities.normalize_dataframe("children", "villages", "village", make_time_index=False)
    entities.add_last_time_indexes()
    cutoffs = pd.read_parquet(folder / "cutoffs.parquet")
    begun, used = time.perf_counter(), time.process_time()
    made = []
    for window in (None, RECENT):
        matrix, _ = ft.dfs(
            entityset=entities, target_dataframe_name="children", cutoff_time=cutoffs,
            agg_primitives=list(AGGREGATIONS), trans_primitives=["age"], max_depth=DEPTH,
            training_window=window, cutoff_time_in_index=True, n_jobs=1,
        )  # fmt: skip
        numbers = matrix.select_dtypes(["number", "bool", "boolean"]).astype("float32")
        made.append(numbers.add_suffix(f" [{window or 'ever'}]"))
    features = pd.concat(made, axis=1)
    told = {
        "version": ft.__version__, "features": features.shape[1],
        "seconds": time.perf_counter() - begun, "cpu": time.process_time() - used,
    }  # fmt: skip
    features.index.names = ["child", "time"]
    features.reset_index().to_parquet(folder / "features.parquet")
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
