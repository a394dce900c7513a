"""Analysis of variance against closed forms, and what it says of a grid of fits."""

import numpy as np
import pytest

from popcode.analysis.membership import FitFacts, describe_fit, grid_effects, two_way_variance
from popcode.errors import InputError

A, B, N = 3, 4, 5


def balanced(seed, effect=0.0):
    rng = np.random.default_rng(seed)
    first, second = np.repeat(np.arange(A), B * N), np.tile(np.repeat(np.arange(B), N), A)
    return rng.normal(size=A * B * N) + effect * first, first, second


def test_a_balanced_table_is_the_textbook_one():
    values, first, second = balanced(0, 0.5)
    cells = values.reshape(A, B, N)
    mean = cells.mean()
    of_first = B * N * ((cells.mean(axis=(1, 2)) - mean) ** 2).sum()
    of_second = A * N * ((cells.mean(axis=(0, 2)) - mean) ** 2).sum()
    within = ((cells - cells.mean(axis=2, keepdims=True)) ** 2).sum()
    total = ((cells - mean) ** 2).sum()
    table = two_way_variance(values, first, second)
    rest = total - of_first - of_second - within
    wanted = (of_first, of_second, rest, within)
    degrees = (A - 1, B - 1, (A - 1) * (B - 1), A * B * (N - 1))
    for effect, squares, df in zip(table, wanted, degrees, strict=True):
        assert (effect.sum_of_squares, effect.degrees) == (pytest.approx(squares), df)
        assert effect.share == pytest.approx(squares / total)
    assert table.first.f == pytest.approx((of_first / 2) / (within / 48))
    assert np.isnan(table.residual.f)


def test_one_factor_of_two_levels_is_a_t_test():
    # With equal noise in all cells F(1, n) of the first factor is t^2 of the paired cell means.
    values, first, second = (
        np.array([1.0, 2, 4, 6, 3, 5, 9, 9]),
        [0] * 4 + [1] * 4,
        [0, 0, 1, 1] * 2,
    )
    table = two_way_variance(values, first, second)
    cells = values.reshape(2, 2, 2)
    contrast = cells[1].mean() - cells[0].mean()
    error = cells.var(axis=2, ddof=1).mean() * (1 / 4 + 1 / 4)
    assert table.first.f == pytest.approx(contrast**2 / error)


def test_unbalanced_factors_do_not_take_from_each_other():
    values, first, second = balanced(1, 0.5)
    kept = np.random.default_rng(2).permutation(len(values))[:37]
    values, first, second = values[kept], first[kept], second[kept]
    table = two_way_variance(values, first, second)
    # What the second factor adds is not the first one's (a sequential table would take it).
    shifted = two_way_variance(values + 10 * second, first, second)
    assert shifted.first.sum_of_squares == pytest.approx(table.first.sum_of_squares)
    assert shifted.interaction.sum_of_squares == pytest.approx(table.interaction.sum_of_squares)
    assert shifted.second.sum_of_squares > table.second.sum_of_squares
    swapped = two_way_variance(values, second, first)
    assert swapped.first.f == pytest.approx(table.second.f)
    names = np.array(["x", "y", "z"])[first]
    assert two_way_variance(values, names, second).first.p == pytest.approx(table.first.p)


def test_p_is_uniform_without_an_effect():
    p = [two_way_variance(*balanced(seed))[effect].p for seed in range(60) for effect in range(3)]
    # Standard error of the mean .022.
    assert np.mean(p) == pytest.approx(0.5, abs=0.08)
    assert min(p) > 1e-4


def test_single_fits_a_cell_leave_the_interaction_unjudged():
    values, first, second = balanced(3)
    one = np.arange(0, len(values), N)
    table = two_way_variance(values[one], first[one], second[one])
    assert np.isnan(table.interaction.p)
    assert table.residual.degrees == 0
    interaction = table.interaction.sum_of_squares / ((A - 1) * (B - 1))
    assert table.first.f == pytest.approx(table.first.sum_of_squares / 2 / interaction)


def test_exact_and_constant_values():
    _, first, second = balanced(4)
    exact = two_way_variance(2.0 * first, first, second)
    assert exact.first.p == 0
    assert exact.second.sum_of_squares == 0
    flat = two_way_variance(np.ones(len(first)), first, second)
    assert np.isnan(flat.first.p)


def test_what_has_no_table_is_refused():
    with pytest.raises(InputError, match="second factor has one level"):
        two_way_variance([1, 2], [0, 1], [0, 0])
    with pytest.raises(InputError, match="not finite"):
        two_way_variance([1, np.nan], [0, 1], [0, 1])
    with pytest.raises(InputError, match="levels"):
        two_way_variance([1, 2, 3], [0, 1], [0, 1])


def described(n_hidden, l1, seed, size=30, n_copies=0):
    """A fit with one empty unit, copies, members of a planted size, and units that switch."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((200, n_hidden))
    for unit in range(n_hidden - 1):
        weights[rng.permutation(200)[:size], unit] = 1
    for unit in range(n_copies):
        weights[:, n_hidden - 2 - unit] = -0.9 * weights[:, 0]
    course = np.tile(np.repeat([0.0, 1], [15, 5]), 30)
    hidden = course[:, None] + 0.05 * rng.normal(size=(600, n_hidden))
    return describe_fit(weights, hidden, np.array([0, 300]), l1=l1, bin_s=0.5)


def test_a_fit_is_described_by_what_was_planted():
    found = described(12, 0.02, 0, n_copies=2)
    assert (found.n_hidden, found.n_empty, found.n_copies, found.n_effective) == (12, 1, 2, 9)
    assert found.mean_size == pytest.approx(30 / 200)
    assert (found.mean_period, found.unit) == (pytest.approx(10), "s")


def test_a_fit_without_assemblies():
    found = describe_fit(np.zeros((9, 2)), np.zeros((50, 2)), np.array([0]), l1=1.0)
    assert (found.n_empty, found.n_effective, found.unit) == (2, 0, "bins")
    assert np.isnan([found.mean_size, found.mean_period]).all()


def test_the_effect_of_the_penalty_on_size_is_found():
    fits = [
        described(n_hidden, l1, seed, size=40 if l1 < 0.02 else 20)
        for n_hidden in (6, 9) for l1 in (0.01, 0.02) for seed in (0, 1)
    ]  # fmt: skip
    effects = grid_effects(fits)
    assert effects.mean_size.second.p < 1e-6
    assert effects.mean_size.first.share < 1e-6
    assert effects.n_effective.first.p < 1e-6
    assert grid_effects(fits[:4]).mean_size is None


def test_factors_that_go_together_are_not_told_apart():
    fit = FitFacts(5, 0.01, 0, 0, 5, 0.2, 3.0, "bins")
    together = [fit, fit._replace(n_hidden=10, l1=0.02), fit._replace(n_hidden=20, l1=0.04)]
    assert grid_effects(together).mean_size is None
    # A fit that shares hidden units with one and the penalty with another joins them.
    joined = [*together[:2], fit._replace(l1=0.02, mean_size=0.3)]
    assert grid_effects(joined).mean_size is not None
