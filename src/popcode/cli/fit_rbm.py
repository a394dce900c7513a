"""``popcode fit rbm``: the Bernoulli restricted Boltzmann machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from popcode.cli.fitting import fit_into
from popcode.cli.options import BernoulliOptions
from popcode.cli.reading import AS_IT_IS, Flag, Reading

Auto = Literal["auto"]


def rbm(
    input_path: Annotated[str, Parameter(name="INPUT")],
    /,
    *,
    out: Path,
    hidden: int = 100,
    updates: int | Auto = "auto",
    chains: int | Auto = "auto",
    sweeps: int = 1,
    batch: int | Auto = "auto",
    learning_rate: float | Auto = "auto",
    l1: float | Auto = "auto",
    l2: float = 0.0,
    optimizer: str = "adam",
    chain_start: str = "persistent",
    pretraining: Annotated[bool, Flag] = False,
    early_stopping: Annotated[bool, Flag] = False,
    baselines: str = "pairwise",
    holdout: float = 0.3,
    split: str = "matched",
    binarize: Annotated[bool, Flag] = False,
    reading: Reading = AS_IT_IS,
    seed: int = 0,
    device: str = "auto",
    force: Annotated[bool, Flag] = False,
) -> None:
    """Fit a Bernoulli RBM: pairwise and higher-order statistics, effective couplings, likelihood.

    Example: popcode fit rbm session.nwb --hidden 200 --out run

    Prints what it will take before it starts, and the scores on withheld bins at its end. Ctrl-C
    writes a checkpoint; popcode resume RUN goes on from there, to the same bits.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    out : Path
        Folder of the run; it must be new or empty.
    hidden : int
        Hidden units.
    updates : int
        Gradient updates, or auto: by the number of weights, 100,000 at 16,000 of them.
    chains : int
        Markov chains, or auto: 250, and up to 1,000 for small models.
    sweeps : int
        Gibbs sweeps an update.
    batch : int
        Bins a batch, or auto: as many as chains.
    learning_rate : float
        auto: .12 / sqrt(neurons active in a bin x hidden units), under an l1 penalty 6.5 times
        that, at most .02. Constant over the first 40 % of
        the updates, then falls to a hundredth; the fit ends as the mean of its last iterates.
    l1 : float
        Penalty l1 |w| on every weight, in nats a bin, or auto: 0 for recordings with at least 5
        bins a weight, else chosen on stretches withheld from a short fit.
    l2 : float
        Penalty l2 w^2 on every weight.
    optimizer : str
        adam, or sgd (with momentum).
    chain_start : str
        Where the chains of an update start: persistent (where they were), data (at the bins of
        the batch) or random.
    pretraining : bool
        Start from a low-rank model; pays for recordings with a few sharply separated states.
    early_stopping : bool
        Withhold the last tenth of the training bins and keep the model that is best on them.
    baselines : str
        Models of pairs to hold it against, fitted to the same bins: pairwise, k-pairwise, both with
        a comma between, or none. Independent neurons are always among them.
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
        auto or cpu.
    force : bool
        Replace the run that is in the folder.
    """
    options = BernoulliOptions(
        n_hidden=hidden,
        n_updates=updates,
        n_chains=chains,
        n_sweeps=sweeps,
        batch_size=batch,
        learning_rate=learning_rate,
        l1=l1,
        l2=l2,
        optimizer=optimizer,
        chains=chain_start,
        pretraining=pretraining,
        early_stopping=early_stopping,
        baselines=baselines,
        seed=seed,
        device=device,
        holdout=holdout,
        split=split,
        binarize=binarize,
        reading=reading,
    )
    options.check()
    fit_into(out, input_path, options, force)
