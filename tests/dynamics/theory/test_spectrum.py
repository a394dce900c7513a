"""Spectra of which the bulk is the semicircle's, against those of all eigenvalues."""

import numpy as np

from popcode.dynamics.ensemble import ensemble_eigenvalues
from popcode.dynamics.schedule import Schedule
from popcode.dynamics.theory.modes import binned_variance
from popcode.dynamics.theory.spectrum import spectrum_from_leading


def test_the_bulk_may_stand_at_its_quantiles():
    n, schedule = 1000, Schedule(0.04, 23, 4000, 2434)
    values = ensemble_eigenvalues(n, n, seed=1)
    values *= 0.999 / values[0]
    every = binned_variance(values, schedule)
    every /= every.mean()
    whole = spectrum_from_leading(values, n, 0.0, schedule)
    np.testing.assert_allclose(whole, every, rtol=1e-12)
    part = spectrum_from_leading(values[:100], n, 0.999, schedule)
    # The edge of the bulk moves with the largest eigenvalue, by some n^(-2/3) = 0.01.
    np.testing.assert_allclose(part[:100], every[:100], rtol=0.02)
    assert abs(part.mean() - 1) < 1e-12
    assert (np.diff(part) <= 0).all()
