"""Start a fit from that of its neighbour, the same model under a smaller penalty."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from numpy.typing import NDArray

from popcode.rbm.checkpoint import read_checkpoint, write_checkpoint
from popcode.rbm.settings import Settings
from popcode.rbm.state import TrainingState, initial_state

# Of the updates of a fit from nothing: the units have their assemblies already.
WARM_SHARE = 0.5


def warm_updates(n_updates: int) -> int:
    """Updates of a fit that starts from its neighbour."""
    return max(1, round(WARM_SHARE * n_updates))


def warm_state(
    neighbour: TrainingState, settings: Settings, mean_activity: NDArray, n_bins: int
) -> TrainingState:
    """A state at update 0 with the parameters and the chains of a fitted neighbour.

    Parameters
    ----------
    neighbour : TrainingState
        Of as many neurons, hidden units and chains.
    settings : Settings
    mean_activity : ndarray, (n_neurons,)
        Of the training bins.
    n_bins : int
        Training bins.

    Returns
    -------
    TrainingState
    """
    fresh = initial_state(
        settings.hidden,
        settings.n_hidden,
        mean_activity,
        n_bins,
        settings.n_chains,
        settings.seed,
    )
    fresh.weights[:] = neighbour.weights
    fresh.fields[:] = neighbour.fields
    fresh.hidden = deepcopy(neighbour.hidden)
    fresh.mean_input = neighbour.mean_input.copy()
    fresh.chains[:] = neighbour.chains
    return fresh


def start_warm(
    checkpoint: Path,
    neighbour: Path,
    settings: Settings,
    mean_activity: NDArray,
    n_bins: int,
) -> None:
    """Write the checkpoint, at update 0, of a fit that starts from its neighbour.

    Parameters
    ----------
    checkpoint, neighbour : Path
        The one to write, and that of the neighbour's end.
    settings, mean_activity, n_bins
        As in :func:`warm_state`.

    Raises
    ------
    InputError
        The neighbour's checkpoint is not whole.
    """
    state, _, _ = read_checkpoint(neighbour)
    warm = warm_state(state, settings, mean_activity, n_bins)
    write_checkpoint(checkpoint, settings.hidden, warm, warm, [])
