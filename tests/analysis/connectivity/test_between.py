"""Agreement between animals: what is shared is found, and what is not is chance."""

import numpy as np
import pytest

from popcode.analysis.connectivity import RegionalMatrix, between_animals, similarities
from popcode.errors import InputError

N = 15
NAMES = tuple(f"r{k:02d}" for k in range(N))


def animals(noise, n=3, seed=0):
    """Log strengths that share a part of variance 1, each with noise of its own."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(N, N))
    found = []
    for _ in range(n):
        logs = shared + noise * rng.normal(size=(N, N))
        logs = np.tril(logs) + np.tril(logs, -1).T
        found.append(RegionalMatrix(NAMES, np.exp(logs), np.full(N, 9), 100))
    return found


def test_the_mean_is_what_was_planted():
    found = between_animals(animals(1.0), 100)
    # Variances 1 shared, 1 own: r = .5; standard error of three means of 120 entries is .07.
    assert abs(found.mean - 0.5) < 0.2
    assert found.interval[0] < found.mean < found.interval[1]
    assert found.chance < found.interval[0]
    assert found.p < 0.05
    assert found.n_entries == N * (N + 1) // 2
    off = found.pearson[np.tril_indices(3, -1)]
    np.testing.assert_allclose(off.mean(), found.mean)


def test_animals_that_share_nothing_are_within_chance():
    unlike = [animals(0.1, 1, seed)[0] for seed in range(3)]
    found = between_animals(unlike, 100)
    assert found.p > 0.05
    assert found.interval[0] < 0 < found.interval[1]


def test_regions_are_matched_by_name_and_scale_does_not_matter():
    first = animals(1.0, 1)[0]
    order = np.random.default_rng(1).permutation(N)
    renamed = RegionalMatrix(
        tuple(np.array(NAMES)[order]), 7 * first.values[np.ix_(order, order)], first.sizes, 50
    )
    np.testing.assert_allclose(similarities([first, renamed]), 1)
    np.testing.assert_allclose(between_animals([first, renamed], 100).interval, 1)


def test_one_animal_or_animals_of_other_regions_are_refused():
    first = animals(1.0, 1)[0]
    with pytest.raises(InputError, match="one animal"):
        between_animals([first])
    other = first._replace(names=tuple(f"s{k}" for k in range(N)))
    with pytest.raises(InputError, match="in common"):
        between_animals([first, other])
