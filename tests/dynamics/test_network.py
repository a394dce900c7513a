"""One seed is one network, whatever is asked of it; settings that no network has are refused."""

import math

import numpy as np
import pytest

from popcode.dynamics import LinearNetwork
from popcode.dynamics.connectivity.structures import Clustered, Local, Sparse
from popcode.dynamics.presets import published_network
from popcode.errors import InputError


def covariance_of(recording):
    activity = recording.activity.astype(float)
    return activity.T @ activity / len(activity)


def logs_of_spectra(recording, n_values):
    """Mean and jackknife error over runs of the logarithm of the leading eigenvalues."""
    runs = recording.activity.astype(float).reshape(recording.n_segments, -1, recording.n_neurons)
    each = np.einsum("rbi,rbj->rij", runs, runs) / runs.shape[1]
    n = len(each)
    left_out = [(each.sum(axis=0) - one) / (n - 1) for one in each]
    logs = np.log([np.linalg.eigvalsh(c)[::-1][:n_values] for c in left_out])
    whole = np.log(np.linalg.eigvalsh(each.mean(axis=0))[::-1][:n_values])
    bias_free = n * whole - (n - 1) * logs.mean(axis=0)
    return bias_free, np.sqrt((n - 1) * logs.var(axis=0))


@pytest.mark.parametrize("asymmetry", [0.0, 1.0])
def test_theory_sampler_and_steps_agree(asymmetry):
    network = LinearNetwork(n_neurons=40, asymmetry=asymmetry, radius=0.95, dt_s=0.01, seed=2)
    run = {"bin_s": 0.04, "burn_in_s": 0.5}
    covariance = network.covariance(n_bins=100, **run)
    expected = np.log(np.linalg.eigvalsh(covariance)[::-1][:10])
    for recording in (network.sample(100, 100, **run), network.simulate(100, 100, **run)):
        found, error = logs_of_spectra(recording, 10)
        assert (np.abs(found - expected) < 4.5 * error).all()
        assert (error < 0.1).all()
        total = np.trace(covariance_of(recording)) / np.trace(covariance)
        assert total == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("asymmetry", [0.0, 0.5])
def test_spectrum_is_that_of_the_covariance(asymmetry):
    network = LinearNetwork(n_neurons=30, asymmetry=asymmetry, radius=0.9, seed=1)
    spectrum = network.spectrum(n_bins=50)
    values = np.linalg.eigvalsh(network.covariance(n_bins=50))[::-1]
    np.testing.assert_allclose(spectrum, values / values.mean(), rtol=1e-8)
    assert spectrum.mean() == pytest.approx(1)
    np.testing.assert_allclose(network.spectrum(n_bins=50, n_values=5), spectrum[:5], rtol=0.02)


def test_leading_values_of_a_large_network_are_those_of_all():
    network = LinearNetwork(n_neurons=600, seed=1)
    every = network.spectrum()
    few = network.spectrum(n_values=30)
    # Lanczos is within 1e-6 of the edge, which stays 1e-3 away from 1; the mean comes from the
    # semicircle.
    np.testing.assert_allclose(few, every[:30], rtol=0.02)
    np.testing.assert_allclose(few / few[0], every[:30] / every[0], rtol=2e-3)


def test_ensemble_and_matrices_have_one_law():
    n, n_draws = 300, 24
    drawn, exact = (
        np.log(
            [
                LinearNetwork(n_neurons=n, law="gaussian", seed=seed).spectrum(method=how)[:20]
                for seed in range(n_draws)
            ]
        )
        for how in ("ensemble", "exact")
    )
    error = np.sqrt((drawn.var(axis=0) + exact.var(axis=0)) / n_draws)
    assert (np.abs(drawn.mean(axis=0) - exact.mean(axis=0)) < 4 * error).all()


