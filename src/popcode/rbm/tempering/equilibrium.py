"""Do samples depend on where their chains started? The group's test of equilibrium, with a null."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.parameters import Parameters
from popcode.threads import Team

_SPLIT_STREAM, _START_STREAM, _SWEEP_STREAM = 27, 28, 29
# Covariances are compared among the neurons that vary most: enough to tell, and cheap.
_MOST_NEURONS = 200
_N_COMPONENTS, _N_BINS = 4, 20
_FEWEST_SAMPLES = 50


class Distance(NamedTuple):
    """How far apart two sets of samples are, beside sets that are one by construction.

    Attributes
    ----------
    value : float
    null, null_high : float
        Mean and 95th percentile over random splits of both sets together. A value within
        `null_high` is what chance makes; `value / null` says how many times as large it is.
    p_value : float
        Share of the splits as far apart, counting the sets themselves; at least 1/(n_splits + 1).
    """

    value: float
    null: float
    null_high: float
    p_value: float


class Comparison(NamedTuple):
    """Two sets of samples compared.

    Attributes
    ----------
    means : Distance
        Root mean square difference of the mean activities.
    covariances : Distance
        The same of the covariances, among the (at most 200) neurons that vary most.
    projections : Distance
        Total variation (0 alike, 1 apart) of histograms along the principal components of both
        sets together, mean over the first four: wells that one set misses show here.
    """

    means: Distance
    covariances: Distance
    projections: Distance

    @property
    def differ(self) -> bool:
        """Whether any distance exceeds chance at 5 %, corrected for there being three."""
        return min(distance.p_value for distance in self) < 0.05 / len(self)


class EquilibriumTest(NamedTuple):
    """Samples of one model from three starts; at equilibrium none can be told from another.

    `data_random` apart: chains remember their start after so many sweeps. `data_tempered` alone
    alike: the random start has not arrived. Both Gibbs sets alike but apart from the tempered
    one: wells that neither start reaches, or a ladder without round trips.
    """

    data_random: Comparison
    data_tempered: Comparison
    random_tempered: Comparison


def compare_starts(
    team: Team,
    parameters: Parameters,
    data: NDArray[np.uint8],
    tempered: NDArray[np.uint8],
    *,
    n_sweeps: int,
    seed: int,
    n_splits: int = 199,
) -> EquilibriumTest:
    """Sweep chains from data and from random states; compare them and the tempered samples.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    parameters : Parameters
    data : ndarray of uint8, (n_bins, n_neurons)
        Binary.
    tempered : ndarray of uint8, (n_samples, n_neurons)
        Independent of one another, best one a chain; as many chains start from each other state.
    n_sweeps : int
        Gibbs sweeps of every chain.
    seed, n_splits : int

    Raises
    ------
    InputError
        Fewer than 50 samples.
    """
    rng = np.random.default_rng((seed, _START_STREAM))
    n, n_neurons = tempered.shape
    starts = (
        np.ascontiguousarray(data[rng.integers(len(data), size=n)]),
        rng.integers(2, size=(n, n_neurons), dtype=np.uint8),
    )
    keys = np.random.default_rng((seed, _SWEEP_STREAM)).integers(2**62, size=2)
    for chains, key in zip(starts, keys, strict=True):
        gibbs_sweeps(team, *parameters, chains, n_sweeps, 0, int(key))
    from_data, from_random = starts
    return EquilibriumTest(
        compare_samples(from_data, from_random, seed=seed, n_splits=n_splits),
        compare_samples(from_data, tempered, seed=seed, n_splits=n_splits),
        compare_samples(from_random, tempered, seed=seed, n_splits=n_splits),
    )


def compare_samples(
    first: NDArray[np.uint8], second: NDArray[np.uint8], *, seed: int, n_splits: int = 199
) -> Comparison:
    """Distances of two sets of independent samples, (n, n_neurons) each, with their nulls.

    Raises
    ------
    InputError
        Fewer than 50 samples in a set, or sets of different neurons.
    """
    _check(first, second)
    both = np.concatenate([first, second])
    features = _Features(both.astype(np.float32))
    rng = np.random.default_rng((seed, _SPLIT_STREAM))
    is_first = np.arange(len(both)) < len(first)
    seen = np.array([features.distances(is_first)])
    null = np.array([features.distances(rng.permutation(is_first)) for _ in range(n_splits)])
    as_far = (null >= seen).sum(axis=0)
    return Comparison(
        *(
            Distance(
                float(seen[0, k]),
                float(null[:, k].mean()),
                float(np.percentile(null[:, k], 95)),
                float((1 + as_far[k]) / (1 + n_splits)),
            )
            for k in range(3)
        )
    )


def _check(first: NDArray, second: NDArray) -> None:
    if min(len(first), len(second)) < _FEWEST_SAMPLES or first.shape[1] != second.shape[1]:
        raise InputError(
            f"samples of shapes {first.shape} and {second.shape} cannot be compared",
            remedy=f"Give at least {_FEWEST_SAMPLES} samples of the same neurons in each set",
        )


class _Features:
    """What the distances are made of, once for all splits of the samples."""

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self._samples = samples
        variance = samples.var(axis=0)
        chosen = np.sort(np.argsort(-variance, kind="stable")[:_MOST_NEURONS])
        self._varying = samples[:, chosen] - samples[:, chosen].mean(axis=0)
        self._cells = self._binned_projections()

    def _binned_projections(self) -> NDArray[np.intp]:
        """Bin of every sample along each principal component, (n_components, n_samples)."""
        covariance = self._varying.T @ self._varying
        axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :_N_COMPONENTS]
        projections = (self._varying @ axes).T
        edges = [np.quantile(row, np.linspace(0, 1, _N_BINS + 1)[1:-1]) for row in projections]
        return np.stack(
            [np.searchsorted(e, row) for e, row in zip(edges, projections, strict=True)]
        )

    def distances(self, is_first: NDArray[np.bool_]) -> tuple[float, float, float]:
        """Of the means, the covariances and the projections of the two sets."""
        gap = self._samples[is_first].mean(axis=0) - self._samples[~is_first].mean(axis=0)
        return (
            float(np.sqrt(np.mean(gap**2))),
            self._covariance_distance(is_first),
            self._histogram_distance(is_first),
        )

    def _covariance_distance(self, is_first: NDArray[np.bool_]) -> float:
        gap = _covariance(self._varying[is_first]) - _covariance(self._varying[~is_first])
        pairs = gap[np.triu_indices(len(gap), 1)]
        return float(np.sqrt(np.mean(pairs**2))) if pairs.size else 0.0

    def _histogram_distance(self, is_first: NDArray[np.bool_]) -> float:
        found = []
        for cells in self._cells:
            one = np.bincount(cells[is_first], minlength=_N_BINS) / is_first.sum()
            other = np.bincount(cells[~is_first], minlength=_N_BINS) / (~is_first).sum()
            found.append(np.abs(one - other).sum() / 2)
        return float(np.mean(found))


def _covariance(rows: NDArray[np.float32]) -> NDArray:
    mean = rows.mean(axis=0)
    return rows.T @ rows / len(rows) - np.outer(mean, mean)
