"""``popcode fit crbm``: the compositional restricted Boltzmann machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from popcode.cli.fitting import fit_into
from popcode.cli.options import FitOptions
from popcode.cli.reading import AS_IT_IS, Flag, Reading

Auto = Literal["auto"]


def crbm(
    input_path: Annotated[str, Parameter(name="INPUT")],
    /,
    *,
    out: Path,
    hidden: int | Auto = "auto",
    potential: str = "drelu",
    l1: float | Auto = "auto",
    updates: int = 20_000,
    chains: int = 100,
    sweeps: int = 15,
    batch: int = 100,
    learning_rate: float = 5e-3,
    holdout: float = 0.3,
    split: str = "matched",
    binarize: Annotated[bool, Flag] = False,
    reading: Reading = AS_IT_IS,
    seed: int = 0,
    device: str = "auto",
    force: Annotated[bool, Flag] = False,
) -> None:
    """Fit a compositional restricted Boltzmann machine: sparse assemblies of neurons.

    Example: popcode fit crbm recording.npz --out run

    Prints what it will take before it starts, and the scores on withheld bins at its end. Ctrl-C
    writes a checkpoint; popcode resume RUN goes on from there, to the same bits.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    out : Path
        Folder of the run; it must be new or empty.
    hidden : int
        Hidden units, or auto: by the number of active neurons, at most 200.
    potential : str
        Of the hidden units: drelu, relu, gaussian or bernoulli.
    l1 : float
        Penalty on every weight, or auto: well below the most that leaves the units alive.
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
        The same seed gives the same bits, whatever the number of threads.
    device : str
        auto, cpu, cuda or cuda:1.
    force : bool
        Replace the run that is in the folder.
    """
    options = FitOptions(
        n_hidden=hidden,
        hidden=potential,
        l1=l1,
        n_updates=updates,
        n_chains=chains,
        n_sweeps=sweeps,
        batch_size=batch,
        learning_rate=learning_rate,
        seed=seed,
        device=device,
        holdout=holdout,
        split=split,
        binarize=binarize,
        reading=reading,
    )
    options.check()
    fit_into(out, input_path, options, force)
