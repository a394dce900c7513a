"""Nearest-neighbour accuracy: against loops, 0.5 for one law, and away from it where it must be."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.metrics.nearest import adversarial_accuracy


def draw(rng, n, rate=0.1, n_neurons=12):
    return (rng.random((n, n_neurons)) < rate).astype(np.uint8)


def loop_share(own, other, i):
    """Share of bin i's nearest neighbours that are of its own set."""
    distances = [
        (int(np.sum(own[i] != each[j])), each is own)
        for each in (own, other)
        for j in range(len(own))
        if j != i
    ]
    least = min(distance for distance, _ in distances)
    return np.mean([is_own for distance, is_own in distances if distance == least])


@pytest.mark.parametrize("rate", [0.02, 0.5])
def test_against_loops(rate):
    rng = np.random.default_rng(0)
    truth, samples = draw(rng, 40, rate), draw(rng, 40, 0.2)
    # In each set the partner of bin i is bin i: its neighbour in the other set is left out too.
    found = adversarial_accuracy(truth, samples)
    assert found.truth == pytest.approx(np.mean([loop_share(truth, samples, i) for i in range(40)]))
    assert found.samples == pytest.approx(
        np.mean([loop_share(samples, truth, i) for i in range(40)])
    )


@pytest.mark.parametrize("rate", [0.005, 0.05, 0.3])
def test_one_law_gives_a_half_even_when_most_bins_are_silent(rate):
    rng = np.random.default_rng(1)
    found = [adversarial_accuracy(draw(rng, 60, rate), draw(rng, 60, rate)) for _ in range(200)]
    means = np.array([each.mean for each in found])
    assert abs(means.mean() - 0.5) < 4 * means.std() / np.sqrt(200)
    covered = np.mean([each.low <= 0.5 <= each.high for each in found])
    assert covered > 0.85  # neighbours are shared, so that the interval is a little narrow


def test_too_many_silent_bins_are_seen():
    rng = np.random.default_rng(2)
    truth, samples = draw(rng, 1000), draw(rng, 1000)
    samples[rng.permutation(1000)[:300]] = 0  # beyond the third that are silent anyway
    assert adversarial_accuracy(truth, samples).low > 0.5


def test_copies_are_seen():
    rng = np.random.default_rng(3)
    truth = draw(rng, 300, 0.4, 60)
    samples = np.roll(truth, 1, axis=0)  # not each bin's own partner
    assert adversarial_accuracy(truth, samples).high < 0.1


def test_the_order_of_neurons_and_their_sign_do_not_matter():
    rng = np.random.default_rng(4)
    truth, samples = draw(rng, 100), draw(rng, 100, 0.2)
    order = rng.permutation(12)
    assert adversarial_accuracy(truth, samples) == adversarial_accuracy(
        1 - truth[:, order], 1 - samples[:, order]
    )


def test_controls_bound_a_model_of_common_fluctuations():
    rng = np.random.default_rng(5)

    def correlated(n):
        return (rng.random((n, 60)) < rng.choice([0.05, 0.6], n)[:, None]).astype(np.uint8)

    test, same = correlated(600), correlated(600)
    independent = (rng.random((600, 60)) < same.mean(axis=0)).astype(np.uint8)
    found = adversarial_accuracy(test, same)
    assert found.low < 0.5 < found.high
    assert adversarial_accuracy(test, independent).low > 0.6


def test_sets_that_do_not_match():
    with pytest.raises(InputError, match="as many samples"):
        adversarial_accuracy(np.zeros((3, 4), np.uint8), np.zeros((4, 4), np.uint8))
