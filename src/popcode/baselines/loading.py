"""Saved baseline models."""

from pathlib import Path

from popcode.baselines.independent import Independent
from popcode.baselines.ising import Pairwise
from popcode.baselines.k_pairwise import KPairwise
from popcode.errors import InputError
from popcode.estimators.model_files import read_model_file

ESTIMATORS = {"Independent": Independent, "Pairwise": Pairwise, "KPairwise": KPairwise}


def load_baseline(path: str | Path) -> Independent | Pairwise:
    """Read a saved baseline model.

    Raises
    ------
    InputError
        A file that is no model, or a model that is no baseline.
    """
    stored = read_model_file(path)
    if stored.estimator not in ESTIMATORS:
        raise InputError(
            f"holds a {stored.estimator}, which is none of {', '.join(ESTIMATORS)}",
            where=str(path),
            remedy="Load it with popcode.load_model",
        )
    try:
        return ESTIMATORS[stored.estimator].from_stored(stored)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a part of the model is missing ({error})", where=str(path)) from error
