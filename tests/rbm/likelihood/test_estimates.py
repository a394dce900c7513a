"""Logs of mean weights and their errors against log-normal weights, whose truth is closed."""

import numpy as np
import pytest

from popcode.rbm.likelihood.estimates import effective_samples, log_mean, log_mean_variance


def test_the_mean_is_that_of_the_weights_however_large():
    log_weights = np.log(np.array([1.0, 2.0, 9.0]))
    np.testing.assert_allclose(log_mean(log_weights + 1e4), np.log(4) + 1e4)


@pytest.mark.parametrize("n", [1, 7])
def test_effective_samples_run_from_one_to_all(n):
    np.testing.assert_allclose(effective_samples(np.full(n, -3e3)), n)
    np.testing.assert_allclose(effective_samples(np.append(np.full(n, -3e3), 0.0)), 1)


def test_the_published_sign_is_caught():
    """Weights e^-w would call 3 of 4 chains effective where one carries nearly all the weight."""
    log_weights = np.array([0.0, 0, 0, 5])
    weights = np.exp(log_weights)
    np.testing.assert_allclose(
        effective_samples(log_weights), weights.sum() ** 2 / (weights**2).sum()
    )
    assert effective_samples(log_weights) < 1.05
    assert effective_samples(-log_weights) > 2.9


@pytest.mark.parametrize(("spread", "n"), [(0.1, 100), (0.7, 500), (1.5, 500)])
def test_three_errors_cover_the_truth_of_log_normal_weights(spread, n):
    """ln E[w] = s^2 / 2 for log weights N(0, s^2); 1,000 repeats, so 99 % within 3 errors holds."""
    drawn = spread * np.random.default_rng(7).normal(size=(1000, n))
    errors = np.array([log_mean(x) - spread**2 / 2 for x in drawn])
    claimed = np.sqrt([log_mean_variance(x) for x in drawn])
    assert np.mean(abs(errors) <= 3 * claimed) >= 0.99
    assert np.median(claimed) < 2 * errors.std()  # an error too large is no error bar either


def test_a_tail_that_was_missed_is_still_in_the_error():
    """Log weights of deviation 3: the draws alone say far less than the truth, s^2 / 2 = 4.5."""
    drawn = 3 * np.random.default_rng(8).normal(size=(200, 500))
    missed = np.array([4.5 - log_mean(x) for x in drawn])
    assert np.median(missed) > 0.3
    assert np.mean(missed <= 3 * np.sqrt([log_mean_variance(x) for x in drawn])) == 1