@pytest.mark.parametrize("structure", ["dense", Sparse(0.2), Clustered(4, 0.5, 0.1), Local()])
@pytest.mark.parametrize("asymmetry", [0.0, 1.0])
def test_one_seed_is_one_critical_network(structure, asymmetry):
    settings = {"n_neurons": 60, "structure": structure, "asymmetry": asymmetry, "radius": 0.97}
    network, same = (LinearNetwork(**settings, seed=4) for _ in range(2))
    matrix = network.connectivity.to_array()
    np.testing.assert_array_equal(matrix, same.connectivity.to_array())
    assert network.eigenvalues.real.max() == pytest.approx(0.97, abs=1e-5)  # single precision
    assert (np.diag(matrix) == 0).all()
    assert np.array_equal(matrix, matrix.T) == (asymmetry == 0)
    other = LinearNetwork(**settings, seed=5).connectivity.to_array()
    assert not np.array_equal(matrix, other)


def test_dynamics_are_those_of_the_modes():
    network = LinearNetwork(n_neurons=30, radius=0.9, seed=1)
    lagged = network.lagged_covariance(3) @ np.linalg.inv(network.covariance())
    found = network.dmd_eigenvalues(lag=3)
    np.testing.assert_allclose(np.sort(np.linalg.eigvals(lagged).real)[::-1], found, rtol=1e-6)
    assert network.timescales()[0] == pytest.approx(0.05 / 0.1, rel=1e-4)
    turning = LinearNetwork(n_neurons=30, radius=0.9, asymmetry=1.0, seed=1)
    lagged = turning.lagged_covariance(3) @ np.linalg.inv(turning.covariance())
    values = turning.dmd_eigenvalues(lag=3)
    assert np.abs(values.imag).max() > 0.01
    moduli = np.sort(np.abs(np.linalg.eigvals(lagged)))[::-1]
    np.testing.assert_allclose(np.abs(values), moduli, rtol=1e-6)


def test_recordings_say_what_they_are():
    network = LinearNetwork(n_neurons=20, structure=Local(extent_um=1000.0), radius=0.9, seed=3)
    recording = network.sample(8, 5, 0.02)
    assert recording.shape == (40, 20)
    assert recording.segment_starts.tolist() == [0, 8, 16, 24, 32]
    assert recording.bin_s == 0.02
    places = recording.positions_um[:, :2]
    assert (places >= 0).all() and (places <= 1000).all()
    assert recording.provenance[0]["step"] == "sample linear network"
    assert recording.provenance[0]["seed"] == 3


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"n_neurons": 1}, "n_neurons"),
        ({"radius": 1.0}, "radius"),
        ({"radius": float("nan")}, "radius"),
        ({"asymmetry": 1.5}, "asymmetry"),
        ({"law": "cauchy"}, "law"),
        ({"structure": "ring"}, "structure"),
        ({"structure": Sparse(1.2)}, "probability"),
        ({"structure": Clustered(n_clusters=0)}, "n_clusters"),
        ({"tau_s": 0.0}, "tau_s"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_networks_are_refused(settings, named):
    with pytest.raises(InputError, match=named):
        LinearNetwork(**({"n_neurons": 20} | settings)).spectrum()


def test_impossible_questions_are_refused():
    network = LinearNetwork(n_neurons=20, radius=0.9)
    for ask, named in (
        (lambda: network.spectrum(method="guess"), "method"),
        (lambda: network.spectrum(n_values=21), "n_values"),
        (lambda: network.sample(10, 0), "runs"),
        (lambda: network.sample(math.inf, 2), "bins"),
        (lambda: network.sample(10**9, 10**6), "memory"),
        (lambda: network.simulate(10, 2, burn_in_s=math.inf), "burn_in_s"),
        (lambda: LinearNetwork(n_neurons=20, asymmetry=1).spectrum(method="ensemble"), "ensemble"),
        (
            lambda: LinearNetwork(n_neurons=20, structure="local").spectrum(method="ensemble"),
            "ensemble",
        ),
        (lambda: LinearNetwork(n_neurons=20, asymmetry=1).modes, "modes"),
    ):
        with pytest.raises(InputError, match=named):
            ask()


def test_published_settings_have_names():
    preprint, nature = (published_network(name, seed=1) for name in ("preprint", "nature"))
    assert preprint == LinearNetwork(seed=1)
    assert (nature.radius, nature.tau_s) == (0.998, 0.02)
    with pytest.raises(InputError, match="preset"):
        published_network("science")
