"""Tables by area against loops over pairs."""

from itertools import product

import numpy as np
import pytest

from popcode.analysis.areas import (
    Areas,
    area_tables,
    average_product_corrected,
    contrast,
    labelled,
    table_interval,
    usable_areas,
)
from popcode.errors import InputError


def looped(values, member):
    """Mean over ordered pairs i != j of every pair of areas."""
    n_areas = member.shape[1]
    table = np.empty((n_areas, n_areas))
    for a, b in product(range(n_areas), repeat=2):
        rows, columns = np.flatnonzero(member[:, a]), np.flatnonzero(member[:, b])
        table[a, b] = np.mean([values[i, j] for i in rows for j in columns if i != j])
    return table


def test_tables_are_means_over_pairs(noise, areas):
    noise[np.diag_indices(len(noise))] = 99  # the diagonal does not count
    found = area_tables(noise, areas, threshold=1.0)
    np.testing.assert_allclose(found.mean, looped(noise, areas.member), atol=1e-12)
    np.testing.assert_allclose(found.mean_absolute, looped(abs(noise), areas.member))
    np.testing.assert_allclose(found.root_mean_square, looped(noise**2, areas.member) ** 0.5)
    np.testing.assert_allclose(found.fraction_above, looped(abs(noise) > 1, areas.member))
    sizes = np.array([30, 50, 40])
    expected = np.outer(sizes, sizes)
    expected[np.diag_indices(3)] = sizes * (sizes - 1) // 2
    np.testing.assert_array_equal(found.n_pairs, expected)


def test_areas_that_overlap_count_a_neuron_in_each(noise):
    member = np.zeros((len(noise), 2), bool)
    member[:40, 0] = member[20:70, 1] = True
    found = area_tables(noise, Areas(("x", "y"), member, ()))
    np.testing.assert_allclose(found.mean, looped(noise, member), atol=1e-12)


def test_the_order_of_neurons_does_not_matter(noise, labels, areas):
    order = np.random.default_rng(1).permutation(len(labels))
    moved = area_tables(noise[np.ix_(order, order)], labelled(labels[order]))
    for name, table in area_tables(noise, areas)._asdict().items():
        np.testing.assert_allclose(getattr(moved, name), table, atol=1e-12)


def test_the_correction_takes_away_hubs(noise):
    corrected = average_product_corrected(noise - np.diag(np.diag(noise)))
    others = ~np.eye(len(noise), dtype=bool)
    norms = abs(noise)
    mean = np.array([norms[k][others[k]].mean() for k in range(len(noise))])
    i, j = 3, 17
    assert corrected[i, j] == pytest.approx(norms[i, j] - mean[i] * mean[j] / norms[others].mean())
    gains = np.random.default_rng(2).uniform(0.5, 2, len(noise))
    hubs = np.outer(gains, gains) * others
    # A product of gains is hubs alone; what is left is the missing diagonal, of order 1 / N.
    assert abs(average_product_corrected(hubs)[others]).max() < 6 / len(noise)


def test_contrast_is_over_pairs(noise, areas, labels):
    same = labels[:, None] == labels
    found = contrast(noise + 1 + same, areas)
    upper = np.triu(np.ones_like(same), 1)
    assert found.within == pytest.approx((noise + 2)[same & upper].mean())
    assert found.between == pytest.approx((noise + 1)[~same & upper].mean())
    assert found.ratio == pytest.approx(found.within / found.between)
    assert np.isnan(contrast(-abs(noise), areas).ratio)


def test_neurons_without_an_area_and_small_areas_are_left_out_and_said(noise, labels, areas):
    lost = labels.astype(object)
    lost[:10], lost[10:13] = "", "tiny"
    found = labelled(lost)
    assert found.names == ("a", "b", "c")
    assert "left out, of fewer than 8 neurons: tiny (3)" in found.notes[0]
    assert "13 of 120 neurons are in none" in found.notes[1]
    kept = np.arange(13, 120)
    np.testing.assert_allclose(
        area_tables(noise, found, 1).mean,
        area_tables(noise[np.ix_(kept, kept)], labelled(labels[kept]), 1).mean,
    )
    assert areas.notes == ()


@pytest.mark.parametrize("names", [(), ("a",)])
def test_no_area_is_refused(names):
    with pytest.raises(InputError, match="no area holds 8 neurons"):
        usable_areas(names, np.zeros((20, len(names)), bool))


def test_areas_that_are_too_small_are_named_with_what_can_be_done():
    member = np.eye(2, dtype=bool)[np.arange(8) % 2]
    with pytest.raises(InputError, match=r"the largest, a, holds 4\)") as caught:
        usable_areas(("a", "b"), member)
    assert "join them" in caught.value.remedy


def test_what_is_no_coupling_matrix_is_refused(noise, areas):
    broken = noise.copy()
    broken[0, 1] += 1
    nan = noise.copy()
    nan[2, 3] = nan[3, 2] = np.nan
    for matrix, message in ((noise[:5], "shape"), (broken, "symmetric"), (nan, "finite")):
        with pytest.raises(InputError, match=message):
            area_tables(matrix, areas)


def test_intervals_cover_the_truth_of_a_law_of_neurons(labels, areas):
    """Couplings g_i g_j with random gains: what resampling neurons is to tell."""
    rng = np.random.default_rng(3)
    covered = []
    for k in range(60):
        gains = rng.normal(1, 0.5, len(labels))
        values = np.outer(gains, gains)
        found = table_interval(values, areas, n_resamples=150, seed=k)
        covered.append((found.low <= 1) & (found.high >= 1))
    # 95 % of 540; neurons shared by entries leave some 60 x 3 independent: 4 standard errors.
    assert 0.88 < np.mean(covered) < 0.995
