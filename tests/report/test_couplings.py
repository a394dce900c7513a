"""Figures of couplings show what they are given."""

import numpy as np
import pytest

from popcode.analysis.areas import Areas, labelled, places_of, survey_areas
from popcode.recording import Recording
from popcode.report.figures import couplings as figures
from popcode.report.figures.canvas import drawn

LABELS = np.repeat(["VISp", "CA1", "LP"], [20, 15, 10])


@pytest.fixture(scope="module")
def values():
    upper = np.triu(np.random.default_rng(0).normal(size=(45, 45)), 1)
    return upper + upper.T


@pytest.fixture(scope="module")
def survey(values):
    depths = np.random.default_rng(1).uniform(0, 900, 45)
    table = {"region": LABELS, "probe": ["A", "B", "C"] * 15, "probe_vertical_position": depths}
    recording = Recording(np.zeros((3, 45), np.uint8), neurons=table)
    return survey_areas(values, places_of(recording), n_shuffles=30)


def test_neurons_are_sorted_by_area_and_those_of_none_left_out():
    labels = np.array(["b", "a", "", "b", "a"], object)
    order, sizes = figures.sorted_by_area(labelled(labels, least=1))
    assert order.tolist() == [1, 4, 0, 3]
    assert sizes.tolist() == [2, 2]


def test_squares_are_means_of_pairs_without_the_diagonal(values):
    marked = values + 50 * np.eye(45)
    squares, width = figures.in_squares(marked, most=12)
    assert (width, squares.shape) == (4, (12, 12))
    assert squares[0, 1] == pytest.approx(values[:4, 4:8].mean())
    assert squares[0, 0] == pytest.approx(values[:4, :4].sum() / 12)
    assert squares[11, 11] == 0  # a single neuron is left over, which has no pair
    same, one = figures.in_squares(values, most=45)
    assert one == 1
    np.testing.assert_array_equal(same, values)


def test_every_pair_is_within_or_between(values):
    within, between = figures.within_and_between(values, labelled(LABELS))
    assert (within.size, between.size) == (190 + 105 + 45, 20 * 15 + 20 * 10 + 15 * 10)
    both = np.sort(np.concatenate([within, between]))
    np.testing.assert_array_equal(both, np.sort(values[np.triu_indices(45, 1)]))


def test_every_figure_says_what_it_shows(values, survey):
    makers = {
        "matrix": (figures.draw_coupling_matrix, (values, survey.areas), "coupling"),
        "areas": (figures.draw_area_table, (survey,), "shuffled within probes"),
        "pairs": (figures.draw_within_between, (values, survey.areas), "within areas: mean"),
        "all": (figures.draw_couplings, (values[np.triu_indices(45, 1)],), "coupling (nats)"),
        "far": (figures.draw_distance_curve, (survey.distance,), "if distance did not matter"),
    }
    for name, (make, arguments, words) in makers.items():
        svg = drawn(name, "a figure", lambda make=make, arguments=arguments: make(*arguments))
        assert words in svg
        assert f'id="{name}-' in svg


def test_extremes_are_drawn():
    one = Areas(("only",), np.ones((9, 1), bool), ())
    drawn("a", "", lambda: figures.draw_coupling_matrix(np.zeros((9, 9)), one))
    drawn("b", "", lambda: figures.draw_within_between(np.zeros((9, 9)), one))
    drawn("d", "", lambda: figures.draw_couplings(np.zeros(0)))
    drawn("e", "", lambda: figures.draw_couplings(np.zeros(9)))
