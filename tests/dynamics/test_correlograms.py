"""Correlograms by Fourier transform against sums over pairs of bins."""

import numpy as np

from popcode.dynamics.correlograms import piece_correlograms


def test_sums_are_those_over_pairs_within_pieces():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 60, 3))
    edges, units, n_lags = np.array([0, 25, 29, 60]), np.array([0, 0, 1]), 7
    found = piece_correlograms(a, b, edges, units, n_lags)
    for unit in range(2):
        for lag in range(n_lags + 1):
            expected, n_pairs = np.zeros(3), 0
            for piece in np.flatnonzero(units == unit):
                for t in range(edges[piece], edges[piece + 1] - lag):
                    expected += (a[t] * b[t + lag] + a[t + lag] * b[t]) / 2
                    n_pairs += 1
            assert np.abs(found.sums[unit, lag] - expected).max() < 1e-12
            assert found.n_pairs[unit, lag] == n_pairs
