"""Laws of spectra: what they are equal to, what changes nothing, what they must find."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from popcode.dynamics.power_law import fit_power_law
from popcode.dynamics.shifted import shifted_spectrum
from popcode.dynamics.spectra import spectrum
from popcode.dynamics.spectra.decompositions import Search
from popcode.dynamics.spectra.measure import divided_recording, spectrum_of
from popcode.errors import InputError, PopcodeWarning
from popcode.recording import Recording

METHODS = ["direct", "svca", "svca2", "cvpca"]


def z_scored(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def with_places(x, order=slice(None)):
    """Neurons in a plane, so that halves go with the neurons and not with their order."""
    places = np.random.default_rng(5).uniform(0, 600, (x.shape[1], 2))[order]
    return Recording(
        x[:, order].astype(np.float32), neurons={"x_um": places[:, 0], "y_um": places[:, 1]}
    )


@pytest.mark.parametrize("shape", [(500, 60), (60, 150)])
def test_direct_is_pca_of_z_scores(planted, shape):
    x = planted(*shape, 0.8)
    n = min(shape) - 1
    found = spectrum(x, "direct").values[:n]
    pca = PCA(svd_solver="full").fit(z_scored(x))
    assert np.allclose(found, pca.explained_variance_[:n] * (len(x) - 1) / len(x), rtol=1e-5)
    assert spectrum(x, "direct").values.sum() == pytest.approx(shape[1], rel=1e-6)


@pytest.mark.parametrize("shape", [(500, 60), (40, 150)])
def test_svca2_is_the_svd_between_halves(planted, shape):
    x = planted(*shape, 0.8, noise=0.2)
    found = spectrum(x, "svca2", seed=2)
    z = z_scored(x)
    one, other = z[:, found.halves], z[:, ~found.halves]
    exact = np.linalg.svd(one.T @ other / len(z), compute_uv=False)[: len(found.values)]
    assert np.allclose(found.values, exact, rtol=1e-4, atol=1e-6)  # float32 z-scores


def test_svca_scores_bins_that_found_no_component(planted):
    x = planted(2000, 50, 0.8, noise=0.3)
    divided = divided_recording(x, "svca", 0)
    found = spectrum_of(divided, divided.parts, Search())
    z = z_scored(x)
    train, test = (np.concatenate([z[a:b] for a, b in part]) for part in divided.parts)
    first = found.halves
    left, _, right = np.linalg.svd(train[:, first].T @ train[:, ~first], full_matrices=False)
    one, other = test[:, first] @ left, test[:, ~first] @ right.T
    assert np.allclose(found.values, (one * other).mean(0), atol=1e-5)
    assert np.allclose(found.totals, (one**2 + other**2).mean(0) / 2, rtol=1e-4)
    assert (found.reliable_fraction <= 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_neuron_order_and_units_change_nothing(planted, method):
    x = planted(800, 80, 0.8, noise=0.3)
    order = np.random.default_rng(1).permutation(80)
    scale = np.random.default_rng(2).uniform(0.01, 100, 80)
    plain = spectrum(with_places(x), method)
    # Halves trade places or names, sums are taken in another order: float32 rounding.
    moved = spectrum(with_places(x, order), method)
    assert np.allclose(plain.values, moved.values, rtol=1e-4, atol=1e-5)
    scaled = spectrum(with_places(x * scale + 7 * scale), method)
    assert np.allclose(plain.values, scaled.values, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", ["direct", "svca2"])
def test_a_shuffle_of_time_changes_nothing(planted, method):
    x = planted(800, 80, 0.8, noise=0.3)
    order = np.random.default_rng(1).permutation(800)
    assert np.allclose(spectrum(x, method).values, spectrum(x[order], method).values, rtol=1e-5)


def test_a_planted_law_without_noise(planted):
    x = planted(20_000, 200, 0.8)
    found = fit_power_law(spectrum(x, "direct").values, (5, 100)).exponent
    # 100 samples a neuron: the exponents of 8 seeds have a standard deviation of about 0.002.
    assert found == pytest.approx(0.8, abs=0.02)


def test_a_planted_law_under_noise(planted):
    x = planted(8000, 300, 1.0, noise=0.5)
    ranks = (2, 10)
    exponent = {m: fit_power_law(spectrum(x, m).values, ranks).exponent for m in METHODS}
    # The exponents of three seeds lay within 0.02 of 1.02; "direct" and "cvpca" without repeats
    # hold the noise, which is half of every neuron's variance here.
    assert exponent["svca2"] == pytest.approx(1.0, abs=0.1)
    assert exponent["direct"] < 0.93
    assert exponent["cvpca"] < 0.95


def test_svca2_has_the_population_between_the_halves_as_its_limit():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(60, 60)))[0]
    variance = np.arange(1, 61) ** -1.0
    covariance = (basis * variance) @ basis.T + 0.1 * np.eye(60)
    x = rng.normal(size=(20_000, 60)) @ np.linalg.cholesky(covariance).T
    found = spectrum(x, "svca2")
    deviation = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviation, deviation)
    between = correlation[found.halves][:, ~found.halves]
    exact = np.linalg.svd(between, compute_uv=False)[:5]
    # A variance from 20,000 bins has a relative error of 1 %.
    assert np.allclose(found.values[:5], exact, rtol=0.05)


def test_independent_neurons_share_nothing():
    x = np.random.default_rng(0).normal(size=(4000, 100))
    found = spectrum(x, "svca")
    # Values scatter around 0 with the error of a mean product of 1,000 held-out bins.
    assert np.abs(found.values).max() < 4.5 / np.sqrt(1000)
    assert abs(found.values.mean()) < 4 / np.sqrt(1000 * len(found.values))
    # The largest singular value of noise (Marchenko-Pastur, both halves of 50): 2 sqrt(50 / 4000).
    assert spectrum(x, "svca2").values[0] < 2.4 * np.sqrt(50 / 4000)


@pytest.mark.parametrize("method", ["svca", "svca2"])
def test_circular_shifts_destroy_what_is_shared(planted, method):
    x = Recording(planted(4000, 60, 1.0, noise=0.3).astype(np.float32), segment_starts=[0, 1500])
    real, control = spectrum(x, method), shifted_spectrum(x, method, n_shifts=60)
    assert real.values[:5].sum() > 10 * np.abs(control.values[:5]).sum()


def test_cvpca_of_repeats_finds_the_variance_of_responses(planted):
    rng = np.random.default_rng(0)
    responses = planted(300, 40, 1.0, seed=1)
    shown = np.concatenate([rng.permutation(300) for _ in range(6)])
    x = responses[shown] + 2 * rng.normal(size=(1800, 40))
    recording = Recording(x.astype(np.float32), covariates={"image": shown})
    found = spectrum(recording, "cvpca", stimulus="image")
    centred = (responses - responses.mean(0)) / x.std(0)
    truth = np.linalg.eigvalsh(centred.T @ centred / 300)[::-1]
    # Signal is a fifth of the variance; the estimate of its sum has an error of about 2 %.
    assert found.values.sum() == pytest.approx(truth.sum(), rel=0.08)
    assert found.values[0] == pytest.approx(truth[0], rel=0.1)
    biased = spectrum(recording, "direct").values
    assert biased.sum() > 3 * truth.sum()
    assert "300 values of image" in found.division


def test_time_is_divided_within_segments(planted):
    divided = divided_recording(
        Recording(planted(900, 10, 0.5).astype(np.float32), segment_starts=[0, 250, 700]), "svca", 0
    )
    for part in divided.parts:
        for start, stop in part:
            assert np.searchsorted([0, 250, 700], start, "right") == np.searchsorted(
                [0, 250, 700], stop - 1, "right"
            )


@pytest.mark.parametrize("method", METHODS)
def test_the_search_agrees_with_the_exact_route(planted, method):
    x = planted(500, 300, 0.8, noise=0.3)
    divided = divided_recording(x, method, 0)
    exact = spectrum_of(divided, divided.parts, Search(10))
    searched = spectrum_of(divided, divided.parts, Search(10, 0, exact_up_to=5))
    assert (exact.errors == 0).all()
    assert 0 < searched.errors.max() < 1e-3
    assert np.allclose(searched.values, exact.values, rtol=1e-3)


def test_neurons_left_out_are_told(planted):
    x = planted(300, 20, 0.8)
    x[:, 3] = 0
    with pytest.warns(PopcodeWarning, match="1 of 20"):
        found = spectrum(x, "svca2")
    assert found.n_neurons == 19
    assert len(found.halves) == 19


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: spectrum(np.eye(40), "pca"), "unknown method"),
        (lambda: spectrum(np.eye(40), seed=-1), "seed"),
        (lambda: spectrum(np.eye(40), "direct", n_components=41), "41 components"),
        (lambda: spectrum(np.eye(9), "svca"), "too short"),
        (lambda: spectrum(np.full((40, 3), np.inf)), "NaN or infinite"),
        (lambda: spectrum(np.ones((40, 3))), "0 of 3 neurons change"),
        (lambda: spectrum(np.eye(40), "cvpca", stimulus="image"), "on a Recording"),
        (lambda: spectrum(Recording(np.eye(40)), "cvpca", stimulus="image"), "no covariate"),
        (
            lambda: spectrum(
                Recording(np.eye(40), covariates={"image": np.arange(40)}),
                "cvpca",
                stimulus="image",
            ),
            "came twice",
        ),
    ],
)
def test_bad_input(make, said):
    with pytest.raises(InputError, match=said):
        make()
