"""The CPU backend: fixed pieces of compiled work shared among threads."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.kernels import binary, statistics, sweeps
from popcode.rbm.kernels.hidden import constants_of
from popcode.rbm.kernels.layout import layout_of
from popcode.rbm.kernels.statistics import N_SUMS
from popcode.rbm.kernels.update import update_block
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, Potential, ReLU
from popcode.rbm.state import TrainingState
from popcode.threads import Team, pieces

_SWEEPS = {
    DReLU: sweeps.sweep_drelu,
    ReLU: sweeps.sweep_relu,
    Gaussian: sweeps.sweep_gaussian,
}
_STATISTICS = {
    DReLU: statistics.statistics_drelu,
    ReLU: statistics.statistics_relu,
    Gaussian: statistics.statistics_gaussian,
    Bernoulli: statistics.statistics_bernoulli,
}
# Hidden units, and rows of a batch, that one call works on.
_UNITS_PER_CALL = 32
_ROWS_PER_CALL = 50
# Enough for a large tile in each of eight threads.
_MANY_CHAINS = 8 * binary.CHAINS_PER_LARGE_TILE


class HiddenStatistics(NamedTuple):
    """What one batch or one set of chains says of the hidden units.

    sums : ndarray of float64, (n_hidden, N_SUMS)
    mean_hidden : ndarray of float64, (n_rows, n_hidden)
        E[h | v] of every row.
    input_slope : ndarray of float64, (n_rows, n_hidden)
        n_rows times the slope of Var(h) in every row's input.
    """

    sums: NDArray[np.float64]
    mean_hidden: NDArray[np.float64]
    input_slope: NDArray[np.float64]


class StepSizes(NamedTuple):
    """RMSprop and the penalty at one update, as the kernel takes them."""

    decay: np.float32
    rate: np.float32
    epsilon: np.float32
    correction: np.float32
    l1: np.float32


def inputs_of(
    team: Team, weights: NDArray[np.float32], states: NDArray[np.uint8], rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Inputs of the hidden layer for the given rows of binary states, (n_rows, n_hidden)."""
    inputs = np.empty((rows.size, weights.shape[1]), np.float32)
    team.run(
        partial(sweeps.add_active_rows, weights, states, rows[a:b], inputs[a:b])
        for a, b in pieces(rows.size, _ROWS_PER_CALL)
    )
    return inputs


def gibbs_sweeps(
    team: Team,
    weights: NDArray[np.float32],
    fields: NDArray[np.float32],
    hidden: Potential,
    chains: NDArray[np.uint8],
    n_sweeps: int,
    first_sweep: int,
    seed: int,
) -> NDArray[np.float32]:
    """Advance chains (n_chains, n_neurons) in place by `n_sweeps` sweeps h | v, v | h.

    The draws depend on (seed, sweep, chain) alone, and in the last tile of chains on how many
    share it: sweeping twice by 5 from sweep 0 and from sweep 5 gives the bits of sweeping by 10.
    Returns the inputs of the hidden layer at the last
    states, (n_chains, n_hidden).
    """
    inputs = np.empty((len(chains), weights.shape[1]), np.float32)
    found = gibbs_pieces(weights, fields, hidden, chains, inputs, n_sweeps, first_sweep, seed)
    team.run(call for _, call in found)
    return inputs


def gibbs_pieces(
    weights: NDArray[np.float32],
    fields: NDArray[np.float32],
    hidden: Potential,
    chains: NDArray[np.uint8],
    inputs: NDArray[np.float32],
    n_sweeps: int,
    first_sweep: int,
    seed: int,
) -> Iterator[tuple[tuple[int, int], partial]]:
    """The work of `gibbs_sweeps` in pieces: the chains (start, stop) of each, and its call.

    `inputs` (n_chains, n_hidden) is overwritten with those of the last states.
    """
    model, sweep_tile = _model_and_sweep(weights, fields, hidden)
    size = sweeps.CHAINS_PER_TILE
    if isinstance(hidden, Bernoulli) and len(chains) >= _MANY_CHAINS:
        size = binary.CHAINS_PER_LARGE_TILE
    for a, b in pieces(len(chains), size):
        yield (
            (a, b),
            partial(
                sweep_tile,
                *model,
                chains[a:b],
                inputs[a:b],
                n_sweeps,
                first_sweep,
                a // size,
                np.uint64(seed),
            ),
        )


