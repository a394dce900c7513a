"""A Bernoulli RBM at equilibrium: beside its rivals, on bins that none of them has seen."""

from popcode.metrics.equilibrium.evidence import (
    EquilibriumEvidence,
    read_equilibrium,
    write_equilibrium,
)
from popcode.metrics.equilibrium.judge import (
    SECTIONS,
    Equilibrium,
    judge_equilibrium,
    steps_of,
)
from popcode.metrics.equilibrium.models import EquilibriumModel, Rival

__all__ = [
    "SECTIONS",
    "Equilibrium",
    "EquilibriumEvidence",
    "EquilibriumModel",
    "Rival",
    "judge_equilibrium",
    "read_equilibrium",
    "steps_of",
    "write_equilibrium",
]
