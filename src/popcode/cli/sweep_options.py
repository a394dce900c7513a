"""How the compositional RBMs of a sweep are trained: the options that they have in common."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from cyclopts import Parameter

from popcode.cli.options import FitOptions
from popcode.cli.reading import AS_IT_IS, Flag, Reading


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class Training:
    """Options of every fit, with the meaning and the defaults of ``popcode fit crbm``.

    Parameters
    ----------
    potential : str
        Of the hidden units: drelu, relu, gaussian or bernoulli.
    updates : int
        Gradient updates of a fit.
    chains : int
        Persistent Markov chains.
    sweeps : int
        Gibbs sweeps an update.
    batch : int
        Bins a batch.
    learning_rate : float
        As of popcode fit crbm.
    holdout : float
        Fraction of the bins withheld for the scores.
    split : str
        How bins are withheld: matched, blocked, segments or random.
    binarize : bool
        Make real values binary, neuron by neuron.
    seed : int
        The first seed.
    device : str
        auto, cpu, cuda or cuda:1.
    """

    potential: str = "drelu"
    updates: int = 20_000
    chains: int = 100
    sweeps: int = 15
    batch: int = 100
    learning_rate: float = 5e-3
    holdout: float = 0.3
    split: str = "matched"
    binarize: Annotated[bool, Flag] = False
    seed: int = 0
    device: str = "auto"

    def options(self, reading: Reading = AS_IT_IS) -> FitOptions:
        """Those of a fit; hidden units and penalty are a trial's own."""
        return FitOptions(
            n_hidden=1,
            hidden=self.potential,
            l1=0.0,
            n_updates=self.updates,
            n_chains=self.chains,
            n_sweeps=self.sweeps,
            batch_size=self.batch,
            learning_rate=self.learning_rate,
            seed=self.seed,
            device=self.device,
            holdout=self.holdout,
            split=self.split,
            binarize=self.binarize,
            reading=reading,
        )