def _model_and_sweep(
    weights: NDArray[np.float32], fields: NDArray[np.float32], hidden: Potential
) -> tuple[tuple[NDArray[np.float32], ...], Callable]:
    """The model as the kernel that sweeps its chains reads it, and that kernel."""
    constants = constants_of(hidden)
    if isinstance(hidden, Bernoulli):
        return (*layout_of(weights, fields), constants[:, 0].copy()), binary.sweep_bernoulli
    return (weights, fields, constants), _SWEEPS[type(hidden)]


def hidden_statistics(
    team: Team, hidden: Potential, *inputs: NDArray[np.float32]
) -> list[HiddenStatistics]:
    """Statistics of the hidden units for each of the inputs (n_rows, n_hidden)."""
    constants = constants_of(hidden).astype(np.float64)
    found = [_empty_statistics(*each.shape) for each in inputs]
    team.run(
        partial(_STATISTICS[type(hidden)], each, constants, a, b, *out)
        for each, out in zip(inputs, found, strict=True)
        for a, b in pieces(each.shape[1], _UNITS_PER_CALL)
    )
    return found


def _empty_statistics(n_rows: int, n_hidden: int) -> HiddenStatistics:
    shape = (n_rows, n_hidden)
    return HiddenStatistics(np.empty((n_hidden, N_SUMS)), np.empty(shape), np.empty(shape))


class CpuBackend:
    """Sweeps, statistics and steps of one fit on the processor, in place on its state.

    Parameters
    ----------
    data : ndarray of uint8, (n_bins, n_neurons)
        The recording; any non-zero entry counts as active. Never copied.
    mean_activity : ndarray of float32, (n_neurons,)
        Of the training bins.
    state : TrainingState
    seed : int
    team : Team
        Entered by the caller.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        mean_activity: NDArray[np.float32],
        state: TrainingState,
        seed: int,
        team: Team,
    ) -> None:
        self.data, self.mean_activity, self.state = data, mean_activity, state
        self.seed, self.team = seed, team
        n_neurons, n_hidden = state.weights.shape
        self._blocks = list(pieces(n_neurons, sweeps.NEURONS_PER_BLOCK))
        self._chain_activity = np.empty(n_neurons, np.float32)
        # The sweeps leave them behind; they hold until the next step.
        self._chain_inputs: NDArray[np.float32] | None = None
        self._mean_input = np.empty((len(self._blocks), n_hidden))

    def pull(self) -> None:
        """Nothing to do: the state is worked on in place."""

    def push(self) -> None:
        """Forget what was derived from the state before it was changed."""
        self._chain_inputs = None

    def sweep(self, n_sweeps: int, first_sweep: int) -> None:
        """Advance the persistent chains."""
        state = self.state
        self._chain_inputs = gibbs_sweeps(
            self.team,
            state.weights,
            state.fields,
            state.hidden,
            state.chains,
            n_sweeps,
            first_sweep,
            self.seed,
        )

    def statistics(self, rows: NDArray[np.int64]) -> tuple[HiddenStatistics, HiddenStatistics]:
        """Hidden statistics over the batch `rows` of the data, and over the chains."""
        state = self.state
        chain_inputs = self._chain_inputs
        if chain_inputs is None:
            every = np.arange(len(state.chains))
            chain_inputs = inputs_of(self.team, state.weights, state.chains, every)
        data_inputs = inputs_of(self.team, state.weights, self.data, rows)
        data, chains = hidden_statistics(self.team, state.hidden, data_inputs, chain_inputs)
        return data, chains

    def step(
        self,
        rows: NDArray[np.int64],
        data_values: NDArray[np.float32],
        chain_values: NDArray[np.float32],
        theta_gradient: NDArray[np.float32],
        sizes: StepSizes,
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Update the weights; returns the chains' mean activity and the new mean input."""
        state, blocks = self.state, self._blocks
        self.team.run(
            partial(
                update_block,
                *blocks[k],
                state.weights,
                state.weight_squares,
                state.weight_trend,
                self.data,
                rows,
                data_values,
                state.chains,
                chain_values,
                self.mean_activity,
                theta_gradient,
                *sizes,
                self._chain_activity,
                self._mean_input[k],
            )
            for k in range(len(blocks))
        )
        self._chain_inputs = None
        return self._chain_activity, self._mean_input.sum(axis=0)
