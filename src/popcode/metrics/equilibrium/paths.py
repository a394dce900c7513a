"""Relaxation of the population, region by region, of the recording beside the model's chains."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.metrics.blocks import row_blocks
from popcode.metrics.equilibrium.bins import Bins
from popcode.metrics.equilibrium.evidence import RelaxationCurves
from popcode.metrics.equilibrium.models import Binary, EquilibriumModel
from popcode.metrics.relaxation import Relaxation, misfit_at, relaxation

WHOLE = "all neurons"
N_CHAINS = 100
MAX_LAG_BINS, LEAST_LAG_BINS = 250, 10
# Chains of a small model are long; those of a large one cost half a minute even when lengthened.
MOST_SWEEPS, LEAST_SWEEPS, WEIGHT_VISITS = 4_000, 500, 1.2e11
# A chain is ten times as long as its longest lag, so that lags are seen often enough.
SWEEPS_A_LAG, LENGTHENED = 10, 4
_CURVES = ("factor", "misfit", "recording_time", "model_time", "drift", "note")
_STREAM = 61


class Stretches(NamedTuple):
    """Active neurons of each group, training bins before test bins.

    Attributes
    ----------
    names : tuple of str
    activity : ndarray of int32, shape (n_bins, n_groups)
    starts : ndarray of int64, shape (n_segments,)
        Training and test bins never share a stretch.
    members : ndarray of bool, shape (n_neurons, n_groups)
    """

    names: tuple[str, ...]
    activity: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    members: npt.NDArray[np.bool_]


def stretches_of(bins: Bins) -> Stretches:
    """Activity of all neurons and of every region, over all bins."""
    members = np.column_stack([np.ones(bins.n_neurons, bool), bins.regions.member])
    parts = [_active(x, members) for x in (bins.train, bins.test)]
    starts = np.append(bins.train_starts, bins.test_starts + len(bins.train))
    return Stretches((WHOLE, *bins.regions.names), np.concatenate(parts), starts, members)


def _active(x: Binary, members: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    counts = np.empty((len(x), members.shape[1]), np.int32)
    wide = members.astype(np.float32)
    for rows in row_blocks(*x.shape):
        counts[rows] = x[rows].astype(np.float32) @ wide
    return counts


def longest_lag(starts: npt.NDArray[np.int64], n_bins: int) -> int:
    """Bins of the largest lag, at most 250, over which half of all bins still have a partner.

    Raises
    ------
    InputError
        Stretches too short for a curve.
    """
    lengths = np.diff(np.append(starts, n_bins))
    for lag in range(MAX_LAG_BINS, LEAST_LAG_BINS - 1, -1):
        if 2 * np.maximum(lengths - lag, 0).sum() >= n_bins:
            return lag
    raise InputError(
        f"bins follow each other in stretches of {np.median(lengths):.0f} only",
        remedy="Split by blocked, matched or segments, not by random bins",
    )


def compare_relaxation(
    model: EquilibriumModel, bins: Bins, start: Binary, seed: int
) -> tuple[dict[str, Any], RelaxationCurves]:
    """Relaxation of all neurons, of every region, and of the bins in random order.

    Parameters
    ----------
    model : EquilibriumModel
    bins : Bins
    start : ndarray of uint8, shape (n_chains, n_neurons)
        Equilibrium samples of the model.
    seed : int

    Returns
    -------
    dict
        ``population``, ``regions`` and ``shuffled``: what `Relaxation` holds besides its curves;
        a region also ``misfit_at_population_factor``. Chain length and lags beside them.
    RelaxationCurves

    Raises
    ------
    InputError
        Bins that do not follow each other for long enough.
    """
    stretches = stretches_of(bins)
    lag = longest_lag(stretches.starts, len(stretches.activity))
    n_sweeps = sweeps_of(model.weights_.size)
    paths = model.activity_paths(start, n_sweeps, groups=stretches.members, seed=seed)
    found = _relaxations(stretches, paths, lag, seed)
    lengthened = any(map(_out_of_reach, found))
    if lengthened:
        n_sweeps *= LENGTHENED
        paths = model.activity_paths(start, n_sweeps, groups=stretches.members, seed=seed)
        found = _relaxations(stretches, paths, lag, seed)
    shuffled = _shuffled(stretches, paths, lag, seed)
    told = {
        "population": _told(found[0]) | {"n_neurons": bins.n_neurons},
        "regions": _by_region(stretches, found),
        "shuffled": _told(shuffled),
        "bin_s": bins.bin_s,
        "n_chains": len(start),
        "n_sweeps": n_sweeps,
        "lengthened": lengthened,
        "max_lag_bins": lag,
        "max_lag_sweeps": n_sweeps // SWEEPS_A_LAG,
    }
    return told, _curves(stretches.names, found, shuffled)


def sweeps_of(n_weights: int) -> int:
    """Sweeps of each chain that a model of so many weights affords."""
    return int(np.clip(WEIGHT_VISITS / (N_CHAINS * n_weights), LEAST_SWEEPS, MOST_SWEEPS))


def _relaxations(
    stretches: Stretches, paths: npt.NDArray[np.int32], lag: int, seed: int
) -> list[Relaxation]:
    max_sweeps = paths.shape[1] // SWEEPS_A_LAG
    return [
        relaxation(activity, stretches.starts, paths[:, :, k], lag, max_sweeps, seed)
        for k, activity in enumerate(stretches.activity.T)
    ]


def _out_of_reach(found: Relaxation) -> bool:
    """Whether both relax and only longer chains could tell the factor."""
    relax = found.recording.relaxes and found.recording.window > 0 and found.model.relaxes
    return found.factor is None and relax


def _shuffled(stretches: Stretches, paths: npt.NDArray, lag: int, seed: int) -> Relaxation:
    order = np.random.default_rng((seed, _STREAM)).permutation(len(stretches.activity))
    activity = stretches.activity[order, 0]
    max_sweeps = paths.shape[1] // SWEEPS_A_LAG
    return relaxation(activity, stretches.starts, paths[:, :, 0], lag, max_sweeps, seed)


def _told(found: Relaxation) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _CURVES}


def _by_region(stretches: Stretches, found: list[Relaxation]) -> dict[str, Any]:
    whole = found[0].factor
    sizes = stretches.members.sum(axis=0)
    told = {}
    for name, size, each in zip(stretches.names[1:], sizes[1:], found[1:], strict=True):
        shared = None if whole is None else misfit_at(each.recording, each.model, whole.value)
        told[name] = _told(each) | {
            "n_neurons": int(size),
            "misfit_at_population_factor": shared,
        }
    return told


def _curves(
    names: tuple[str, ...], found: list[Relaxation], shuffled: Relaxation
) -> RelaxationCurves:
    return RelaxationCurves(
        names=np.array(names, dtype=np.str_),
        recording=np.array([each.recording.value for each in found]),
        recording_error=np.array([each.recording.error for each in found]),
        null_low=np.array([each.recording.null_low for each in found]),
        null_high=np.array([each.recording.null_high for each in found]),
        model=np.array([each.model.value for each in found]),
        model_error=np.array([each.model.error for each in found]),
        factor=np.array([np.nan if f.factor is None else f.factor.value for f in found]),
        window=np.array([each.recording.window for each in found], np.int64),
        shuffled=shuffled.recording.value,
    )
