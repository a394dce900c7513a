"""The split of the eLife article: test segments whose statistics are like those of the rest.

The recording is cut into `N_PARTS` equal parts in order of time. Every choice of some of them as
test is scored by two root-mean-square differences between its sides: of the mean activity <v_i>,
and of the covariances <v_i v_j> - <v_i><v_j> of pairs i < j. The two are combined by the sum of
their ranks, and the choice at the 10th percentile is kept. (van der Plas et al. 2023 do not say
how they combine the two; ranks need no scale.)

The moments of the parts are computed once and added up for every choice. Covariances are those
of at most `MAX_NEURONS` neurons, chosen at random with the seed; means are those of all.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from popcode.errors import InputError
from popcode.recording.kinds import row_blocks

N_PARTS = 10
PERCENTILE = 10
MAX_NEURONS = 1000


@dataclass(frozen=True)
class PartMoments:
    """Sums over the bins of every part.

    n_bins (n_parts,); sums (n_parts, n_neurons); products (n_parts, n_subset, n_subset), the
    sums of v_i v_j over the neurons of `subset` (n_subset,).
    """

    n_bins: np.ndarray
    sums: np.ndarray
    products: np.ndarray
    subset: np.ndarray


def matched_test_bins(activity: np.ndarray, test: float, seed: int) -> np.ndarray:
    """Bins to hold out of activity (n_bins, n_neurons), by the article's search.

    Raises
    ------
    InputError
        Fewer than two bins a part.
    """
    n_bins, n_neurons = activity.shape
    if n_bins < 2 * N_PARTS:
        raise InputError(
            f"{n_bins} bins are too few for a matched split of {N_PARTS} parts",
            remedy="Use method='random', or record for longer.",
        )
    subset = neuron_subset(n_neurons, seed)
    edges = np.linspace(0, n_bins, N_PARTS + 1).round().astype(np.int64)
    moments = part_moments(activity, edges, subset)
    n_test = min(max(1, round(test * N_PARTS)), N_PARTS - 1)
    choices = np.array(list(combinations(range(N_PARTS), n_test)))
    is_test = np.zeros((len(choices), N_PARTS), dtype=bool)
    np.put_along_axis(is_test, choices, True, axis=1)
    kept = choices[choice_at_percentile(train_test_differences(moments, is_test))]
    return np.concatenate([np.arange(edges[part], edges[part + 1]) for part in kept])


def neuron_subset(n_neurons: int, seed: int) -> np.ndarray:
    """Neurons whose covariances are compared, increasing: all, or `MAX_NEURONS` at random."""
    if n_neurons <= MAX_NEURONS:
        return np.arange(n_neurons)
    return np.sort(np.random.default_rng(seed).choice(n_neurons, MAX_NEURONS, replace=False))


def part_moments(activity: np.ndarray, edges: np.ndarray, subset: np.ndarray) -> PartMoments:
    """Moments of the parts between `edges` (n_parts + 1,), in one pass over the activity.

    Sums of whole numbers are exact in float64, hence the same whatever the number of threads.
    """
    n_parts, n_neurons = len(edges) - 1, activity.shape[1]
    sums = np.zeros((n_parts, n_neurons))
    products = np.zeros((n_parts, len(subset), len(subset)))
    for part, (start, stop) in enumerate(pairwise(edges)):
        bins = activity[start:stop]
        for rows in row_blocks(len(bins), n_neurons):
            sums[part] += bins[rows].sum(axis=0, dtype=np.float64)
        for rows in row_blocks(len(bins), len(subset)):
            chosen = bins[rows][:, subset].astype(np.float64)
            products[part] += chosen.T @ chosen
    return PartMoments(np.diff(edges).astype(np.float64), sums, products, subset)


def train_test_differences(moments: PartMoments, is_test: np.ndarray) -> np.ndarray:
    """RMSE between the two sides of every choice: of means, and of covariances.

    Parameters
    ----------
    moments : PartMoments
    is_test : ndarray of bool (n_choices, n_parts)

    Returns
    -------
    ndarray (n_choices, 2)
    """
    to_test = is_test / (is_test @ moments.n_bins)[:, None]
    to_train = ~is_test / (~is_test @ moments.n_bins)[:, None]
    of_means = [rms(weights @ moments.sums) for weights in to_train - to_test]
    return np.column_stack([of_means, _covariance_differences(moments, to_train, to_test)])


def _covariance_differences(
    moments: PartMoments, to_train: np.ndarray, to_test: np.ndarray
) -> np.ndarray:
    """RMSE of the covariances of pairs i < j, (n_choices,).

    `to_train` and `to_test` (n_choices, n_parts) turn sums over parts into means over a side.
    All choices go together through blocks of neurons i, so that the moments are read once.
    """
    sums = moments.sums[:, moments.subset]
    train, test = to_train @ sums, to_test @ sums  # means (n_choices, n_subset)
    n_choices, n_subset = train.shape
    squares = np.zeros(n_choices)
    for i in range(n_subset - 1):
        later = slice(i + 1, n_subset)
        difference = (to_train - to_test) @ moments.products[:, i, later]
        difference -= train[:, i, None] * train[:, later] - test[:, i, None] * test[:, later]
        squares += np.einsum("cj,cj->c", difference, difference)
    return np.sqrt(squares / max(1, n_subset * (n_subset - 1) // 2))


def choice_at_percentile(differences: np.ndarray) -> int:
    """Row of `differences` (n_choices, 2) at the 10th percentile of the sum of their ranks.

    Differences equal but for rounding tie, so that the choice does not hang on the last bit:
    with half of the parts held out, a choice and its complement are the same split.
    """
    scale = differences.max(axis=0)
    rounded = np.round(differences / np.where(scale > 0, scale, 1), 10)
    rank_sum = ranks(rounded[:, 0]) + ranks(rounded[:, 1])
    order = np.argsort(rank_sum, kind="stable")
    return int(order[round(PERCENTILE / 100 * (len(order) - 1))])


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1; ties share their average (as scipy.stats.rankdata, which is slow to import)."""
    _, position, n_tied = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(n_tied) - (n_tied - 1) / 2)[position]


def rms(values: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(values**2)))
