"""Saved baseline models."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from popcode.baselines.clusters import KMeans
from popcode.baselines.factors import NMF, PCA
from popcode.baselines.glm import GLM
from popcode.baselines.independent import Independent
from popcode.baselines.ising import Pairwise
from popcode.baselines.k_pairwise import KPairwise
from popcode.baselines.vae import LinearVAE
from popcode.errors import InputError
from popcode.estimators.model_files import read_model_file

Law = Independent | Pairwise
Baseline = Law | GLM | KMeans | LinearVAE | NMF | PCA
Kind = TypeVar("Kind")
# Laws with a likelihood and a free energy, which a Bernoulli run is held against.
ESTIMATORS: dict[str, type[Law]] = {
    "Independent": Independent,
    "Pairwise": Pairwise,
    "KPairwise": KPairwise,
}
ALL_ESTIMATORS: dict[str, type[Baseline]] = {
    **ESTIMATORS,
    "GLM": GLM,
    "KMeans": KMeans,
    "LinearVAE": LinearVAE,
    "NMF": NMF,
    "PCA": PCA,
}


def load_baseline(path: str | Path) -> Law:
    """Read a saved independent, pairwise or K-pairwise model.

    Raises
    ------
    InputError
        A file that is no model, or a model of another kind.
    """
    return _loaded(path, ESTIMATORS)


def load_any_baseline(path: str | Path) -> Baseline:
    """Read a saved baseline model of any kind.

    Raises
    ------
    InputError
        A file that is no model, or a model that is no baseline.
    """
    return _loaded(path, ALL_ESTIMATORS)


def _loaded(path: str | Path, kinds: Mapping[str, type[Kind]]) -> Kind:
    stored = read_model_file(path)
    if stored.estimator not in kinds:
        raise InputError(
            f"holds a {stored.estimator}, which is none of {', '.join(kinds)}",
            where=str(path),
            remedy="Load it with popcode.load_model",
        )
    try:
        return kinds[stored.estimator].from_stored(stored)  # type: ignore[attr-defined]
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"a part of the model is missing ({error})", where=str(path)) from error
