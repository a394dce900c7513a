"""From a recording and settings to a fitted Bernoulli RBM: start, train (see `trainer`), finish."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.likelihood.online import TrajectoryPartition
from popcode.rbm.parameters import Parameters, free_energy
from popcode.rbm.pcd.settings import BernoulliSettings
from popcode.rbm.pcd.state import (
    PcdState,
    independent_chains,
    initial_parameters,
    state_at,
)
from popcode.rbm.pcd.trainer import PcdRow, PcdTrainer
from popcode.rbm.pcd.watch import Watch, looked_at
from popcode.rbm.tempering.acceptance import check_enough_chains
from popcode.rbm.tempering.independent import independent_log_partition
from popcode.rbm.tempering.selection import Rung, RungSelector
from popcode.rbm.trainer import mean_activity
from popcode.threads import Team

_VALIDATION_SHARE = 0.1
_PRETRAINING_BINS = 50_000
# Chains of a rung, and those that are weighted along the fit.
MOST_RUNG_CHAINS, _WEIGHTED_CHAINS = 500, 200
# Replicas cross a pair of rungs fastest near a quarter to a third of accepted exchanges.
LEAST_ACCEPTANCE, MOST_RUNGS = 0.3, 40
_BLOCK = 1024
_START_STREAM = 18


class Parts(NamedTuple):
    """Bins trained on, and bins that are only watched."""

    train: NDArray[np.int64]
    watched: NDArray[np.int64]


def start_bernoulli(
    team: Team,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    settings: BernoulliSettings,
    bin_weights: NDArray[np.float32] | None = None,
    watched: NDArray[np.int64] | None = None,
) -> PcdTrainer:
    """Give a trainer at update 0.

    Parameters
    ----------
    team : Team
    data : ndarray of uint8, (n_bins, n_neurons)
    bins : ndarray of int64
        The training bins; with early stopping the last tenth of them is withheld.
    settings : BernoulliSettings
    bin_weights : ndarray of float32, (n_bins,), optional
    watched : ndarray of int64, optional
        Withheld bins whose likelihood is followed, but not acted on.

    Raises
    ------
    InputError
        No activity in the training bins, or fewer than 30 chains.
    """
    check_enough_chains(settings.n_chains)
    parts = parts_of(bins, settings, watched)
    rates = weighted_activity(data, parts.train, bin_weights)
    if not rates.any():
        raise InputError(
            "no neuron is active in any training bin",
            remedy="Check the recording (popcode info), its threshold and its split",
        )
    start = starting_point(data, parts.train, rates, settings)
    watch = watch_from(start, data, parts, settings)
    state = state_at(start.parameters, start.chains)
    return trainer_at(data, parts, bin_weights, rates, settings, state, watch)


class Start(NamedTuple):
    """Where a fit begins: a model whose ln Z is known, independent draws of it for every use.

    `chains`, `rung_chains` and `weighted_chains` are (n_chains, n_neurons).
    """

    parameters: Parameters
    lowest: Parameters
    log_partition: float
    chains: NDArray[np.uint8]
    rung_chains: NDArray[np.uint8]
    weighted_chains: NDArray[np.uint8]
    notes: tuple[str, ...]


def starting_point(
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    rates: NDArray[np.float32],
    settings: BernoulliSettings,
) -> Start:
    """Independent neurons with the data's rates, or with pre-training its low-rank model."""
    seeds = np.random.default_rng((settings.seed, _START_STREAM)).integers(2**62, size=3)
    n_chains = (settings.n_chains, min(settings.n_chains, MOST_RUNG_CHAINS), _WEIGHTED_CHAINS)
    parameters = initial_parameters(rates, bins.size, settings.n_hidden, settings.seed)
    if settings.pretraining:
        return _pretrained_start(data, bins, parameters, settings, seeds, n_chains)
    lowest = parameters._replace(weights=np.zeros_like(parameters.weights))
    own, rung, weighted = (
        independent_chains(lowest.fields, n, int(seed))
        for n, seed in zip(n_chains, seeds, strict=True)
    )
    return Start(parameters, lowest, independent_log_partition(lowest), own, rung, weighted, ())


