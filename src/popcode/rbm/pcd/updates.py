"""One update: advance the chains, compare them with a batch, step every parameter."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.cpu import gibbs_pieces
from popcode.rbm.kernels.sweeps import NEURONS_PER_BLOCK, add_active_rows
from popcode.rbm.pcd.kernels import adam_block, hidden_means, momentum_block
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.pcd.state import PcdState, independent_chains
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team, pieces

_SECOND_DECAY, _EPSILON = 0.999, 1e-8
_ROWS_PER_CALL = 50
_START_STREAM = 20
# A small model's weights are shared among threads, too; a function of the model alone.
_LEAST_BLOCKS, _BLOCK_STEP = 4, 16
_BLOCKS = {"adam": adam_block, "sgd": momentum_block}


class Updates:
    """Makes the updates of one fit, in place on its state.

    Parameters
    ----------
    data : ndarray of uint8, (n_bins, n_neurons)
        The recording; any non-zero entry counts as active. Never copied.
    mean_activity : ndarray of float32, (n_neurons,)
        Of the training bins, weighted as they are.
    bin_weights : ndarray of float32, (n_bins,), or None
        Weights of the bins; None where all are alike.
    schedule : Schedule
    state : PcdState
    seed : int
    team : Team
        Entered by the caller.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        mean_activity: NDArray[np.float32],
        bin_weights: NDArray[np.float32] | None,
        schedule: Schedule,
        state: PcdState,
        seed: int,
        team: Team,
    ) -> None:
        self.data, self.mean_activity, self.bin_weights = data, mean_activity, bin_weights
        self.schedule, self.state, self.seed, self.team = schedule, state, seed, team
        n_neurons, n_hidden = state.weights.shape
        size = -(-n_neurons // _LEAST_BLOCKS)
        size = min(NEURONS_PER_BLOCK, -(-size // _BLOCK_STEP) * _BLOCK_STEP)
        self._blocks = list(pieces(n_neurons, size))
        self._chain_activity = np.empty(n_neurons, np.float32)
        self._field_shift = np.empty(n_neurons, np.float32)
        self._input_shift = np.empty((len(self._blocks), n_hidden))

    def make(self, rows: NDArray[np.int64]) -> None:
        """Make one update from the batch `rows` of the data."""
        state = self.state
        self._start_chains(rows)
        data_hidden, chain_hidden = self._hidden_of_both(rows)
        shares = self._shares(rows)
        offset, chain_mean = shares @ data_hidden, chain_hidden.mean(axis=0, dtype=np.float64)
        offset = offset.astype(np.float64)
        rate = self.schedule.rate_at(state.update) * state.rate_scale
        step = self._step(rate)
        gap = offset - chain_mean
        narrow = offset.astype(np.float32)
        data_hidden -= narrow
        data_hidden *= shares[:, None]
        chain_hidden -= narrow
        chain_hidden *= np.float32(-1 / len(chain_hidden))
        self._step_weights(rows, data_hidden, chain_hidden, gap.astype(np.float32), narrow, step)
        self._step_fields(gap, rate)
        state.update += 1

    def _start_chains(self, rows: NDArray[np.int64]) -> None:
        state, start = self.state, self.schedule.chains
        if start == "data":
            order = np.resize(rows, len(state.chains))
            np.not_equal(self.data[order], 0, out=state.chains.view(bool))
        elif start == "random":
            rng = np.random.default_rng((self.seed, _START_STREAM, state.update))
            key = int(rng.integers(2**62))
            state.chains[:] = independent_chains(state.fields, len(state.chains), key)

    def _hidden_of_both(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Hidden means of the batch, and of the chains after their sweeps."""
        state, n_sweeps = self.state, self.schedule.n_sweeps
        n_hidden = state.weights.shape[1]
        theta = (-state.hidden_fields).astype(np.float32)
        data_hidden = np.empty((rows.size, n_hidden), np.float32)
        chain_hidden = np.empty((len(state.chains), n_hidden), np.float32)
        sweeps = gibbs_pieces(
            state.weights,
            state.fields,
            Bernoulli(-state.hidden_fields),
            state.chains,
            chain_hidden,
            n_sweeps,
            state.update * n_sweeps,
            self.seed,
        )
        calls = [
            partial(_sweep_to_means, call, chain_hidden[a:b], theta) for (a, b), call in sweeps
        ]
        calls += [
            partial(_rows_to_means, state.weights, self.data, rows[a:b], data_hidden[a:b], theta)
            for a, b in pieces(rows.size, _ROWS_PER_CALL)
        ]
        self.team.run(calls)
        return data_hidden, chain_hidden

    def _shares(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        if self.bin_weights is None:
            return np.full(rows.size, 1 / rows.size, np.float32)
        weights = self.bin_weights[rows]
        return weights / max(weights.sum(), np.finfo(np.float32).tiny)

    def _step(self, rate: float) -> NDArray[np.float32]:
        schedule, made = self.schedule, self.state.update + 1
        l1, l2 = schedule.penalties_at(self.state.update)
        return np.array(
            [
                schedule.momentum,
                _SECOND_DECAY,
                rate / (1 - schedule.momentum**made),
                _EPSILON,
                1 / (1 - _SECOND_DECAY**made),
                l1,
                l2,
            ],
            np.float32,
        )

    def _step_weights(
        self,
        rows: NDArray[np.int64],
        data_values: NDArray[np.float32],
        chain_values: NDArray[np.float32],
        gap: NDArray[np.float32],
        offset: NDArray[np.float32],
        step: NDArray[np.float32],
    ) -> None:
        state = self.state
        self.team.run(
            partial(
                _BLOCKS[self.schedule.optimizer],
                *self._blocks[k],
                state.weights,
                state.weight_first,
                state.weight_second,
                self.data,
                rows,
                data_values,
                state.chains,
                chain_values,
                self.mean_activity,
                gap,
                offset,
                step,
                self._chain_activity,
                self._field_shift,
                self._input_shift[k],
            )
            for k in range(len(self._blocks))
        )

    def _step_fields(self, gap: NDArray[np.float64], rate: float) -> None:
        """Step both layers' fields, and shift them so that the mean inputs stay."""
        state = self.state
        varies = (self.mean_activity > 0) & (self.mean_activity < 1)
        visible_gap = (self.mean_activity - self._chain_activity) * varies
        state.fields += self._moved(visible_gap, state.field_first, state.field_second, rate)
        state.fields += self._field_shift
        state.hidden_fields += self._moved(gap, state.hidden_first, state.hidden_second, rate)
        state.hidden_fields -= self._input_shift.sum(axis=0)

    def _moved(self, gradient: NDArray, first: NDArray, second: NDArray, rate: float) -> NDArray:
        schedule, made = self.schedule, self.state.update + 1
        decay = schedule.momentum
        first += (1 - decay) * (gradient - first)
        second += (1 - _SECOND_DECAY) * (gradient**2 - second)
        ascent = first * (rate / (1 - decay**made))
        if schedule.optimizer == "sgd":
            return ascent
        return ascent / (_EPSILON + np.sqrt(second / (1 - _SECOND_DECAY**made)))


def _sweep_to_means(call: partial, inputs: NDArray[np.float32], theta: NDArray[np.float32]) -> None:
    call()
    hidden_means(inputs, theta)


def _rows_to_means(
    weights: NDArray[np.float32],
    states: NDArray[np.uint8],
    rows: NDArray[np.int64],
    means: NDArray[np.float32],
    theta: NDArray[np.float32],
) -> None:
    add_active_rows(weights, states, rows, means)
    hidden_means(means, theta)
