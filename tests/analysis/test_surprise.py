"""Surprise of every bin against a law that is known."""

from types import SimpleNamespace

import numpy as np
from scipy.stats import kstest

from popcode.analysis.surprise import surprise_of_bins


class IndependentNeurons:
    """ln P(v) = fields.v - ln Z, with ln Z off by a known amount."""

    def __init__(self, fields, off=0.0):
        self.fields, self.off = fields, off

    def free_energy(self, x):
        return -(np.asarray(x) @ self.fields)

    def log_partition(self):
        exact = np.logaddexp(0, self.fields).sum()
        return SimpleNamespace(value=exact + self.off, standard_error=0.1)

    def sample(self, n, *, seed):
        rates = 1 / (1 + np.exp(-self.fields))
        return (np.random.default_rng(seed).random((n, rates.size)) < rates).astype(np.uint8)


MODEL = IndependentNeurons(np.random.default_rng(0).normal(-1.5, 1, 40))


def test_nats_are_minus_the_log_probability():
    x = np.array([[0] * 40, [1] * 40])
    rates = 1 / (1 + np.exp(-MODEL.fields))
    expected = -np.log([np.prod(1 - rates), np.prod(rates)])
    np.testing.assert_allclose(surprise_of_bins(MODEL, x, 100, 0).nats, expected, rtol=1e-10)


def test_percentiles_of_bins_of_the_model_are_uniform():
    found = surprise_of_bins(MODEL, MODEL.sample(3000, seed=1), 20_000, 2)
    # One seed in a thousand fails by chance.
    assert kstest(found.percentile / 100, "uniform").pvalue > 1e-3


def test_other_bins_are_caught():
    busier = IndependentNeurons(MODEL.fields + 1).sample(3000, seed=1)
    found = surprise_of_bins(MODEL, busier, 20_000, 2)
    assert kstest(found.percentile / 100, "uniform").pvalue < 1e-12
    assert (found.percentile > 95).mean() > 0.2


def test_an_error_of_the_partition_function_moves_no_percentile():
    x = MODEL.sample(50, seed=3)
    right, wrong = (
        surprise_of_bins(model, x, 500, 0) for model in (MODEL, IndependentNeurons(MODEL.fields, 2))
    )
    np.testing.assert_array_equal(right.percentile, wrong.percentile)
    np.testing.assert_allclose(wrong.nats, right.nats + 2)


def test_ties_count_half():
    silent = IndependentNeurons(np.array([-50.0, -50.0]))
    found = surprise_of_bins(silent, np.array([[0, 0], [1, 0]]), 100, 0)
    assert found.percentile.tolist() == [50, 100]
