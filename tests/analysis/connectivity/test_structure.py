"""Equation 20 on simulated neurites with a known answer, and comparisons with a structure."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from popcode.analysis.connectivity import (
    TracedNeurons,
    advantage,
    compare_with_structure,
    evidence_curve,
    masks_of_labels,
    mirrored,
    neurons_by_region,
    rank_correlation,
    strength_law,
    structural_matrix,
)
from popcode.errors import InputError
from popcode.io.swc import Tracing, read_swc

# A brain of 40 x 20 x 20 um in voxels of 2 um: four slabs of 10 um along x.
LABELS = np.repeat(np.repeat(np.repeat([1, 2, 3, 4], 5)[:, None, None], 10, 1), 10, 2)
REGIONS = masks_of_labels(LABELS, {1: "a", 2: "b", 3: "c", 4: "d"}, np.full(3, 2.0))


def straight(start, stop, n=2):
    points = np.linspace(start, stop, n)
    return Tracing(np.r_[1, np.full(n - 1, 2)], points, np.arange(n) - 1)


def test_lengths_are_cut_at_the_borders_of_regions():
    found = neurons_by_region(
        [straight([5, 5, 5], [32, 5, 5]), straight([25, 9, 9], [25, 9, 200], 5)], REGIONS
    )
    assert found.soma_regions.tolist() == [0, 2]
    # A step is a quarter of a voxel, .5 um; borders lie within half of one.
    np.testing.assert_allclose(found.lengths[0], [5, 10, 10, 2], atol=0.26)
    np.testing.assert_allclose(found.lengths[0].sum(), 27)
    # What leaves the volume counts nowhere.
    np.testing.assert_allclose(found.lengths[1], [0, 0, 11, 0], atol=0.26)


def test_equation_20_by_hand():
    traced = TracedNeurons(
        np.array([0, 0, 1, -1]), np.array([[1.0, 4, 0], [3, 2, 6], [8, 1, 0], [9, 9, 9]])
    )
    volumes = np.array([2.0, 4.0, 3.0])
    found = structural_matrix(traced, volumes)
    # Region 0: mean lengths (2, 3, 3) over volumes; region 1: (8, 1, 0); region 2 has no soma.
    np.testing.assert_allclose(found[0, 0], 1)
    np.testing.assert_allclose(found[0, 1], (3 / 4 + 8 / 2) / 2)
    np.testing.assert_allclose(found[0, 2], 3 / 3)
    np.testing.assert_allclose(found[1, 2], 0)
    assert np.isnan(found[2, 2])
    np.testing.assert_array_equal(found, found.T)


def test_planted_strengths_are_found_whatever_the_sampling_of_regions():
    """Lengths drawn with mean strength times volume; somata as uneven as 20 to 1."""
    rng = np.random.default_rng(0)
    strengths = np.exp(rng.normal(size=(6, 6)))
    strengths = (strengths + strengths.T) / 2
    volumes, counts = rng.uniform(1, 20, 6), np.array([4000, 200, 1000, 2000, 400, 800])
    somata = np.repeat(np.arange(6), counts)
    lengths = strengths[somata] * volumes * rng.gamma(4.0, 0.25, (somata.size, 6))
    found = structural_matrix(TracedNeurons(somata, lengths), volumes)
    # Standard error of the scarcest region: .5 / sqrt(200) = 3.5 %.
    np.testing.assert_allclose(found, strengths, rtol=0.12)
    unweighted = somata[:, None] == np.arange(6)
    wrong = unweighted.T @ lengths / volumes  # without the number of somata
    assert np.abs(np.log((wrong + wrong.T) / strengths / 2 / counts.mean())).max() > 1


def test_mirror_images_make_a_symmetric_brain():
    traced = TracedNeurons(np.array([0, 2]), np.array([[1.0, 2, 3], [0, 5, 0]]))
    both = mirrored(traced, np.array([1, 0, 2]))
    assert both.soma_regions.tolist() == [0, 2, 1, 2]
    np.testing.assert_array_equal(both.lengths[2], [2, 1, 3])
    matrix = structural_matrix(both, np.ones(3))
    swapped = matrix[np.ix_([1, 0, 2], [1, 0, 2])]
    np.testing.assert_allclose(matrix, swapped)
    with pytest.raises(InputError, match="does not lead back"):
        mirrored(traced, np.array([1, 2, 0]))


def test_swc_files_are_read_in_any_order(tmp_path):
    path = tmp_path / "neuron.swc"
    path.write_text("# traced\n7 2 32 5 5 1 3\n3 1 5 5 5 2 -1\n")
    found = neurons_by_region([read_swc(path)], REGIONS)
    assert found.soma_regions.tolist() == [0]
    np.testing.assert_allclose(found.lengths[0], [5, 10, 10, 2], atol=0.26)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no points"),
        ("1 1 0 0 0 1\n", "not of 7"),
        ("1 1 0 0 0 1 -1\n1 2 1 0 0 1 1\n", "point 1 is there twice"),
        ("1 1 0 0 0 1 -1\n2 2 1 0 0 1 9\n", "parent 9"),
        ("1 1 zero 0 0 1 -1\n", "cannot be read"),
    ],
)
def test_broken_swc_files_are_refused(tmp_path, text, message):
    path = tmp_path / "neuron.swc"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_swc(path)


def test_impossible_tracings_are_refused():
    with pytest.raises(InputError, match="without volume"):
        structural_matrix(TracedNeurons(np.array([0]), np.ones((1, 2))), np.array([1.0, 0]))
    with pytest.raises(InputError, match="shape"):
        structural_matrix(TracedNeurons(np.array([0]), np.ones((1, 3))), np.ones(2))
    with pytest.raises(InputError, match="without a voxel"):
        masks_of_labels(LABELS, {9: "nowhere"}, np.ones(3))


def structured(noise, seed=0, n=25):
    rng = np.random.default_rng(seed)
    structure = np.exp(rng.normal(size=(n, n))) * (rng.random((n, n)) < 0.5)
    structure = np.tril(structure) + np.tril(structure, -1).T
    jitter = rng.normal(size=(n, n))
    functional = (structure + 0.05) * np.exp(noise * (np.tril(jitter) + np.tril(jitter, -1).T))
    return functional, structure


def test_a_structure_compares_with_itself_and_not_with_chance():
    functional, structure = structured(0.5)
    own = compare_with_structure(structure, structure, 100)
    assert (own.spearman, own.distance) == (1.0, 1.0)
    found = compare_with_structure(functional, structure, 200)
    assert found.interval[0] < found.spearman < found.interval[1]
    assert found.chance < found.interval[0]
    assert found.p < 0.01
    order = np.random.default_rng(1).permutation(25)
    assert found.distance_p < 0.01
    triangle = np.tril_indices(25)
    x, y = functional[triangle], structure[triangle]
    np.testing.assert_allclose(found.distance, ks_2samp(x[y > 0], x[y == 0]).statistic)
    wrong = compare_with_structure(functional[np.ix_(order, order)], structure, 200)
    assert wrong.distance_p > 0.01
    assert wrong.p > 0.01
    assert wrong.interval[0] < 0 < wrong.interval[1]


def test_nothing_is_claimed_where_nothing_is_connected():
    functional = structured(0.5)[0]
    found = compare_with_structure(functional, np.zeros((25, 25)), 20)
    assert np.isnan([found.spearman, *found.interval, found.chance, found.p]).all()
    assert np.isnan([found.distance, found.distance_p]).all()


def test_zeros_of_the_structure_are_left_out_as_in_the_article():
    functional, structure = structured(0.5)
    triangle = np.tril_indices(25)
    changed = functional.copy()
    changed[structure == 0] *= 100
    assert rank_correlation(changed, structure) == rank_correlation(functional, structure)
    assert rank_correlation(changed, structure, connected=False) < 0.5
    assert (
        compare_with_structure(functional, structure, 20).n_entries
        == (structure[triangle] > 0).sum()
    )


def test_an_advantage_is_one_only_where_it_is():
    functional, structure = structured(0.3)
    worse, _ = structured(3.0)
    better = advantage(functional, worse, structure, 200)
    assert better.interval[0] > 0
    alike = advantage(functional, structured(0.3)[0], structure, 50)
    assert alike.difference == 0
    with pytest.raises(InputError, match="different regions"):
        advantage(functional, worse[:5, :5], structure)


def test_evidence_is_the_ratio_of_two_normal_densities():
    """Log strengths of mean 0 and -1 and equal deviation: log ratio is linear, 0 in the middle."""
    rng = np.random.default_rng(0)
    n = 120
    structure = np.tril((rng.random((n, n)) < 0.5).astype(float))
    structure += np.tril(structure, -1).T
    logs = np.tril(rng.normal(0, 0.5, (n, n)))
    logs += np.tril(logs, -1).T
    curve = evidence_curve(10 ** (logs - 1 + structure), structure)
    expected = (curve.log10_strength + 0.5) / 0.25 / np.log(10)
    middle = np.abs(curve.log10_strength + 0.5) < 1
    # Deviations known to 1 % from 3,600 entries each; the slope is 4 nats a decade.
    np.testing.assert_allclose(curve.log10_ratio[middle], expected[middle], atol=0.25)
    assert evidence_curve(structure + 1, np.ones((n, n))) is None


def test_the_law_of_strengths_is_told_from_the_normal_one():
    rng = np.random.default_rng(0)
    lognormal = strength_law(np.exp(rng.normal(-3, 1, 400)))
    assert lognormal.gain_interval[0] > 0
    assert lognormal.distance < lognormal.distance_normal
    assert lognormal.distance < 1.3 * lognormal.distance_expected
    np.testing.assert_allclose(lognormal.sd_log10, 1 / np.log(10), rtol=0.15)
    normal = strength_law(rng.normal(10, 2, 400))
    assert normal.gain_interval[0] < 0.05
    assert strength_law(np.ones(50)) is None
