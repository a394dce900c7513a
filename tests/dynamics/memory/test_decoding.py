"""Decoders from similarities are those of vectors, and are right when they can and must be."""

import numpy as np
import pytest

from popcode.dynamics.memory.decoding import RIDGE, nearest_mean_accuracy, zero_shot_accuracy
from popcode.dynamics.memory.network import Readouts, neuron_constant
from popcode.dynamics.memory.similarity import correlations, delays_read
from popcode.dynamics.memory.stimuli import Stimuli, aligned_patterns, new_patterns, two_patterns
from popcode.threads import Team


def zscored(x):
    x = x.astype(np.float64)
    x = x - x.mean(axis=1, keepdims=True)
    return x / x.std(axis=1, keepdims=True)


def folds(n):
    return np.arange(n) % 4 < 2


@pytest.fixture
def trials():
    """Read-outs (80, 30) with a trace of one of two patterns."""
    rng = np.random.default_rng(0)
    labels = rng.permutation(80) % 2
    return rng.standard_normal((80, 30)) + 0.3 * rng.standard_normal((2, 30))[labels], labels


def test_similarities_are_correlations_over_neurons():
    rng = np.random.default_rng(1)
    values = rng.standard_normal((3, 40, 25)).astype(np.float32) + 2
    delays = rng.integers(0, 3, (5, 40))
    parts = [Readouts(0, 10, values[..., :10]), Readouts(10, 25, values[..., 10:])]
    found = []
    for n_threads in (1, 3):
        with Team(n_threads) as team:
            found.append(correlations(team, parts, neuron_constant(25), delays))
    assert np.array_equal(*found)
    for p in range(5):
        expected = np.corrcoef(values[delays[p], np.arange(40)])
        np.testing.assert_allclose(found[0][p], expected, atol=1e-5)


def test_similarities_do_not_depend_on_the_coordinates():
    rng = np.random.default_rng(2)
    values = rng.standard_normal((1, 20, 15)).astype(np.float32) + 1
    rotation = np.linalg.qr(rng.standard_normal((15, 15)))[0].astype(np.float32)
    delays = np.zeros((1, 20), int)
    with Team(1) as team:
        plain = correlations(team, [Readouts(0, 15, values)], neuron_constant(15), delays)
        turned = correlations(
            team, [Readouts(0, 15, values @ rotation)], neuron_constant(15) @ rotation, delays
        )
    np.testing.assert_allclose(plain, turned, atol=1e-5)


def test_a_read_out_of_nothing_is_like_no_other():
    values = np.zeros((1, 4, 6), np.float32)
    values[0, 1:] = np.random.default_rng(0).standard_normal((3, 6))
    with Team(1) as team:
        found = correlations(
            team, [Readouts(0, 6, values)], neuron_constant(6), np.zeros((1, 4), int)
        )
    assert (found[0, 0] == 0).all()
    assert np.isfinite(found).all()


def test_delays_are_known_or_any_up_to_the_point():
    known, unknown = delays_read(6, 5000, 0)
    assert (known == np.arange(6)[:, None]).all()
    for k in range(6):
        counts = np.bincount(unknown[k], minlength=6)
        assert (counts[k + 1 :] == 0).all()
        # Shares of 5,000 draws: 5 standard errors.
        np.testing.assert_allclose(counts[: k + 1] / 5000, 1 / (k + 1), atol=5 * 0.5 / 5000**0.5)


def test_nearest_mean_is_that_of_vectors(trials):
    read, labels = trials
    z, first = zscored(read), folds(80)
    right = []
    for train in (first, ~first):
        means = np.stack([z[train & (labels == c)].mean(axis=0) for c in (0, 1)])
        distance = ((z[~train][:, None] - means) ** 2).sum(axis=2)
        right.append(distance.argmin(axis=1) == labels[~train])
    found = nearest_mean_accuracy((z @ z.T / 30).astype(np.float32), labels, first)
    assert found == np.concatenate(right).mean()
    assert 0.5 < found < 1


def test_zero_shot_is_ridge_regression_and_the_nearest_pattern(trials):
    """The primal ridge on vectors, and Euclidean distances, in float64."""
    rng = np.random.default_rng(3)
    patterns = rng.standard_normal((80, 30))
    read = patterns @ rng.standard_normal((30, 30)) + 6 * rng.standard_normal((80, 30))
    x, y, first = zscored(read), zscored(patterns), folds(80)
    right = []
    for train in (first, ~first):
        covariance = x[train].T @ x[train] / train.sum() + RIDGE * 30 * np.eye(30)
        weights = np.linalg.solve(covariance, x[train].T @ y[train] / train.sum())
        distance = ((x[~train] @ weights)[:, None] - y[~train]) ** 2
        right.append(distance.sum(axis=2).argmin(axis=1) == np.arange((~train).sum()))
    order = rng.permutation(80)
    found, control = zero_shot_accuracy(
        (x @ x.T / 30).astype(np.float32), (y @ y.T / 30).astype(np.float32), first, order
    )
    assert found == np.concatenate(right).mean()
    assert 0.1 < found < 1
    assert control < 0.15  # chance is 1 / 40


def test_perfect_and_empty_read_outs():
    rng = np.random.default_rng(4)
    first, order = folds(200), rng.permutation(200)
    patterns = np.corrcoef(rng.standard_normal((200, 20)))
    noise = np.corrcoef(rng.standard_normal((200, 20))).astype(np.float32)
    labels = rng.permutation(200) % 2
    same = (labels[:, None] == labels).astype(np.float32)
    assert zero_shot_accuracy(patterns.astype(np.float32), patterns, first, order)[0] == 1
    assert zero_shot_accuracy(noise, patterns, first, order)[0] < 0.05
    assert nearest_mean_accuracy(same, labels, first) == 1
    assert abs(nearest_mean_accuracy(noise, labels, first) - 0.5) < 0.15


def test_patterns_have_mean_square_one_in_all_tasks():
    leading = np.eye(20, 400, dtype=np.float32)
    for stimuli in (
        two_patterns(60, 400, 0), new_patterns(60, 400, 0), aligned_patterns(60, leading, 0)
    ):  # fmt: skip
        patterns = stimuli.patterns(0, 400)
        assert abs((patterns**2).mean() - 1) < 0.15  # of 20 dimensions or more in 60 trials
        np.testing.assert_allclose(stimuli.patterns(7, 19), patterns[:, 7:19], rtol=1e-5)
        np.testing.assert_allclose(
            stimuli.similarities(neuron_constant(400)), np.corrcoef(patterns), atol=1e-4
        )
    two = two_patterns(60, 400, 0)
    assert np.bincount(two.labels).tolist() == [30, 30]
    assert not np.array_equal(two.directions, two_patterns(60, 400, 1).directions)


def test_similarities_of_rotated_patterns_are_the_same():
    rng = np.random.default_rng(5)
    rotation = np.linalg.qr(rng.standard_normal((30, 30)))[0].astype(np.float32)
    stimuli = Stimuli(
        rng.standard_normal((12, 4)).astype(np.float32), rng.random((4, 30), np.float32)
    )
    turned = stimuli._replace(directions=stimuli.directions @ rotation)
    np.testing.assert_allclose(
        stimuli.similarities(neuron_constant(30)),
        turned.similarities(neuron_constant(30) @ rotation),
        atol=1e-5,
    )
