"""Baselines: what a model of a population must beat."""

from popcode.baselines.clusters import KMeans
from popcode.baselines.factors import NMF, PCA
from popcode.baselines.glm import GLM
from popcode.baselines.independent import Independent
from popcode.baselines.ising import Pairwise
from popcode.baselines.k_pairwise import KPairwise
from popcode.baselines.loading import load_any_baseline, load_baseline
from popcode.baselines.vae import LinearVAE

__all__ = [
    "GLM",
    "NMF",
    "PCA",
    "Independent",
    "KMeans",
    "KPairwise",
    "LinearVAE",
    "Pairwise",
    "load_any_baseline",
    "load_baseline",
]
