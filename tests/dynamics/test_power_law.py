"""Exponents: exact on exact laws, over stated ranks, with stated weights."""

import warnings

import numpy as np
import pytest

from popcode.dynamics.power_law import fit_power_law
from popcode.errors import InputError, PopcodeWarning


def law(exponent, n=1000, scale=3.0):
    return scale * np.arange(1, n + 1) ** -float(exponent)


@pytest.mark.parametrize("exponent", [0.3, 0.7, 1.25, 2.0])
@pytest.mark.parametrize("weights", ["inverse_rank", "inverse_log_rank", "equal"])
def test_an_exact_law_is_recovered(exponent, weights):
    found = fit_power_law(law(exponent), weights=weights)
    # Rounding of logarithms.
    assert found.exponent == pytest.approx(exponent, abs=1e-10)
    assert np.exp(found.intercept) == pytest.approx(3.0, rel=1e-10)
    assert found.r_squared == pytest.approx(1.0, abs=1e-10)
    assert found.ranks == (11, 500)
    assert np.allclose(found.at([1, 10]), law(exponent)[[0, 9]], rtol=1e-10)


def test_only_the_stated_ranks_count():
    values = law(0.7)
    values[:10] *= 5
    values[500:] *= 0.1
    assert fit_power_law(values).exponent == pytest.approx(0.7, abs=1e-10)
    assert fit_power_law(values, (1, 600)).exponent > 0.8


@pytest.mark.parametrize("weights", ["inverse_rank", "inverse_log_rank", "equal"])
def test_it_is_weighted_least_squares(weights):
    values = law(0.7) * np.exp(np.random.default_rng(0).normal(0, 0.1, 1000))
    rank = np.arange(11, 501)
    square = {"inverse_rank": 1 / rank, "inverse_log_rank": 1 / np.log(rank), "equal": 0 * rank + 1}
    line = np.polyfit(np.log(rank), np.log(values[10:500]), 1, w=np.sqrt(square[weights]))
    found = fit_power_law(values, weights=weights)
    assert np.allclose([-found.exponent, found.intercept], line, rtol=1e-9)
    assert 0.9 < found.r_squared < 1


def test_the_input_is_left_alone_and_the_scale_changes_no_exponent():
    values = law(0.7)
    values.flags.writeable = False
    found = fit_power_law(values)
    assert fit_power_law(values * 1e-6).exponent == pytest.approx(found.exponent, abs=1e-12)


def test_short_spectra_are_fitted_to_half_and_told():
    with pytest.warns(PopcodeWarning, match="ranks 11 to 100"):
        found = fit_power_law(law(0.7, n=200))
    assert found.ranks == (11, 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fit_power_law(law(0.7, n=500)).ranks == (11, 500)


def test_negative_values_are_counted():
    values = law(0.7)
    values[20] *= -1
    found = fit_power_law(values)
    assert found.n_negative == 1
    assert found.exponent == pytest.approx(0.7, abs=1e-10)


@pytest.mark.parametrize(
    ("values", "ranks", "said"),
    [
        (law(0.7, n=20), (11, 500), "fewer than 5"),
        (law(0.7), (11, 12), "fewer than 5"),
        (law(0.7), (0, 100), "fewer than 5"),
        (np.where(np.arange(1000) == 40, 0, law(0.7)), (11, 500), "rank 41"),
        (np.where(np.arange(1000) == 40, np.nan, law(0.7)), (11, 500), "rank 41"),
    ],
)
def test_bad_input(values, ranks, said):
    with pytest.raises(InputError, match=said):
        fit_power_law(values, ranks)


def test_unknown_weights():
    with pytest.raises(InputError, match="unknown weights"):
        fit_power_law(law(1), weights="square")
