"""Signatures of networks against the stepped theory and each other."""

import numpy as np
import pytest

from popcode.dynamics.network import LinearNetwork
from popcode.dynamics.verdict.networks import (
    mode_covariance,
    signatures,
    stationary,
    symmetric_modes,
    symmetric_signature,
)
from popcode.dynamics.verdict.signature import LAGS, Lagged, signature_of

HALVES = (np.arange(30), np.arange(30, 60))


@pytest.mark.parametrize("asymmetry", [0.0, 0.4, 1.0])
def test_doubling_gives_what_short_steps_give(asymmetry):
    settings = {"n_neurons": 60, "asymmetry": asymmetry, "radius": 0.95}
    network = LinearNetwork(tau_s=0.05, dt_s=0.0005, **settings)
    exact = signatures(stationary(network.connectivity.to_array().astype(float)), 3, [HALVES])[0]
    same = network.covariance(0.05)  # a bin of one time constant: 3 doublings of an eighth
    scale = 1 / np.sqrt(np.diag(same))

    def scaled(covariance):
        return covariance * scale[:, None] * scale

    first, second = HALVES
    lagged = [scaled(network.lagged_covariance(lag, 0.05)) for lag in LAGS]
    stepped = signature_of(
        scaled(same)[np.ix_(first, second)],
        [Lagged(each[np.ix_(second, first)].T, each[np.ix_(first, second)]) for each in lagged],
    )
    # A step is a hundredth of the time constant, and its error of that order.
    np.testing.assert_allclose(exact.flat(), stepped.flat(), atol=0.01)


def test_modes_of_a_matrix_give_what_the_matrix_gives():
    modes = symmetric_modes(60, 60, 3)
    matrix = (modes.vectors * modes.leading * 0.95) @ modes.vectors.T
    halves = (np.arange(30), np.arange(30, 60))
    exact = signatures(stationary(matrix), 4, [halves])[0].flat()
    found = symmetric_signature(modes, 0.95, 2.0).flat()
    np.testing.assert_allclose(found, exact, atol=1e-4)  # the doubling ends at 1e-7 of the largest


def test_mode_covariance_is_the_integral_over_bins():
    rate, width = 0.3, 0.7
    fine = (np.arange(2000) + 0.5) * width / 2000
    for lag in (0, 2):
        later = lag * width + fine
        gaps = np.abs(later[:, None] - fine)
        numeric = np.exp(-rate * gaps).mean() / (2 * rate)
        assert mode_covariance([1 - rate], width, lag)[0] == pytest.approx(numeric, rel=1e-5)


def test_a_symmetric_network_is_reversible_and_another_is_not():
    found = [
        signatures(
            stationary(
                LinearNetwork(n_neurons=60, asymmetry=s, radius=0.95)
                .connectivity.to_array()
                .astype(float)
            ),
            3,
            [HALVES],
        )[0].irreversibility
        for s in (0.0, 0.5)
    ]
    assert found[0].max() < 1e-8  # float32 entries
    assert (found[1] > 1e-3).all()
