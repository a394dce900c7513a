"""One step of the fit against the same step in numpy."""

import numpy as np

from popcode.baselines.kernels.matching import list_active, step_couplings

N_CHAINS, N_NEURONS = 90, 41


def census(states):
    n_chains, n_neurons = states.shape
    positions = np.empty(n_chains * n_neurons + 1, np.int32)
    offsets = np.empty(n_chains + 1, np.int64)
    activity, histogram = np.empty(n_neurons, np.float32), np.empty(n_neurons + 1)
    list_active(states, positions, offsets, activity, histogram)
    return positions, offsets, activity, histogram


def chains(seed=0):
    return (np.random.default_rng(seed).random((N_CHAINS, N_NEURONS)) < 0.2).astype(np.uint8)


def test_the_census_of_the_chains():
    states = chains()
    states[3] = 0
    states[4] = 1
    positions, offsets, activity, histogram = census(states)
    for c in range(N_CHAINS):
        found = positions[offsets[c] : offsets[c + 1]]
        np.testing.assert_array_equal(found, np.flatnonzero(states[c]))
    np.testing.assert_allclose(activity, states.mean(axis=0), rtol=1e-6)  # float32
    expected = np.bincount(states.sum(axis=1), minlength=N_NEURONS + 1) / N_CHAINS
    np.testing.assert_allclose(histogram, expected)


def test_a_step_is_the_centred_gradient_times_the_gain():
    rng = np.random.default_rng(1)
    states, shape = chains(), (N_NEURONS, N_NEURONS)
    means = rng.uniform(0.1, 0.4, N_NEURONS).astype(np.float32)

    def symmetric():
        a = rng.normal(size=shape).astype(np.float32)
        return a + a.T

    covariance, gain, couplings, averaged = (symmetric() for _ in range(4))
    ridge, rate, share = np.float32(0.03), np.float32(0.2), np.float32(0.25)
    centred = states - means.astype(np.float64)
    gradient = covariance - centred.T @ centred / N_CHAINS - ridge * couplings
    expected = couplings + rate * gain * gradient
    before, mean_before = couplings.copy(), averaged.copy()
    positions, offsets, activity, _ = census(states)
    shift = np.empty(N_NEURONS, np.float32)
    for start, stop in ((0, 32), (32, N_NEURONS)):
        step_couplings(
            start, stop, positions, offsets, activity, means, covariance, gain, ridge, rate,
            share, couplings, averaged, shift,
        )  # fmt: skip
    # Sums of ten float32 numbers of size 1.
    np.testing.assert_allclose(couplings, expected, atol=3e-6)
    np.testing.assert_allclose(averaged, mean_before + share * (expected - mean_before), atol=3e-6)
    np.testing.assert_allclose(shift, -((expected - before) @ means), atol=2e-5)
    np.testing.assert_array_equal(couplings, couplings.T)
