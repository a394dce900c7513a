"""What the training needs of the machine that computes it, and the choice of one."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.cpu import CpuBackend, HiddenStatistics, StepSizes
from popcode.rbm.settings import resolve_device
from popcode.rbm.state import TrainingState
from popcode.threads import Team


class Backend(Protocol):
    """Sweeps, statistics and steps of one fit.

    A backend may keep the weights, their running squares and the chains elsewhere than in
    `state`; between `pull` and the next call of `sweep` or `step` the state has them. All else
    that the state holds is read from it at every call and never written.

    Attributes
    ----------
    state : TrainingState
    mean_activity : ndarray of float32, (n_neurons,)
        Of the training bins.
    seed : int
        With the number of a call's first sweep it determines the call's random numbers.
    """

    state: TrainingState
    mean_activity: NDArray[np.float32]
    seed: int

    def sweep(self, n_sweeps: int, first_sweep: int) -> None:
        """Advance the persistent chains by `n_sweeps` sweeps, numbered from `first_sweep`."""

    def statistics(self, rows: NDArray[np.int64]) -> tuple[HiddenStatistics, HiddenStatistics]:
        """Hidden statistics over the bins `rows` of the recording, and over the chains."""

    def step(
        self,
        rows: NDArray[np.int64],
        data_values: NDArray[np.float32],
        chain_values: NDArray[np.float32],
        theta_gradient: NDArray[np.float32],
        sizes: StepSizes,
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Update the weights and their squares.

        Parameters
        ----------
        rows : ndarray of int64, (batch_size,)
            Bins of the batch.
        data_values : ndarray of float32, (batch_size, n_hidden)
            What every spike of the batch adds to its neuron's gradient.
        chain_values : ndarray of float32, (n_chains, n_hidden)
            Likewise for the chains.
        theta_gradient : ndarray of float32, (n_hidden,)
            Reaches the weights because thresholds follow the mean input.
        sizes : StepSizes

        Returns
        -------
        chain_activity : ndarray of float32, (n_neurons,)
            Mean activity of the chains.
        mean_input : ndarray of float64, (n_hidden,)
            <v>_data W of the new weights.
        """

    def pull(self) -> None:
        """Bring `state` up to date, before it is looked at or saved."""

    def push(self) -> None:
        """Take over the weights, squares and chains of `state` after it was changed."""


def make_backend(
    device: str,
    data: NDArray[np.uint8],
    mean_activity: NDArray[np.float32],
    state: TrainingState,
    seed: int,
    team: Team,
) -> Backend:
    """The backend of a device.

    Parameters
    ----------
    device : str
        "auto", "cpu", "cuda" or "cuda:k".
    data : ndarray of uint8, (n_bins, n_neurons)
    mean_activity : ndarray of float32, (n_neurons,)
        Of the training bins.
    state : TrainingState
        Changed in place.
    seed : int
    team : Team
        Entered by the caller; used on the CPU only.

    Raises
    ------
    InputError
        For a device that is unknown or not there, and for a GPU with too little free memory.
    """
    name = resolve_device(device)
    if name == "cpu":
        return CpuBackend(data, mean_activity, state, seed, team)
    from popcode.rbm.torch_backend import TorchBackend  # noqa: PLC0415  (two seconds of torch)

    return TorchBackend(data, mean_activity, state, seed, name)
