"""How compositional RBMs are trained: the options that a fit and a sweep have in common."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from cyclopts import Parameter

from popcode.cli.options import FitOptions
from popcode.cli.reading import AS_IT_IS, Flag, Reading


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class Training:
    """Options of every compositional fit but its hidden units and its penalty.

    Parameters
    ----------
    potential : str
        Of the hidden units: drelu, relu, gaussian or bernoulli.
    updates : int
        Gradient updates.
    chains : int
        Persistent Markov chains.
    sweeps : int
        Gibbs sweeps an update.
    batch : int
        Bins a batch.
    learning_rate : float
        Rises over the first 2.5 % of the updates, is constant up to 60 %, falls to 2e-4 up to
        75 %; the fit ends as the mean of what follows.
    holdout : float
        Fraction of the bins withheld for the scores; with 0 nothing is withheld or scored.
    split : str
        How bins are withheld: matched (the tenths of the recording that make both parts most alike;
        --holdout is rounded to tenths), blocked (one stretch), segments or random.
    binarize : bool
        Make real values (dF/F, rates, deconvolved events) binary, neuron by neuron.
    seed : int
        The same seed gives the same bits, whatever the number of threads; the first one of a sweep.
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

    def options(
        self,
        reading: Reading = AS_IT_IS,
        *,
        n_hidden: int | Literal["auto"] = 1,
        l1: float | Literal["auto"] = 0.0,
    ) -> FitOptions:
        """Those of one fit; the hidden units and the penalty of a trial are set later."""
        return FitOptions(
            n_hidden=n_hidden,
            hidden=self.potential,
            l1=l1,
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


DEFAULTS = Training()
