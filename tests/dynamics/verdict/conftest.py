"""Planted networks from a loop of their own."""

import numpy as np
import pytest

from popcode import Recording


def planted(n, asymmetry, radius, n_bins, seed, gain=0.7):
    """Spike counts of a rectified Euler loop in steps of a tenth of the time constant, 1 a bin."""
    rng = np.random.default_rng(seed)
    entries = rng.standard_normal((n, n))
    upper = np.triu(entries, 1)
    matrix = upper + (1 - asymmetry) * upper.T + asymmetry * np.tril(entries, -1)
    matrix *= radius / np.linalg.eigvals(matrix).real.max()
    step = 0.9 * np.eye(n) + 0.1 * matrix
    state, bins = rng.standard_normal(n), np.zeros((n_bins, n))
    for b in range(-200, n_bins):
        total = np.zeros(n)
        for _ in range(10):
            state = step @ state + 0.1 * rng.standard_normal(n)
            total += state
        if b >= 0:
            bins[b] = total
    z = (bins - bins.mean(axis=0)) / bins.std(axis=0)
    counts = rng.poisson(gain * np.maximum(z, 0))
    return Recording(np.minimum(counts, 255).astype(np.uint8), kind="counts", bin_s=0.05)


@pytest.fixture(scope="session")
def symmetric_recording():
    """80 neurons, radius 0.97."""
    return planted(80, 0.0, 0.97, 6000, 1)


@pytest.fixture(scope="session")
def independent_recording():
    """80 neurons that share nothing, each slow in its own way."""
    rng = np.random.default_rng(5)
    kept = rng.uniform(0.3, 0.95, 80)
    state, courses = rng.standard_normal(80), np.zeros((6000, 80))
    for b in range(6000):
        state = kept * state + np.sqrt(1 - kept**2) * rng.standard_normal(80)
        courses[b] = state
    counts = rng.poisson(0.7 * np.maximum(courses, 0))
    return Recording(np.minimum(counts, 255).astype(np.uint8), kind="counts", bin_s=0.05)
