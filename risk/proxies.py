"""Do the features give away what must not be told by? Sex and ethnicity, learned from them.

Apart from risk/parity.py, whose shapes every card and page reads: scikit-learn takes two seconds.
"""

from __future__ import annotations

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from risk.capacity import Mask
from risk.matrix import Matrix
from risk.parity import HAN, UNTOLD, Proxy

LEAST_MEMBERS = 50
"""Of either side, for a proxy to be looked for."""


def proxies(matrix: Matrix) -> list[Proxy]:
    """How well the features of one as-of date tell what must not be told by: learned on some
    villages, tried on the others.
    """
    told = {"sex": matrix.text("sex") == "female"}
    if "ethnicity" in matrix.keys.column_names:
        ethnicity = matrix.text("ethnicity")
        told["ethnicity"] = ~np.isin(ethnicity, (*UNTOLD, HAN))
    return [
        Proxy(attribute=name, auc=_told_apart(matrix, member))
        for name, member in told.items()
        if min(member.sum(), (~member).sum()) >= LEAST_MEMBERS
    ]


def _told_apart(matrix: Matrix, member: Mask) -> float:
    model = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=0.01, max_iter=500),
    )
    _, village = np.unique(matrix.text("village_code"), return_inverse=True)
    if len(set(village)) < 2:  # noqa: PLR2004 - two sides
        return 0.5
    folds = list(GroupKFold(n_splits=2).split(matrix.values, member, village))
    if any(len(set(member[side])) < 2 for side, _ in folds):  # noqa: PLR2004 - yes and no
        return 0.5
    with threadpool_limits(limits=1):
        said = cross_val_predict(model, matrix.values, member, cv=folds, method="predict_proba")[
            :, 1
        ]
    return float(roc_auc_score(member, said))
