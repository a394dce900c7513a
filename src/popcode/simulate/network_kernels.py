"""Sequential Gibbs sampling of a sparse pairwise network, driven by its flips.

Written apart from the samplers of the package: a truth must not share the errors of what is
tested on it.
"""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def _sweep(rng, states, inputs, starts, neighbours, strengths):
    """Draw every neuron given all others, in order; a flip updates the inputs of its neighbours."""
    for i in range(states.size):
        fires = np.uint8(rng.random() * (1.0 + np.exp(-inputs[i])) < 1.0)
        if fires == states[i]:
            continue
        states[i] = fires
        sign = 1.0 if fires else -1.0
        for k in range(starts[i], starts[i + 1]):
            inputs[neighbours[k]] += sign * strengths[k]


@njit(nogil=True, cache=True, error_model="numpy")
def sample_stretch(
    rng, states, fields, starts, neighbours, strengths, n_burn_in, n_between, activity
):
    """Fill `activity` with states of one chain.

    Parameters
    ----------
    rng : numpy.random.Generator
    states : ndarray of uint8, (n_neurons,)
        Where the chain starts; left where it ends.
    fields : ndarray of float64, (n_neurons,)
        Log-odds to fire when all others are silent.
    starts, neighbours, strengths : ndarray
        Rows of the symmetric coupling matrix, as in a compressed sparse row matrix.
    n_burn_in, n_between : int
        Sweeps before the first state and between two states.
    activity : ndarray of uint8, (n_bins, n_neurons)
        Overwritten.
    """
    inputs = fields.copy()
    for i in range(states.size):
        if states[i]:
            for k in range(starts[i], starts[i + 1]):
                inputs[neighbours[k]] += strengths[k]
    for _ in range(n_burn_in):
        _sweep(rng, states, inputs, starts, neighbours, strengths)
    for t in range(activity.shape[0]):
        for _ in range(n_between):
            _sweep(rng, states, inputs, starts, neighbours, strengths)
        activity[t] = states
