"""``popcode fit`` of everything that a restricted Boltzmann machine is held against."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from popcode.cli.fitting import fit_baseline_into
from popcode.cli.options import BaselineOptions
from popcode.cli.reading import AS_IT_IS, Flag, Reading

Auto = Literal["auto"]
Input = Annotated[str, Parameter(name="INPUT")]


@Parameter(name="*")
@dataclasses.dataclass(frozen=True, kw_only=True)
class Fit:
    """Options that every baseline has.

    Parameters
    ----------
    out : Path
        Folder of the run; it must be new or empty.
    holdout : float
        Fraction of the bins withheld for the scores; with 0 nothing is withheld or scored.
    split : str
        How bins are withheld: matched (the tenths of the recording that make both parts most alike;
        --holdout is rounded to tenths), blocked (one stretch), segments or random.
    binarize : bool
        Make real values (dF/F, rates, deconvolved events) binary, neuron by neuron.
    seed : int
        The same seed gives the same bits, whatever the number of threads.
    force : bool
        Replace the run that is in the folder.
    """

    out: Path
    holdout: float = 0.3
    split: str = "matched"
    binarize: Annotated[bool, Flag] = False
    seed: int = 0
    force: Annotated[bool, Flag] = False


def independent(input_path: Input, /, *, fit: Fit, reading: Reading = AS_IT_IS) -> None:
    """Fit independent neurons: the model that every gain is measured against.

    Example: popcode fit independent recording.npz --out run

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    """
    _fit("independent", input_path, fit, reading)


def ising(
    input_path: Input, /, *, fit: Fit, updates: int | Auto = "auto", reading: Reading = AS_IT_IS
) -> None:
    """Fit the pairwise (Ising) model: the least structured law with the data's pairs.

    Example: popcode fit ising recording.npz --out run

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    updates : int
        Steps, or auto: 4,000, fewer beyond 1,500 neurons.
    """
    _fit("ising", input_path, fit, reading, n_updates=updates)


def k_pairwise(
    input_path: Input, /, *, fit: Fit, updates: int | Auto = "auto", reading: Reading = AS_IT_IS
) -> None:
    """Fit the K-pairwise model: pairs, and the number of neurons active at once.

    Example: popcode fit k-pairwise recording.npz --out run

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    updates : int
        Steps, or auto: 4,000, fewer beyond 1,500 neurons.
    """
    _fit("k-pairwise", input_path, fit, reading, n_updates=updates)


def glm(input_path: Input, /, *, fit: Fit, reading: Reading = AS_IT_IS) -> None:
    """Fit a GLM: each neuron's logistic regression on all others of its bin.

    Example: popcode fit glm recording.npz --out run

    The penalty is chosen by the article's grid on stretches of the training bins.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    """
    _fit("glm", input_path, fit, reading)


def nmf(
    input_path: Input, /, *, fit: Fit, hidden: int | Auto = "auto", reading: Reading = AS_IT_IS
) -> None:
    """Fit a non-negative matrix factorisation, with a logistic link for each neuron.

    Example: popcode fit nmf recording.npz --hidden 50 --out run

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    hidden : int
        Components, or auto: as many as a compositional RBM has hidden units.
    """
    _fit("nmf", input_path, fit, reading, n_hidden=hidden)


def pca(
    input_path: Input, /, *, fit: Fit, hidden: int | Auto = "auto", reading: Reading = AS_IT_IS
) -> None:
    """Fit principal components, with a logistic link for each neuron.

    Example: popcode fit pca recording.npz --hidden 50 --out run

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    hidden : int
        Components, or auto: as many as a compositional RBM has hidden units.
    """
    _fit("pca", input_path, fit, reading, n_hidden=hidden)


def vae(
    input_path: Input,
    /,
    *,
    fit: Fit,
    hidden: int | Auto = "auto",
    updates: int | Auto = "auto",
    reading: Reading = AS_IT_IS,
) -> None:
    """Fit a variational autoencoder with a linear, sparse decoder.

    Example: popcode fit vae recording.npz --hidden 50 --out run

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    hidden : int
        Latents, or auto: as many as a compositional RBM has hidden units.
    updates : int
        Gradient updates, or auto: 20,000.
    """
    _fit("vae", input_path, fit, reading, n_hidden=hidden, n_updates=updates)


def kmeans(
    input_path: Input, /, *, fit: Fit, hidden: int | Auto = "auto", reading: Reading = AS_IT_IS
) -> None:
    """Fit clusters of bins by k-means, read as a mixture of independent neurons.

    Example: popcode fit kmeans recording.npz --hidden 50 --out run

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    hidden : int
        Clusters, or auto: as many as a compositional RBM has hidden units.
    """
    _fit("kmeans", input_path, fit, reading, n_hidden=hidden)


def _fit(name: str, input_path: str, fit: Fit, reading: Reading, **settings: Any) -> None:
    options = BaselineOptions(
        name=name,
        seed=fit.seed,
        holdout=fit.holdout,
        split=fit.split,
        binarize=fit.binarize,
        reading=reading,
        **settings,
    )
    options.check()
    fit_baseline_into(fit.out, input_path, options, fit.force)
