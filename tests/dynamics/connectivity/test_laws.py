"""Entries and their mixture have the moments that are said."""

import numpy as np
import pytest

from popcode.dynamics.connectivity.dense import draw_dense
from popcode.dynamics.connectivity.laws import LAWS, draw_entries
from popcode.errors import InputError


@pytest.mark.parametrize(
    ("law", "variance"),
    [
        ("uniform", 1 / 3),
        ("binary", 1),
        ("gaussian", 1),
        ("truncated_gaussian", 1 - 2 / np.pi),
        ("exponential", 1),
    ],
)
def test_entries_have_mean_zero(law, variance):
    entries = draw_entries(law, (500, 400), np.random.default_rng(0)).astype(float)
    assert abs(entries.mean()) < 4.5 * np.sqrt(variance / entries.size)
    assert entries.var() == pytest.approx(variance, rel=0.03)  # eight errors of the exponential's


@pytest.mark.parametrize("asymmetry", [0, 1 / 3, 2 / 3, 1])
def test_both_directions_correlate_as_the_mixture_says(asymmetry):
    matrix = draw_dense(500, "gaussian", asymmetry, np.random.default_rng(1)).to_array()
    rows, columns = np.triu_indices(500, 1)
    there, back = matrix[rows, columns].astype(float), matrix[columns, rows].astype(float)
    kept = (1 - asymmetry) ** 2 + asymmetry**2
    error = 4.5 / np.sqrt(there.size)
    assert np.corrcoef(there, back)[0, 1] == pytest.approx(
        (1 - asymmetry) / np.sqrt(kept), abs=error
    )
    assert back.var() / there.var() == pytest.approx(kept, abs=2 * error)
    assert (np.diag(matrix) == 0).all()


def test_another_law_is_refused_by_name():
    with pytest.raises(InputError, match="uniform"):
        draw_entries("cauchy", (2, 2), np.random.default_rng(0))
    assert set(LAWS) >= {"uniform", "exponential"}
