"""What stands behind the equilibrium evaluation, small enough to keep and to draw.

Kept as ``equilibrium.npz`` beside ``metrics.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.array_files import flattened, read_arrays, write_arrays

FORMAT, VERSION = "popcode-equilibrium", 1
Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


class Squares(NamedTuple):
    """One statistic of several sets (y) against the test bins (x), counted in the same squares.

    Attributes
    ----------
    edges : ndarray, shape (n_squares + 1,)
        Of both axes; values beyond the ends are counted in the outermost squares.
    counts : dict of str to ndarray of int64, shape (n_squares, n_squares)
        Set -> number of values [x, y].
    """

    edges: Values
    counts: dict[str, Counts]


class Histograms(NamedTuple):
    """Counts of several sets along each axis, in the same intervals.

    Attributes
    ----------
    edges : ndarray, shape (n_axes, n + 1)
    counts : dict of str to ndarray of int64, shape (n_axes, n)
    """

    edges: Values
    counts: dict[str, Counts]


class RelaxationCurves(NamedTuple):
    """Autocorrelations of the recording in bins and of the model's chains in sweeps.

    Attributes
    ----------
    names : ndarray of str, shape (n_groups,)
        "all neurons", then regions.
    recording, recording_error : ndarray, shape (n_groups, max_lag_bins + 1)
    null_low, null_high : ndarray, shape (n_groups, max_lag_bins + 1)
        Band of shuffled bins.
    model, model_error : ndarray, shape (n_groups, max_lag_sweeps + 1)
    factor : ndarray, shape (n_groups,)
        Sweeps a bin; nan where there is none.
    window : ndarray of int64, shape (n_groups,)
        Lags from 1 on that were fitted.
    shuffled : ndarray, shape (max_lag_bins + 1,)
        Of all neurons, with the bins in random order.
    """

    names: npt.NDArray[np.str_]
    recording: Values
    recording_error: Values
    null_low: Values
    null_high: Values
    model: Values
    model_error: Values
    factor: Values
    window: Counts
    shuffled: Values


class SurpriseSeries(NamedTuple):
    """-ln P(v) in nats.

    Attributes
    ----------
    train, test : ndarray of float32, shape (n_bins,)
        Of every bin, in the order of time.
    edges : ndarray, shape (n + 1,)
    counts : dict of str to ndarray of int64, shape (n,)
        Of "test", "train" and samples of the "model".
    levels, quantiles : ndarray, shape (n_levels,)
        Of the samples of the model.
    """

    train: npt.NDArray[np.float32]
    test: npt.NDArray[np.float32]
    edges: Values
    counts: dict[str, Counts]
    levels: Values
    quantiles: Values


class EquilibriumEvidence(NamedTuple):
    """Everything that a report draws of an equilibrium evaluation.

    Attributes
    ----------
    random_triplets, strongest_triplets : Squares or None
        Connected third moments.
    population : dict of str to ndarray of int64, shape (n_neurons + 1,)
        Set -> number of bins with each number of active neurons.
    projections : Histograms or None
    relaxation : RelaxationCurves or None
    neuron_bits : dict of str to ndarray, shape (n_neurons,)
        Model -> bits a spike of each neuron predicted from all others; nan for a silent neuron.
    surprise : SurpriseSeries or None
    """

    random_triplets: Squares | None
    strongest_triplets: Squares | None
    population: dict[str, Counts]
    projections: Histograms | None
    relaxation: RelaxationCurves | None
    neuron_bits: dict[str, Values]
    surprise: SurpriseSeries | None


_PARTS: dict[str, Any] = {
    "random_triplets": Squares,
    "strongest_triplets": Squares,
    "projections": Histograms,
    "relaxation": RelaxationCurves,
    "surprise": SurpriseSeries,
}


def write_equilibrium(path: str | Path, evidence: EquilibriumEvidence) -> None:
    """Write it as one ``.npz`` file, replaced whole."""
    write_arrays(path, FORMAT, VERSION, flattened(evidence))


def read_equilibrium(path: str | Path) -> EquilibriumEvidence:
    """Read what `write_equilibrium` wrote.

    Raises
    ------
    InputError
        No such file, damaged, or of another format.
    """
    return read_arrays(path, FORMAT, VERSION, _assembled)


def _assembled(nested: dict[str, Any]) -> EquilibriumEvidence:
    unknown = nested.keys() - set(EquilibriumEvidence._fields)
    if unknown:
        raise ValueError(f"it holds unknown parts: {', '.join(sorted(unknown))}")
    parts: dict[str, Any] = {
        name: make(**nested[name]) if name in nested else None for name, make in _PARTS.items()
    }
    parts |= {name: nested.get(name, {}) for name in ("population", "neuron_bits")}
    return EquilibriumEvidence(**parts)