def _pretrained_start(
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    initial: Parameters,
    settings: BernoulliSettings,
    seeds: NDArray[np.int64],
    n_chains: tuple[int, int, int],
) -> Start:
    from popcode.rbm.pretraining.pretrain import pretrained  # noqa: PLC0415  (an option that few take)

    bins = np.sort(np.random.default_rng(int(seeds[0])).permutation(bins)[:_PRETRAINING_BINS])
    found = pretrained(data[bins], settings.n_hidden, seed=settings.seed)
    weights = found.parameters.weights.astype(np.float32)
    model = Parameters(weights, found.parameters.fields.astype(np.float32), found.parameters.hidden)
    # Units that the low-rank model does not use start like those of an ordinary fit.
    spare = np.abs(weights).max(axis=0) < 1e-3
    lively = weights.copy()
    lively[:, spare] = initial.weights[:, spare]
    own, rung, weighted = (
        found.static_chains(n, int(seed)) for n, seed in zip(n_chains, seeds, strict=True)
    )
    lively_model = model._replace(weights=lively)
    return Start(lively_model, model, found.log_partition, own, rung, weighted, found.notes)


def watch_from(
    start: Start, data: NDArray[np.uint8], parts: Parts, settings: BernoulliSettings
) -> Watch:
    """The watch of a fit at update 0."""
    partition = TrajectoryPartition(
        start.weighted_chains,
        start.log_partition,
        free_energy(start.lowest, start.weighted_chains),
        settings.seed,
    )
    lowest = Rung(start.lowest, start.rung_chains, 0)
    rungs = RungSelector(LEAST_ACCEPTANCE, MOST_RUNGS, [lowest])
    shown = (looked_at(data, bins, settings.seed) for bins in parts)
    return Watch(rungs, len(start.rung_chains), start.log_partition, partition, *shown)


def parts_of(
    bins: NDArray[np.int64], settings: BernoulliSettings, watched: NDArray[np.int64] | None
) -> Parts:
    """Bins to train on and to watch; with early stopping the last tenth of the former is watched.

    Raises
    ------
    InputError
        Too few bins to withhold some.
    """
    if not settings.early_stopping:
        return Parts(bins, bins[:0] if watched is None else watched)
    n_held = int(_VALIDATION_SHARE * bins.size)
    if n_held == 0:
        raise InputError(
            f"{bins.size} bins are too few to withhold a tenth for early stopping",
            remedy="Fit without early_stopping, or to more bins",
        )
    return Parts(bins[:-n_held], bins[-n_held:])


def weighted_activity(
    data: NDArray[np.uint8], bins: NDArray[np.int64], bin_weights: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Weighted share of the bins in which each neuron is active, (n_neurons,)."""
    if bin_weights is None:
        return mean_activity(data, bins)
    total = np.zeros(data.shape[1])
    for start in range(0, bins.size, _BLOCK):
        rows = bins[start : start + _BLOCK]
        total += bin_weights[rows].astype(np.float64) @ (data[rows] != 0)
    return (total / bin_weights[bins].sum(dtype=np.float64)).astype(np.float32)


def resumed_bernoulli(
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    settings: BernoulliSettings,
    state: PcdState,
    good: PcdState,
    watch: Watch,
    history: list[PcdRow],
    watched: NDArray[np.int64] | None = None,
) -> PcdTrainer:
    """Trainer of a fit that goes on from a checkpoint; arguments as for `start_bernoulli`."""
    parts = parts_of(bins, settings, watched)
    rates = weighted_activity(data, parts.train, None)
    watch.train, watch.watched = (looked_at(data, part, settings.seed) for part in parts)
    return trainer_at(data, parts, None, rates, settings, state, watch, good, history)


def trainer_at(
    data: NDArray[np.uint8],
    parts: Parts,
    bin_weights: NDArray[np.float32] | None,
    rates: NDArray[np.float32],
    settings: BernoulliSettings,
    state: PcdState,
    watch: Watch,
    good: PcdState | None = None,
    history: list[PcdRow] | None = None,
) -> PcdTrainer:
    """Trainer of a fit at any update."""
    return PcdTrainer(
        data,
        parts.train,
        parts.watched,
        bin_weights,
        rates,
        settings.schedule(),
        state,
        watch,
        settings.seed,
        settings.early_stopping,
        good,
        history,
    )
