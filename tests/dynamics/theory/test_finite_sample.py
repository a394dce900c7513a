"""The rise of sample eigenvalues, against samples."""

import numpy as np
import pytest

from popcode.dynamics.theory.finite_sample import finite_sample_spectrum
from popcode.errors import InputError


def test_leading_sample_eigenvalues_are_raised_by_what_lies_below():
    values = np.concatenate(([40.0], np.linspace(1.0, 0.1, 199)))
    n_bins, n_draws = 150, 20
    rng = np.random.default_rng(0)
    rises = np.empty(n_draws)
    for k in range(n_draws):
        sample = rng.normal(size=(n_bins, values.size)) * np.sqrt(values)
        largest = np.linalg.eigvalsh(sample @ sample.T / n_bins)[-1]
        # Less what chance gives the leading direction by itself: only the rise is left.
        rises[k] = largest - (sample[:, 0] ** 2).mean()
    expected = finite_sample_spectrum(values, n_bins)[0] - values[0]
    error = rises.std() / np.sqrt(n_draws)
    assert error < 0.1 * expected
    # The next order is the ratio of the values, at most 1 / 40.
    assert rises.mean() == pytest.approx(expected, abs=4 * error + expected / 40)


def test_infinitely_many_bins_raise_nothing():
    values = np.array([3.0, 2.0, 1.0])
    np.testing.assert_array_equal(finite_sample_spectrum(values, np.inf), values)
    np.testing.assert_allclose(finite_sample_spectrum(values, 2), [4.5, 2.5, 1.0])


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="fall"):
        finite_sample_spectrum([1.0, 2.0], 10)
    with pytest.raises(InputError, match="n_bins"):
        finite_sample_spectrum([2.0, 1.0], 0)
