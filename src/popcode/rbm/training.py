"""Stochastic gradient ascent on the penalised likelihood by persistent contrastive divergence."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.backend import Backend
from popcode.rbm.cpu import HiddenStatistics, StepSizes
from popcode.rbm.gauge import LARGEST_ETA, relaxed_gamma, total_gradient
from popcode.rbm.potentials import Bernoulli, DReLU, Potential, rebuilt
from popcode.rbm.state import TrainingState

_DECAY, _EPSILON = 0.999, 1e-6
# Share of the way to Var(h) = 1 that gamma goes in one update at the full learning rate.
_GAMMA_SHARE = 0.25
_BATCH_STREAM = 3
# Neighbouring iterates are nearly the same: every tenth costs a tenth.
_AVERAGE_EVERY = 10


class Schedule(NamedTuple):
    """How many updates, how large, how penalised.

    The learning rate rises for `warm_share` of the updates, so that the many weights of a large
    recording do not all take their first step together and set the chains alight; is constant
    until `constant_share`, while units find their assemblies; falls geometrically to
    `final_rate`; and stays there for the last `averaged_share`, whose iterates are averaged (see
    `averaging`): small enough to stay near the optimum, large enough for the iterates to follow
    the chains' noise to and fro, which the mean is then free of.

    The penalty starts at `l1_start` of itself, where no assembly can be lost to it (at zero
    weights it is an optimum of its own), grows geometrically to `l1_peak` of itself by
    `l1_grown_share` of the updates, stays there until `l1_held_share`, and falls to itself by
    `constant_share`. Held above its value, it makes units that share an assembly settle who keeps
    it: on 25 planted assemblies the mean correlation of weights with the truth rises from .90
    to .97.
    """

    n_updates: int
    n_sweeps: int
    batch_size: int
    learning_rate: float
    l1: float
    final_rate: float = 2e-4
    warm_share: float = 0.025
    constant_share: float = 0.6
    l1_start: float = 0.1
    l1_peak: float = 1.25
    l1_grown_share: float = 0.025
    l1_held_share: float = 0.5
    averaged_share: float = 0.25

    def rate_at(self, update: int) -> float:
        """Learning rate of an update."""
        falling = 1 - self.averaged_share - self.constant_share
        done = min((update / self.n_updates - self.constant_share) / falling, 1.0)
        falls_to = min(self.final_rate / self.learning_rate, 1.0)
        warm = min((update + 1) / (self.warm_share * self.n_updates), 1.0)
        return warm * self.learning_rate * falls_to ** max(done, 0.0)

    def l1_at(self, update: int) -> float:
        """Penalty of an update."""
        done = update / self.n_updates
        if done < self.l1_grown_share:
            grown = done / self.l1_grown_share
            return self.l1 * self.l1_start ** (1 - grown) * self.l1_peak**grown
        falling = (done - self.l1_held_share) / (self.constant_share - self.l1_held_share)
        return self.l1 * self.l1_peak ** (1 - min(max(falling, 0.0), 1.0))

    def is_averaged(self, update: int) -> bool:
        """Whether the iterate after so many updates is taken into the mean; the last one is."""
        chosen = update % _AVERAGE_EVERY == 0 or update == self.n_updates
        return chosen and not self.is_before_average(update)

    def is_before_average(self, update: int) -> bool:
        """Whether so many updates do not yet reach what is averaged."""
        return update <= (1 - self.averaged_share) * self.n_updates


class Batches:
    """The rows of every batch, a function of (seed, update): a new permutation every epoch."""

    def __init__(self, bins: NDArray[np.int64], batch_size: int, seed: int) -> None:
        self._bins, self._seed = bins, seed
        self._size = min(batch_size, bins.size)
        self._per_epoch = bins.size // self._size
        self._epoch = -1

    def rows(self, update: int) -> NDArray[np.int64]:
        """Rows of the batch of an update."""
        epoch, position = divmod(update, self._per_epoch)
        if epoch != self._epoch:
            rng = np.random.default_rng((self._seed, _BATCH_STREAM, epoch))
            self._order, self._epoch = rng.permutation(self._bins), epoch
        return self._order[position * self._size : (position + 1) * self._size]


def make_update(backend: Backend, batches: Batches, schedule: Schedule) -> None:
    """One update: sweep the chains, compare them with a batch, step every parameter."""
    state = backend.state
    rows = batches.rows(state.update)
    backend.sweep(schedule.n_sweeps, state.update * schedule.n_sweeps)
    data, chains = backend.statistics(rows)
    gradient = total_gradient(state.hidden, data.sums, chains.sums, data.input_slope)
    rate = schedule.rate_at(state.update) * state.rate_scale
    correction = 1 / (1 - _DECAY ** (state.update + 1))
    sizes = StepSizes(
        *map(
            np.float32,
            (_DECAY, rate, _EPSILON, correction, schedule.l1_at(state.update)),
        )
    )
    data_values = (data.mean_hidden + gradient.input_response) / rows.size
    chain_values = chains.mean_hidden / -len(state.chains)
    chain_activity, mean_input = backend.step(
        rows,
        data_values.astype(np.float32),
        chain_values.astype(np.float32),
        gradient.hidden.theta.astype(np.float32),
        sizes,
    )
    _step_fields(state, backend.mean_activity - chain_activity, sizes)
    _step_hidden(state, data, gradient.hidden, mean_input, sizes, rate / schedule.learning_rate)
    state.update += 1


def _step_fields(state: TrainingState, gradient: NDArray[np.float32], sizes: StepSizes) -> None:
    squares = state.field_squares
    squares *= sizes.decay
    squares += (1 - sizes.decay) * gradient**2
    state.fields += sizes.rate * gradient / (sizes.epsilon + np.sqrt(squares * sizes.correction))


def _step_hidden(
    state: TrainingState,
    data: HiddenStatistics,
    gradient: Potential,
    mean_input: NDArray[np.float64],
    sizes: StepSizes,
    relative_rate: float,
) -> None:
    """Step the free parameters, move theta with the mean input, relax gamma to the gauge."""
    stepped = []
    for value, slope, squares in zip(state.hidden, gradient, state.hidden_squares, strict=True):
        bounded = np.clip(slope, -1, 1)
        np.add(_DECAY * squares, (1 - _DECAY) * bounded**2, out=squares)
        stepped.append(
            value + float(sizes.rate) * bounded / (_EPSILON + np.sqrt(squares * sizes.correction))
        )
    hidden = rebuilt(state.hidden, stepped)
    hidden = hidden._replace(theta=hidden.theta + (mean_input - state.mean_input))
    if not isinstance(hidden, Bernoulli) and not isinstance(state.hidden, Bernoulli):
        share = _GAMMA_SHARE * relative_rate
        hidden = hidden._replace(gamma=relaxed_gamma(state.hidden, data.sums, share))
    if isinstance(hidden, DReLU):
        hidden = hidden._replace(eta=np.clip(hidden.eta, -LARGEST_ETA, LARGEST_ETA))
    state.hidden, state.mean_input = hidden, mean_input
