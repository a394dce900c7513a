"""A fit in progress: updates, a record of them, and recovery from divergence.

Every `check_every` updates the fit looks at itself. If it has diverged it goes back to its last
good state with half the learning rate; otherwise that state becomes the last good one. Both are
part of a checkpoint, so that a resumed fit takes the same turns as an uninterrupted one.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.averaging import include_iterate
from popcode.rbm.backend import Backend, make_backend
from popcode.rbm.parameters import mean_hidden, mean_visible
from popcode.rbm.state import TrainingState
from popcode.rbm.training import Batches, Schedule, make_update
from popcode.threads import Team

CHECKS_PER_FIT = 100
MOST_RESTARTS = 6
# A hidden unit whose weights are all below this moves no neuron's odds by more than 5 %.
ALIVE_WEIGHT = 0.05
# Chains this many times as active as the data have left it; noise reaches a factor of two.
_RUNAWAY = 5.0
_LARGEST_WEIGHT = 50.0
_MONITOR_BINS = 512
_MONITOR_ENTRIES = 500_000  # worked on at once
_MONITOR_STREAM = 4


class HistoryRow(NamedTuple):
    """One line of history.csv."""

    update: int
    learning_rate: float
    l1: float
    chain_activity: float
    data_activity: float
    hidden_alive: int
    weight_std: float
    weight_max: float
    weight_nonzero: float
    nllh_median: float


class Trainer:
    """Everything a fit needs, whole or resumed.

    Parameters
    ----------
    data : ndarray of uint8, (n_bins, n_neurons)
        The recording; copied only if its rows are not contiguous.
    bins : ndarray of int64
        The training bins.
    schedule : Schedule
    state : TrainingState
        Changed in place.
    seed : int
    good : TrainingState, optional
        The last good state of a resumed fit.
    history : list of HistoryRow, optional
        Of a resumed fit.
    device : str
        "cpu" or "cuda:k".
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        bins: NDArray[np.int64],
        schedule: Schedule,
        state: TrainingState,
        seed: int,
        good: TrainingState | None = None,
        history: list[HistoryRow] | None = None,
        device: str = "cpu",
    ) -> None:
        # The kernels read eight neurons of a bin at a time.
        self.data = np.ascontiguousarray(data)
        self.bins, self.schedule = bins, schedule
        self.state, self.seed, self.device = state, seed, device
        self.good = good or deepcopy(state)
        self.history = history or []
        self.mean_activity = mean_activity(data, bins)
        monitor = np.random.default_rng((seed, _MONITOR_STREAM)).permutation(bins)
        self._monitor_bins = np.sort(monitor[:_MONITOR_BINS])
        self._backend: Backend | None = None

    @property
    def check_every(self) -> int:
        """Updates between two checks."""
        return max(1, self.schedule.n_updates // CHECKS_PER_FIT)

    @property
    def given_up(self) -> bool:
        """Whether the fit diverged too often to go on."""
        return self.state.restarts > MOST_RESTARTS

    def pull(self) -> None:
        """Bring `state` up to date, before it is saved between two updates."""
        if self._backend is not None:
            self._backend.pull()

    def run(self, team: Team, after_update: Callable[["Trainer"], None]) -> None:
        """Make the updates that are left; `after_update` may raise to stop between two of them."""
        backend = make_backend(
            self.device, self.data, self.mean_activity, self.state, self.seed, team
        )
        self._backend = backend
        batches = Batches(self.bins, self.schedule.batch_size, self.seed)
        while self.state.update < self.schedule.n_updates and not self.given_up:
            make_update(backend, batches, self.schedule)
            if self.schedule.is_before_average(self.state.update):
                self.state.n_averaged = 0  # a finished fit that is continued had a mean
            elif self.schedule.is_averaged(self.state.update):
                backend.pull()
                include_iterate(self.state)
            if self.state.update % self.check_every == 0:
                backend.pull()
                if not self._check():
                    backend.push()
            after_update(self)
        backend.pull()

    def _check(self) -> bool:
        """Keep the state if it is sound, else go back to the last that was, with half the rate."""
        if not self._is_sound():
            restarts, rate_scale = self.good.restarts + 1, self.good.rate_scale / 2
            self.state.restore(self.good)
            self.state.restarts, self.state.rate_scale = restarts, rate_scale
            self.good.restarts, self.good.rate_scale = restarts, rate_scale
            return False
        self.good.restore(self.state)
        self.history.append(self._row())
        return True

    def _is_sound(self) -> bool:
        state = self.state
        arrays = (state.weights, state.fields, *state.hidden)
        if not all(np.isfinite(array).all() for array in arrays):
            return False
        if np.abs(state.weights).max(initial=0) > _LARGEST_WEIGHT:
            return False
        return state.chains.mean() <= _RUNAWAY * self.mean_activity.mean() + 1e-3

    def _row(self) -> HistoryRow:
        state, schedule = self.state, self.schedule
        largest = np.abs(state.weights).max(axis=0)
        return HistoryRow(
            update=state.update,
            learning_rate=schedule.rate_at(state.update) * state.rate_scale,
            l1=schedule.l1_at(state.update),
            chain_activity=float(state.chains.mean()),
            data_activity=float(self.mean_activity.mean()),
            hidden_alive=int((largest >= ALIVE_WEIGHT).sum()),
            weight_std=float(state.weights.std()),
            weight_max=float(largest.max()),
            weight_nonzero=float(np.count_nonzero(state.weights) / state.weights.size),
            nllh_median=self._nllh_median(),
        )

    def _nllh_median(self) -> float:
        """Median nLLH over the neurons that fire in a fixed sample of training bins."""
        parameters, bins = self.state.parameters, self._monitor_bins
        counts, gained = np.zeros(self.data.shape[1], np.int64), np.zeros(self.data.shape[1])
        step = max(1, _MONITOR_ENTRIES // self.data.shape[1])
        for start in range(0, bins.size, step):
            active = self.data[bins[start : start + step]] != 0
            p = np.clip(mean_visible(parameters, mean_hidden(parameters, active)), 1e-7, 1 - 1e-7)
            counts += np.count_nonzero(active, axis=0)
            gained += np.log(np.where(active, p, 1 - p)).sum(axis=0)
        rates = counts / bins.size
        fires = (rates > 0) & (rates < 1)
        rates, gained = rates[fires], gained[fires] / bins.size
        alone = rates * np.log(rates) + (1 - rates) * np.log1p(-rates)
        return float(np.median((gained - alone) / -alone)) if fires.any() else float("nan")


def mean_activity(data: NDArray[np.uint8], bins: NDArray[np.int64]) -> NDArray[np.float32]:
    """Share of the given bins in which each neuron is active, (n_neurons,)."""
    counts = np.zeros(data.shape[1], np.int64)
    for start in range(0, bins.size, 1024):
        counts += np.count_nonzero(data[bins[start : start + 1024]], axis=0)
    return (counts / bins.size).astype(np.float32)
