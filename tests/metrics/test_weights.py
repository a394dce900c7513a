"""Histograms of weights and degrees of neurons, on matrices whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from popcode.metrics import principal_axes, strong_degrees, weight_law
from popcode.metrics.weights import count_logs, log_edges, scaled_axes, summarise_weights

MATRICES = of_numpy.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 6)),
    elements=st.sampled_from([0.0, -0.5, 0.5, 1.0, 2.0]) | st.floats(-3, 3, width=32),
)


@pytest.fixture(scope="module")
def train():
    return (np.random.default_rng(0).random((300, 40)) < 0.2).astype(np.uint8)


def law_of(weights, train, seed=0):
    return weight_law(weights, train, np.random.default_rng(seed))


def heavy_weights(n_neurons=40, n_hidden=6):
    """Each neuron has one strong weight; the others are a hundredth of it, a third 0."""
    rng = np.random.default_rng(1)
    weights = 0.01 * rng.standard_normal((n_neurons, n_hidden))
    weights[rng.random(weights.shape) < 1 / 3] = 0
    weights[np.arange(n_neurons), np.arange(n_neurons) % n_hidden] = rng.choice([-1, 1], n_neurons)
    return weights.astype(np.float32)


@given(MATRICES)
def test_degrees_sum_to_at_most_one_a_neuron_and_count_the_strongest(matrix):
    degrees = strong_degrees(matrix)
    assert degrees.sum() <= len(matrix)
    strong = np.sort(np.abs(matrix), axis=None)[::-1][: degrees.sum()]
    assert (strong > 0).all()
    if np.unique(np.abs(matrix)).size == matrix.size:
        wanted = min(len(matrix), np.count_nonzero(matrix))
        assert degrees.sum() == wanted


@pytest.mark.parametrize("n_hidden", [2, 7, 50])
def test_degrees_equal_the_articles_percentile(n_hidden):
    weights = np.random.default_rng(0).standard_normal((60, n_hidden))
    threshold = np.percentile(np.abs(weights), 100 - 100 / n_hidden)
    plain = (np.abs(weights) > threshold).sum(axis=1)
    np.testing.assert_array_equal(strong_degrees(weights), plain)
    assert plain.mean() == 1


def test_planted_even_degrees_are_lost_by_shuffling(train):
    weights = heavy_weights()
    law = law_of(weights, train)
    np.testing.assert_array_equal(law.degree_model, [0, 40, 0, 0, 0, 0, 0])
    found = summarise_weights(weights, law)
    assert found["degree_zero"] == 0
    # (1 - 1/6)^6 = .33 of 40 neurons, with a deviation of .07: three of them below it.
    assert found["degree_zero_shuffled"] > 0.33 - 3 * 0.07
    assert found["degree_zero_binomial"] == pytest.approx((5 / 6) ** 6)


def test_shuffled_degrees_follow_the_formula():
    weights = np.random.default_rng(0).standard_normal((20_000, 8)).astype(np.float32)
    train = (np.random.default_rng(0).random((20, 20_000)) < 0.2).astype(np.uint8)
    law = law_of(weights, train)
    # A share of .34 of 20,000 neurons is good to .0034; four times that is allowed.
    assert law.degree_shuffled[0] / 20_000 == pytest.approx((7 / 8) ** 8, abs=0.014)
    assert law.degree_model[0] / 20_000 == pytest.approx((7 / 8) ** 8, abs=0.014)


def test_law_equals_plain_numpy(train):
    weights = heavy_weights()
    law = law_of(weights, train)
    axes_rng, shuffle_rng = np.random.default_rng(0).spawn(2)
    axes = principal_axes(train, 6, axes_rng) * np.sort(np.linalg.norm(weights, axis=0))[::-1]
    for counts, matrix in ((law.model, weights), (law.pca, axes)):
        logs = np.log10(np.abs(matrix[matrix != 0]).astype(float))
        # numpy counts in the outermost bars only what lies within them.
        logs = np.clip(logs, law.edges[0], law.edges[-1])
        np.testing.assert_array_equal(counts, np.histogram(logs, law.edges)[0])
        assert counts.sum() == np.count_nonzero(matrix)
    shuffled = shuffle_rng.permutation(weights.ravel()).reshape(weights.shape)
    for degrees, matrix in (
        (law.degree_model, weights), (law.degree_pca, axes), (law.degree_shuffled, shuffled),
    ):  # fmt: skip
        threshold = np.percentile(np.abs(matrix), 100 - 100 / 6)
        plain = (np.abs(matrix) > threshold).sum(axis=1)
        np.testing.assert_array_equal(degrees, np.bincount(plain, minlength=7))
    found = summarise_weights(weights, law)
    largest = np.abs(weights).max(axis=1)
    assert found["nonzero"] == np.mean(weights != 0)
    assert found["embedded"] == {str(a): np.mean(largest > a) for a in (0.001, 0.01, 0.1)}


def test_axes_take_the_norms_of_the_columns_in_order():
    weights = np.diag([1.0, 3.0, 2.0])
    axes = scaled_axes(weights, np.eye(3)[:, :2])
    np.testing.assert_array_equal(np.linalg.norm(axes, axis=0), [3.0, 2.0])


@pytest.mark.parametrize(
    "weights",
    [
        np.zeros((40, 3)),
        np.ones((40, 3)),
        np.ones((40, 1)),
        np.eye(40)[:, :1],
        np.full((40, 45), 2),
    ],
)
def test_equal_zero_and_single_weights(train, weights):
    law = law_of(weights.astype(np.float32), train)
    assert (np.diff(law.edges) > 0).all()
    assert law.model.sum() == np.count_nonzero(weights)
    n_hidden = weights.shape[1]
    for degrees in (law.degree_model, law.degree_pca, law.degree_shuffled):
        assert degrees.shape == (n_hidden + 1,)
        assert degrees.sum() == 40
    found = summarise_weights(weights, law)
    assert all(0 <= value <= 1 for name, value in found.items() if name != "embedded")


def test_a_column_of_silence_and_bins_that_do_not_vary():
    law = law_of(np.ones((3, 2), np.float32), np.zeros((5, 3), np.uint8))
    assert law.pca.sum() == 0
    assert law.degree_pca[0] == 3


def test_tiny_weights_share_the_lowest_bar():
    matrix = np.array([[1.0, 1e-30, 1e-20]])
    edges = log_edges(matrix)
    assert edges[[0, -1]].tolist() == [-6.0, 0.0]
    counts = count_logs(matrix, edges)
    assert (counts[0], counts[-1], counts.sum()) == (2, 1, 3)


def test_the_same_bits_whatever_the_threads(train):
    results = []
    for n_threads in (1, 2):
        with threadpoolctl.threadpool_limits(n_threads):
            results.append(law_of(heavy_weights(), train))
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)
