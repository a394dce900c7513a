"""The mean of the last iterates: a better estimate than the last one, at no cost.

Units with two deep wells cross between them every few hundred sweeps, so that the share of chains
in each well is noisy for hundreds of updates, and the last iterate has followed that noise. The
mean over iterates has not: on 25 planted assemblies what was left of the gradient fell from .11 to
.05 of the data's covariance. Polyak and Juditsky, SIAM J. Control Optim. 30, 838 (1992).
"""

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.potentials import rebuilt
from popcode.rbm.state import TrainingState


def include_iterate(state: TrainingState) -> None:
    """Take the parameters as they stand into their running mean, in place."""
    state.n_averaged += 1
    share = 1 / state.n_averaged
    for mean, value in _pairs(state):
        np.add(mean, share * (value - mean), out=mean)


def adopt_average(state: TrainingState, mean_activity: NDArray[np.float32]) -> None:
    """Replace the parameters by their mean; a weight that ended at zero stays there.

    Parameters
    ----------
    state : TrainingState
        Changed in place; left as it is where no iterate was taken in.
    mean_activity : ndarray of float32, (n_neurons,)
        Of the training bins.
    """
    if state.n_averaged == 0:
        return
    rates = mean_activity.astype(np.float64)
    np.copyto(state.weights, state.averaged_weights, where=state.weights != 0)
    state.fields[:] = state.averaged_fields
    state.mean_input = rates @ state.weights
    hidden = rebuilt(state.hidden, map(np.copy, state.averaged_hidden))
    # Thresholds are held relative to the mean input, which the weights kept at zero have moved.
    moved = state.mean_input - rates @ state.averaged_weights
    state.hidden = hidden._replace(theta=hidden.theta + moved)


def _pairs(state: TrainingState) -> list[tuple[NDArray, NDArray]]:
    """Every mean beside the parameter it is the mean of."""
    return [
        (state.averaged_weights, state.weights),
        (state.averaged_fields, state.fields),
        *zip(state.averaged_hidden, state.hidden, strict=True),
    ]
