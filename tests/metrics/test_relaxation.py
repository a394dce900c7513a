"""One time factor between a recording and a chain, where it is known."""

import numpy as np
import pytest
from scipy.special import expit

from popcode.metrics.decay import fit_exponential, fit_stretched
from popcode.metrics.measured_curve import measured_curve
from popcode.metrics.relaxation import fit_factor, misfit_at, relaxation

N_NEURONS, N_HIDDEN = 40, 4


def plain_chains(n_chains, n_sweeps, seed):
    """Active neurons along Gibbs chains of a model with a slow collective state, in plain numpy."""
    weights = 0.4 * np.random.default_rng(0).uniform(0.6, 1.4, (N_NEURONS, N_HIDDEN))
    fields, thetas = -weights.sum(axis=1) / 2, weights.sum(axis=0) / 2
    rng = np.random.default_rng(seed)
    v = rng.random((n_chains, N_NEURONS)) < 0.5
    counts = np.empty((n_chains, n_sweeps), int)
    for sweep in range(-300, n_sweeps):
        h = rng.random((n_chains, N_HIDDEN)) < expit(v @ weights - thetas)
        v = rng.random(v.shape) < expit(h @ weights.T + fields)
        counts[:, sweep] = v.sum(axis=1)
    return counts


@pytest.fixture(scope="module")
def recorded():
    return plain_chains(60, 2500, 1)


@pytest.fixture(scope="module")
def paths():
    return plain_chains(60, 2500, 2)


def every(counts, step):
    """One bin of a recording every `step` sweeps, and the first bins of its segments."""
    taken = np.arange(0, counts.shape[1] - 0.5, step).round().astype(int)
    return counts[:, taken].ravel(), np.arange(len(counts)) * taken.size


@pytest.mark.parametrize("step", [1, 2, 3, 5, 2.5])
def test_a_known_factor_comes_back(recorded, paths, step):
    found = relaxation(*every(recorded, step), paths, 80, 200)
    assert found.factor.value == pytest.approx(step, rel=0.1)  # what the method must reach
    assert found.factor.low < step < found.factor.high
    assert found.misfit.rmse < 3 * found.misfit.ceiling < 0.3 * found.misfit.independent
    ratio = found.model_time.exponential.tau / found.recording_time.exponential.tau
    assert ratio == pytest.approx(step, rel=0.15)
    assert abs(found.drift) < 4  # at equilibrium; four errors
    assert found.note == ""


def test_shuffled_rows_give_the_null(recorded, paths):
    activity, starts = every(recorded, 2)
    shuffled = np.random.default_rng(0).permutation(activity)
    found = relaxation(shuffled, starts, paths, 80, 200)
    assert found.factor is None and found.misfit is None
    assert "bin to bin" in found.note
    curve = found.recording
    inside = (curve.value > curve.null_low) & (curve.value < curve.null_high)
    assert inside[1:].all()


def test_an_independent_model_forgets_in_one_sweep(recorded):
    independent = np.random.default_rng(0).binomial(N_NEURONS, 0.5, (60, 1000))
    found = relaxation(*every(recorded, 2), independent, 80, 200)
    assert found.factor is None
    assert "one sweep" in found.note


def test_chains_too_short_for_the_factor(recorded, paths):
    found = relaxation(*every(recorded, 5), paths, 40, 12)
    assert found.factor is None
    assert "longer" in found.note


def test_segments_in_another_order_are_the_same(recorded, paths):
    rng = np.random.default_rng(0)
    one = measured_curve(*every(recorded, 1), 50, rng)
    other = measured_curve(*every(recorded[::-1], 1), 50, rng)
    np.testing.assert_allclose(one.value, other.value, atol=1e-12)


def test_chains_are_not_joined(recorded, paths):
    short = paths[:, :60]  # joined end to end, their order would matter
    one, other = (relaxation(*every(recorded[:9], 2), x, 20, 50) for x in (short, short[::-1]))
    np.testing.assert_allclose(one.model.value, other.model.value, atol=1e-12)


def test_a_drifting_start_is_seen():
    rng = np.random.default_rng(0)
    paths = rng.binomial(N_NEURONS, 0.5, (20, 1000)) + np.linspace(0, 1, 1000).round().astype(int)
    found = relaxation(np.arange(200) % 7, np.array([0]), paths, 10, 10)
    assert found.drift > 10


def test_the_factor_of_curves_that_are_known():
    lags = np.arange(400)
    recording, model = 0.8 * np.exp(-lags / 12.0), 0.8 * np.exp(-lags / 40.0)
    recording[0] = model[0] = 1
    # Exact at whole sweeps; between them the interpolation of so slow a curve errs by 1e-4.
    assert fit_factor(recording, model, 30) == pytest.approx(40 / 12, rel=1e-3)


def test_misfit_at_another_factor(recorded, paths):
    found = relaxation(*every(recorded, 2), paths, 80, 200)
    at_best = misfit_at(found.recording, found.model, found.factor.value)
    assert at_best == found.misfit
    assert misfit_at(found.recording, found.model, 1.0).rmse > 3 * at_best.rmse
    assert misfit_at(found.recording, found.model, 1e3) is None


def test_decays_that_are_known():
    lags = np.arange(1, 60)
    exponential = fit_exponential(0.7 * np.exp(-lags / 9.0))
    assert (exponential.amplitude, exponential.tau) == pytest.approx((0.7, 9.0), rel=1e-4)
    stretched = fit_stretched(0.7 * np.exp(-((lags / 9.0) ** 0.6)))
    assert stretched[:3] == pytest.approx((0.7, 9.0, 0.6), rel=1e-3)
    assert fit_exponential(np.full(30, 0.5)) is None  # a constant does not say its tau
    assert fit_exponential(np.array([0.5, 0.2])) is None
    assert fit_stretched(np.array([0.5, np.nan, 0.2, 0.1])) is None
