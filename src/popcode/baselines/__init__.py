"""Baselines: what a model of a population must beat."""

from popcode.baselines.independent import Independent
from popcode.baselines.ising import Pairwise
from popcode.baselines.k_pairwise import KPairwise
from popcode.baselines.loading import load_baseline

__all__ = ["Independent", "KPairwise", "Pairwise", "load_baseline"]
