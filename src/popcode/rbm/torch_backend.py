"""The torch backend: one fit on a GPU (or, for its tests, on torch's CPU device)."""

import numpy as np
import torch
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.cpu import HiddenStatistics, StepSizes
from popcode.rbm.kernels.hidden import constants_of
from popcode.rbm.state import TrainingState
from popcode.rbm.torch_kernels import statistics
from popcode.rbm.torch_kernels.hidden import draw_hidden
from popcode.rbm.torch_kernels.recording import recording_for
from popcode.rbm.torch_kernels.weights import (
    NEURONS_PER_BLOCK,
    blocks,
    draw_visible,
    full_float32,
    inputs_of,
    step_weights,
)

_SWEEP_STREAM = 9
# Float32 temporaries that live at once while a block of neurons is swept or stepped.
_TEMPORARIES = 8
# Share of the free memory left to the allocator and to the libraries.
_SPARE = 0.1
_GB = 1e9


class TorchBackend:
    """Sweeps, statistics and steps of one fit on a torch device.

    The weights, their squares and the chains live on the device; `state` has them as of the last
    `pull`. Fields and hidden parameters are the state's own at all times: they are small, and the
    training steps them on the host.

    On one kind of device the same seed gives the same bits; they differ from another device's and
    from `CpuBackend`'s. The draws of a call of `sweep` are a function of (seed, first_sweep): the
    calls of a resumed fit draw what those of the uninterrupted one did, but twice 5 sweeps are not
    the bits of 10.

    Parameters
    ----------
    data : ndarray of uint8, (n_bins, n_neurons)
        The recording; any non-zero entry counts as active. Copied to the device if it fits beside
        the rest, else sent a batch at a time.
    mean_activity : ndarray of float32, (n_neurons,)
        Of the training bins.
    state : TrainingState
    seed : int
    device : str
        "cuda:k" or "cpu".

    Raises
    ------
    InputError
        If weights, optimiser and chains do not fit into the GPU's free memory.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        mean_activity: NDArray[np.float32],
        state: TrainingState,
        seed: int,
        device: str = "cuda:0",
    ) -> None:
        self.mean_activity, self.state, self.seed = mean_activity, state, seed
        self.device = torch.device(device)
        free = free_for_data(state, self.device)
        self._rates = torch.tensor(mean_activity, device=self.device)
        self._weights, self._squares, self._trend, self._chains = (
            torch.tensor(array, device=self.device)
            for array in (state.weights, state.weight_squares, state.weight_trend, state.chains)
        )
        self._recording = recording_for(data, self.device, free)

    def _pairs(self) -> tuple[tuple[torch.Tensor, torch.Tensor], ...]:
        """What lives on the device, each beside a view of the state's own array."""
        state = self.state
        return (
            (self._weights, torch.from_numpy(state.weights)),
            (self._squares, torch.from_numpy(state.weight_squares)),
            (self._trend, torch.from_numpy(state.weight_trend)),
            (self._chains, torch.from_numpy(state.chains)),
        )

    def push(self) -> None:
        """Take the weights, their squares and the chains from the state, as after a recovery."""
        for here, there in self._pairs():
            here.copy_(there)

    def pull(self) -> None:
        """Write the weights, their squares and the chains into the state's own arrays."""
        for here, there in self._pairs():
            there.copy_(here)

    def sweep(self, n_sweeps: int, first_sweep: int) -> None:
        """Advance the persistent chains by `n_sweeps` sweeps h | v, v | h."""
        generator = sweep_generator(self.seed, first_sweep, self.device)
        kind = type(self.state.hidden)
        constants = torch.tensor(constants_of(self.state.hidden), device=self.device)
        fields = torch.tensor(self.state.fields, device=self.device)
        with full_float32():
            inputs = inputs_of(self._weights, self._chains)
            for _ in range(n_sweeps):
                hidden = draw_hidden(kind, inputs, constants, generator)
                inputs = draw_visible(self._weights, fields, hidden, self._chains, generator)

    def statistics(self, rows: NDArray[np.int64]) -> tuple[HiddenStatistics, HiddenStatistics]:
        """Hidden statistics over the batch `rows` of the data, and over the chains."""
        return self._statistics(self._recording.rows(rows)), self._statistics(self._chains)

    def _statistics(self, states: torch.Tensor) -> HiddenStatistics:
        constants = torch.tensor(constants_of(self.state.hidden), device=self.device)
        with full_float32():
            inputs = inputs_of(self._weights, states)
        found = statistics.hidden_statistics(
            type(self.state.hidden), inputs.double(), constants.double()
        )
        return HiddenStatistics(*(each.cpu().numpy() for each in found))

    def step(
        self,
        rows: NDArray[np.int64],
        data_values: NDArray[np.float32],
        chain_values: NDArray[np.float32],
        theta_gradient: NDArray[np.float32],
        sizes: StepSizes,
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Update the weights; returns the chains' mean activity and the new mean input."""
        batch = self._recording.rows(rows)
        values, negative, theta = (
            torch.tensor(each, device=self.device)
            for each in (data_values, chain_values, theta_gradient)
        )
        activity = torch.empty_like(self._rates)
        mean_input = torch.zeros_like(theta, dtype=torch.float64)
        for block in blocks(len(self._weights)):
            weights, rates = self._weights[block], self._rates[block]
            chains = self._chains[:, block].float()
            activity[block] = chains.mean(dim=0)
            with full_float32():
                gradient = torch.outer(rates, theta)
                gradient.addmm_(batch[:, block].float().T, values).addmm_(chains.T, negative)
            kept = weights, self._squares[block], self._trend[block]
            step_weights(*kept, gradient, *map(float, sizes))
            mean_input += rates.double() @ weights.double()
        return activity.cpu().numpy(), mean_input.cpu().numpy()


def sweep_generator(seed: int, first_sweep: int, device: torch.device) -> torch.Generator:
    """A generator of its own for one call of `sweep`.

    A GPU's counter-based generator takes all 64 bits of the hash; torch's CPU generator keeps 32
    of them, so that there two of 10,000 calls share their draws in one fit of a hundred.
    """
    hashed = np.random.SeedSequence((seed, _SWEEP_STREAM, first_sweep))
    generator = torch.Generator(device)
    generator.manual_seed(int(hashed.generate_state(1, np.uint64)[0]))
    return generator


def bytes_beside_data(n_neurons: int, n_hidden: int, n_chains: int) -> int:
    """Device memory of a fit without its recording: weights, optimiser, chains, temporaries."""
    kept = 12 * n_neurons * n_hidden + n_chains * n_neurons + 12 * n_neurons
    widest = min(n_neurons, NEURONS_PER_BLOCK) * max(n_hidden, n_chains)
    return kept + _TEMPORARIES * 4 * widest


def free_for_data(state: TrainingState, device: torch.device) -> float:
    """Bytes of a device that the recording may take; 0 on the CPU, where it is already.

    Raises
    ------
    InputError
        If the rest of the fit does not fit.
    """
    if device.type == "cpu":
        return 0
    free = (1 - _SPARE) * torch.cuda.mem_get_info(device)[0]
    n_neurons, n_hidden = state.weights.shape
    needed = bytes_beside_data(n_neurons, n_hidden, len(state.chains))
    if needed > free:
        raise InputError(
            f"the fit needs {needed / _GB:.2f} GB of GPU memory, {free / _GB:.2f} GB are free",
            where=f"device={str(device)!r}",
            remedy="Use fewer hidden units or chains, another GPU or device='cpu'",
        )
    return free - needed
