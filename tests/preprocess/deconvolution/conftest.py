"""Traces made of known spikes, without any code of the package."""

from typing import NamedTuple

import numpy as np
import pytest


class Planted(NamedTuple):
    """Traces and counts, each (n_bins, n_neurons)."""

    traces: np.ndarray
    counts: np.ndarray


def kernel_values(rise_s, decay_s, bin_s, n):
    """K(bin_s), K(2 bin_s), ... with peak 1 in continuous time, from the formula."""
    times = bin_s * np.arange(1, n + 1)
    top = np.log(decay_s / rise_s) * decay_s * rise_s / (decay_s - rise_s)
    peak = np.exp(-top / decay_s) - np.exp(-top / rise_s)
    return (np.exp(-times / decay_s) - np.exp(-times / rise_s)) / peak


@pytest.fixture(scope="session")
def plant():
    """Poisson spikes, explicit convolution, Gaussian noise."""

    def make(n_bins, n_neurons, *, rise_s, decay_s, bin_s, rate, noise, seed=0):
        rng = np.random.default_rng(seed)
        counts = rng.poisson(rate, (n_bins, n_neurons))
        kernel = kernel_values(rise_s, decay_s, bin_s, n_bins)
        calcium = [np.convolve(column, kernel)[:n_bins] for column in counts.T.astype(float)]
        clean = np.array(calcium).T
        return Planted(clean + noise * rng.standard_normal(clean.shape), counts)

    return make
