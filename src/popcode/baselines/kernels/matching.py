"""One step towards the data's moments, block by block of neurons.

The chains' pair counts are built from the neurons that are active together, a few in a hundred,
and used while they are in cache.
"""

import numpy as np
from numba import njit

_ZERO = np.float32(0)


@njit(nogil=True, cache=True, error_model="numpy")
def list_active(states, positions, offsets, activity, histogram):
    """List the active neurons of every chain.

    Parameters
    ----------
    states : ndarray of uint8, (n_chains, n_neurons)
    positions : ndarray of int32, (n_chains * n_neurons + 1,)
        Overwritten: the active neurons of chain c are positions[offsets[c] : offsets[c + 1]].
    offsets : ndarray of int64, (n_chains + 1,)
        Overwritten.
    activity : ndarray of float32, (n_neurons,)
        Overwritten with the share of chains each neuron is active in.
    histogram : ndarray of float64, (n_neurons + 1,)
        Overwritten with the share of chains with each number of active neurons.
    """
    n_chains, n_neurons = states.shape
    activity[:] = _ZERO
    histogram[:] = 0
    n_active = 0
    offsets[0] = 0
    for c in range(n_chains):
        for i in range(n_neurons):
            # Without a branch: which neurons are active cannot be predicted.
            positions[n_active] = i
            n_active += states[c, i] != np.uint8(0)
        offsets[c + 1] = n_active
        histogram[n_active - offsets[c]] += 1
    for k in range(n_active):
        activity[positions[k]] += np.float32(1)
    activity /= np.float32(n_chains)
    histogram /= n_chains


@njit(error_model="numpy")
def _count_pairs(start, stop, positions, offsets, counts):
    """Chains in which neuron start + row is active together with each other neuron."""
    counts[:] = _ZERO
    for c in range(offsets.size - 1):
        active = positions[offsets[c] : offsets[c + 1]]
        for a in range(active.size):
            if start <= active[a] < stop:
                target = counts[active[a] - start]
                for b in range(active.size):
                    target[active[b]] += np.float32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def step_couplings(
    start, stop, positions, offsets, chain_activity, mean_activity, covariance, gain, ridge,
    rate, share, couplings, averaged, field_shift,
):  # fmt: skip
    """Move the couplings of neurons start ... stop - 1 up the centred gradient, in place.

    Parameters
    ----------
    start, stop : int
    positions, offsets, chain_activity
        From `list_active`.
    mean_activity : ndarray of float32, (n_neurons,)
        Of the data.
    covariance : ndarray of float32, (n_neurons, n_neurons)
        Of the data.
    gain : ndarray of float32, (n_neurons, n_neurons)
        Inverse curvature of the log-likelihood in each coupling; 0 keeps it where it is.
    ridge, rate, share : float32
        Precision of the prior, a bin; of the step, the part taken; the weight of the new iterate
        in the average.
    couplings, averaged : ndarray of float32, (n_neurons, n_neurons)
        Updated in the block's rows.
    field_shift : ndarray of float32, (n_neurons,)
        Overwritten in the block: what keeps the drive at the data's mean activity.
    """
    n_neurons = couplings.shape[0]
    counts = np.empty((stop - start, n_neurons), np.float32)
    _count_pairs(start, stop, positions, offsets, counts)
    weight = np.float32(1) / np.float32(offsets.size - 1)
    for i in range(start, stop):
        shift = _ZERO
        for j in range(n_neurons):
            # <(v_i - mu_i)(v_j - mu_j)> of the chains, mu the data's means; symmetric to the bit.
            crossed = chain_activity[i] * mean_activity[j] + mean_activity[i] * chain_activity[j]
            product = mean_activity[i] * mean_activity[j]
            chain_covariance = weight * counts[i - start, j] - crossed + product
            gradient = covariance[i, j] - chain_covariance - ridge * couplings[i, j]
            change = rate * gain[i, j] * gradient
            couplings[i, j] += change
            averaged[i, j] += share * (couplings[i, j] - averaged[i, j])
            shift += change * mean_activity[j]
        field_shift[i] = -shift
