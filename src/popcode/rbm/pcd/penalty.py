"""How strong a penalty the weights need, by the likelihood of bins withheld from a short fit.

One fit first grows its weights freely (a penalty would hold small random weights at 0 for good),
then the penalty grows along a grid. At every level the mean of the iterates is judged on stretches
of the training bins that the fit does not see.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.energies import free_energies
from popcode.rbm.likelihood.annealing import annealed_log_partition
from popcode.rbm.parameters import Parameters
from popcode.rbm.pcd.automatic import needs_penalty
from popcode.rbm.pcd.fitting import weighted_activity
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.pcd.settings import BernoulliSettings
from popcode.rbm.pcd.state import PcdState, independent_chains, initial_parameters, state_at
from popcode.rbm.pcd.updates import Updates
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.trainer import mean_activity
from popcode.rbm.training import Batches
from popcode.threads import Team

# Multiples of the sampling error of a covariance of a neuron with a hidden unit.
GRID = (0.0, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
# Levels in a row below the best that end the path.
_PATIENCE = 2
# Share of the path's best that a whole fit takes.
_TAKEN = 0.5
# Where a recording is too short to withhold anything: what recordings of 1,600 to 4,600 bins took.
FEWEST_BINS, _UNSEEN = 200, 1.6
# Updates before the first level and at each; at most these shares of the fit itself.
_GROWTH, _LEVEL = (2000, 0.5), (600, 0.15)
# Twenty stretches, of which the withheld ones are spread over the recording.
_STRETCHES, _WITHHELD = 20, (5, 14)
_MOST_BINS_JUDGED = 10_000
_TOLERANCE = 0.02  # error of ln Z, nats
_PATH_STREAM = 21
_NO_END = 2**31


class PenaltyLevel(NamedTuple):
    """A penalty, the log-likelihood of withheld bins (nats a bin) and the error of its ln Z."""

    l1: float
    log_likelihood: float
    standard_error: float


class ChosenPenalty(NamedTuple):
    """A penalty, and the levels that it was chosen from; none where nothing was judged."""

    l1: float
    levels: tuple[PenaltyLevel, ...]


class PathLengths(NamedTuple):
    """Updates of free growth and at each level of the grid."""

    growth: int
    level: int

    @property
    def total(self) -> int:
        """Updates of the whole path, if it does not end early."""
        return self.growth + len(GRID) * self.level


def path_lengths(n_updates: int) -> PathLengths:
    """Lengths of the path of a fit of so many updates."""
    return PathLengths(
        *(max(1, min(most, int(share * n_updates))) for most, share in (_GROWTH, _LEVEL))
    )


def choose_penalty(
    team: Team,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    settings: BernoulliSettings,
    bin_weights: NDArray[np.float32] | None = None,
    after_update: Callable[[int], None] = lambda _n_made: None,
) -> ChosenPenalty:
    """The l1 that a recording needs: 0 with many bins a weight, else by the best of a path.

    Below 200 bins nothing is withheld, and the penalty follows from the number of bins alone.
    Arguments as for `penalty_path`; bins of weight 0 are not there.
    """
    if bin_weights is not None:
        bins = bins[bin_weights[bins] > 0]
    if not needs_penalty(bins.size, data.shape[1], settings.n_hidden):
        return ChosenPenalty(0.0, ())
    if bins.size < FEWEST_BINS:
        error = covariance_error(mean_activity(data, bins), bins.size)
        return ChosenPenalty(_rounded(_UNSEEN * error), ())
    levels = penalty_path(team, data, bins, settings, bin_weights, after_update)
    return ChosenPenalty(best_penalty(levels), tuple(levels))


def penalty_path(
    team: Team,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    settings: BernoulliSettings,
    bin_weights: NDArray[np.float32] | None = None,
    after_update: Callable[[int], None] = lambda _n_made: None,
) -> list[PenaltyLevel]:
    """Judge penalties of a grid along one short fit.

    Parameters
    ----------
    team : Team
    data : ndarray of uint8, (n_bins, n_neurons)
    bins : ndarray of int64
        The training bins, of which a tenth is withheld here.
    settings : BernoulliSettings
        Their l1 is not used.
    bin_weights : ndarray of float32, (n_bins,), optional
        How much each bin counts.
    after_update : callable
        Called with the number of updates made.
    """
    train, withheld = withheld_stretches(bins)
    rates = weighted_activity(data, train, bin_weights)
    seed = int(np.random.default_rng((settings.seed, _PATH_STREAM)).integers(2**62))
    start = initial_parameters(rates, train.size, settings.n_hidden, seed)
    base = start.fields.copy()
    state = state_at(start, independent_chains(base, settings.n_chains, seed))
    batches = Batches(train, min(settings.batch_size, train.size), seed)
    judged = _spread(withheld, _MOST_BINS_JUDGED)
    states = np.ascontiguousarray(data[judged] != 0).view(np.uint8)
    shares = None if bin_weights is None else bin_weights[judged]
    unit, lengths = covariance_error(rates, train.size), path_lengths(settings.n_updates)
    levels = []
    for k, multiple in enumerate(GRID):
        schedule = _constant(settings, _rounded(multiple * unit))
        updates = Updates(data, rates, bin_weights, schedule, state, seed, team)
        n_made = lengths.level + (lengths.growth if k == 0 else 0)
        _advance(updates, batches, state, n_made, lengths.level, after_update)
        log_z = annealed_log_partition(
            _averaged(state), base, seed, n_chains=200, tolerance=_TOLERANCE, most_steps=1024
        )
        found = -free_energies(team, _averaged(state), states) - log_z.value
        mean = float(np.average(found, weights=shares))
        levels.append(PenaltyLevel(schedule.l1, mean, log_z.standard_error))
        if _is_past_best(levels):
            break
    return levels


def best_penalty(levels: list[PenaltyLevel]) -> float:
    """Half of the penalty under which the withheld bins of a path are likeliest.

    A whole fit averages the noise out that a short path still fights with a penalty: on withheld
    bins of four recordings (m1_reach_macaque, hippocampus_mouse, neuropixels_mouse, 1,500 simulated
    neurons) half was better than all of it by .5, .2, .7 and .1 nats a bin, and in the first two
    better than a quarter by .2.
    """
    return _rounded(_TAKEN * max(levels, key=lambda level: level.log_likelihood).l1)


def _is_past_best(levels: list[PenaltyLevel]) -> bool:
    """Whether the penalty has long been too strong; without any it may be worse than with much."""
    values = [level.log_likelihood for level in levels]
    best = int(np.argmax(values))
    return best > 0 and len(values) - 1 - best >= _PATIENCE


def covariance_error(rates: NDArray, n_bins: int) -> float:
    """Standard error of the covariance of a neuron with an independent unit that is half on.

    Root mean square over neurons, from `n_bins` independent bins.
    """
    rates = np.asarray(rates, np.float64)
    return float(np.sqrt(np.mean(rates * (1 - rates)) / (4 * n_bins)))


def withheld_stretches(bins: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Training bins without two of their twenty stretches, and those two."""
    stretches = np.array_split(bins, _STRETCHES)
    kept = [part for k, part in enumerate(stretches) if k not in _WITHHELD]
    return np.concatenate(kept), np.concatenate([stretches[k] for k in _WITHHELD])


def _spread(bins: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return bins[:: -(-bins.size // most)]


def _constant(settings: BernoulliSettings, l1: float) -> Schedule:
    """Course of a fit whose rate never falls and whose penalty is there from the start."""
    schedule = settings.schedule()._replace(n_updates=_NO_END, l1=l1)
    return schedule._replace(free_share=0.0)


def _advance(
    updates: Updates,
    batches: Batches,
    state: PcdState,
    n_updates: int,
    level: int,
    after_update: Callable[[int], None],
) -> None:
    """Make updates, and take the mean of the iterates of the last third of a level."""
    state.n_averaged = 0
    for k in range(n_updates):
        updates.make(batches.rows(state.update))
        if n_updates - k <= max(level // 3, 1):
            state.include_iterate()
        after_update(state.update)


def _averaged(state: PcdState) -> Parameters:
    hidden = Bernoulli(-state.averaged_hidden_fields)
    return Parameters(state.averaged_weights, state.averaged_fields, hidden)


def _rounded(l1: float) -> float:
    """Two digits, which is all that is known of it."""
    return float(f"{l1:.2g}")
