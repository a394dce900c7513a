"""A fit in progress: updates, what is watched along them, and recovery from divergence.

Every hundredth of the fit it looks at itself. If it has diverged it goes back to its last good
state with half the learning rate; otherwise that state becomes the last good one. Both are part
of a checkpoint, so that a resumed fit takes the same turns as an uninterrupted one.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.pcd.state import PcdState
from popcode.rbm.pcd.updates import Updates
from popcode.rbm.pcd.watch import Watch
from popcode.rbm.training import Batches
from popcode.threads import Team

CHECKS_PER_FIT = 100
MOST_RESTARTS = 6
# Chains this many times as active as the data have left it; noise reaches a factor of two.
_RUNAWAY = 5.0
_LARGEST_WEIGHT = 100.0
# Checks without a better validation likelihood before a fit that may stop early does.
_PATIENCE = 12


class PcdRow(NamedTuple):
    """One line of history.csv; likelihoods are nats a bin, nan where they cannot be told."""

    update: int
    learning_rate: float
    chain_activity: float
    data_activity: float
    weight_std: float
    weight_max: float
    log_likelihood_train: float
    log_likelihood_validation: float
    log_partition_error: float
    effective_chains: float
    n_rungs: int


class PcdTrainer:
    """Everything a fit needs, whole or resumed.

    Parameters
    ----------
    data : ndarray of uint8, (n_bins, n_neurons)
        The recording; copied only if its rows are not contiguous.
    bins, validation_bins : ndarray of int64
        The bins trained on, and those watched for early stopping (may be empty).
    bin_weights : ndarray of float32, (n_bins,), or None
    mean_activity : ndarray of float32, (n_neurons,)
        Of the training bins, weighted as they are.
    schedule : Schedule
    state : PcdState
        Changed in place.
    watch : Watch
        Ladder and likelihood along the fit; changed in place.
    seed : int
    early_stopping : bool
    good : PcdState, optional
        The last good state of a resumed fit; with early stopping the best one.
    history : list of PcdRow, optional
        Of a resumed fit.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        bins: NDArray[np.int64],
        validation_bins: NDArray[np.int64],
        bin_weights: NDArray[np.float32] | None,
        mean_activity: NDArray[np.float32],
        schedule: Schedule,
        state: PcdState,
        watch: Watch,
        seed: int,
        early_stopping: bool = False,
        good: PcdState | None = None,
        history: list[PcdRow] | None = None,
    ) -> None:
        self.data = np.ascontiguousarray(data)
        self.bins, self.validation_bins, self.bin_weights = bins, validation_bins, bin_weights
        self.mean_activity, self.schedule, self.state = mean_activity, schedule, state
        self.watch, self.seed, self.early_stopping = watch, seed, early_stopping
        self.good = good or deepcopy(state)
        self.history = history or []

    @property
    def check_every(self) -> int:
        """Updates between two checks."""
        return max(1, self.schedule.n_updates // CHECKS_PER_FIT)

    @property
    def given_up(self) -> bool:
        """Whether the fit diverged too often to go on."""
        return self.state.restarts > MOST_RESTARTS

    @property
    def stopped_early(self) -> bool:
        """Whether the validation likelihood has long stopped rising."""
        if not self.early_stopping:
            return False
        values = [row.log_likelihood_validation for row in self.history]
        return len(values) - 1 - _best(values) >= _PATIENCE if values else False

    def run(self, team: Team, after_update: Callable[["PcdTrainer"], None]) -> None:
        """Make the updates that are left; `after_update` may raise to stop between two of them."""
        state, schedule = self.state, self.schedule
        batches = Batches(self.bins, schedule.batch_size, self.seed)
        updates = Updates(
            self.data, self.mean_activity, self.bin_weights, schedule, state, self.seed, team
        )
        while state.update < schedule.n_updates and not self.given_up and not self.stopped_early:
            updates.make(batches.rows(state.update))
            if schedule.is_before_average(state.update):
                state.n_averaged = 0  # a finished fit that is continued had a mean
            elif schedule.is_averaged(state.update):
                state.include_iterate()
            self.watch.observe(team, state)
            if state.update % self.check_every == 0 or state.update == schedule.n_updates:
                self._check(team)
            after_update(self)

    def _check(self, team: Team) -> None:
        """Keep the state if it is sound, else go back to the last that was, with half the rate."""
        if self._is_sound():
            self.history.append(self._row(team))
            values = [row.log_likelihood_validation for row in self.history]
            if not self.early_stopping or _best(values) == len(values) - 1:
                self.good.restore(self.state)
            return
        restarts, rate_scale = self.good.restarts + 1, self.good.rate_scale / 2
        self.state.restore(self.good)
        for state in (self.state, self.good):
            state.restarts, state.rate_scale = restarts, rate_scale
        # Moments of a diverging gradient would lead the same way again.
        for name in ("weight_first", "field_first", "hidden_first"):
            getattr(self.state, name)[:] = 0

    def _is_sound(self) -> bool:
        state = self.state
        arrays = (state.weights, state.fields, state.hidden_fields)
        if not all(np.isfinite(array).all() for array in arrays):
            return False
        if np.abs(state.weights).max(initial=0) > _LARGEST_WEIGHT:
            return False
        return state.chains.mean() <= _RUNAWAY * self.mean_activity.mean() + 1e-3

    def _row(self, team: Team) -> PcdRow:
        state = self.state
        curve = self.watch.likelihoods(team, state)
        return PcdRow(
            update=state.update,
            learning_rate=self.schedule.rate_at(state.update) * state.rate_scale,
            chain_activity=float(state.chains.mean()),
            data_activity=float(self.mean_activity.mean()),
            weight_std=float(state.weights.std()),
            weight_max=float(np.abs(state.weights).max()),
            log_likelihood_train=curve.train,
            log_likelihood_validation=curve.watched,
            log_partition_error=curve.standard_error,
            effective_chains=curve.effective_chains,
            n_rungs=curve.n_rungs,
        )


def _best(values: list[float]) -> int:
    """Index of the largest value; what is not a number is never it."""
    return int(np.argmax(np.nan_to_num(values, nan=-np.inf)))
