"""Tables of couplings by pair of areas."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.areas.grouping import Areas
from popcode.analysis.areas.sums import Float, Means, off_diagonal, pair_counts, pair_means


class AreaTables(NamedTuple):
    """Couplings over the pairs i != j with i in one area and j in another (or the same).

    Every table is (n_areas, n_areas) and symmetric; nan where there is no pair.

    Attributes
    ----------
    mean, mean_absolute, root_mean_square : ndarray
    fraction_above : ndarray
        Share of pairs with an absolute coupling above the threshold.
    mean_corrected : ndarray
        Mean of the absolute couplings after the average product correction.
    n_pairs : ndarray of int
    threshold : float
    """

    mean: Float
    mean_absolute: Float
    root_mean_square: Float
    fraction_above: Float
    mean_corrected: Float
    n_pairs: NDArray[np.int64]
    threshold: float


class Contrast(NamedTuple):
    """Within areas against between areas, over all pairs of neurons.

    Attributes
    ----------
    within, between : float
        Means.
    ratio : float
        Within / between; nan where the mean between areas is not positive.
    """

    within: float
    between: float
    ratio: float


def area_tables(couplings: NDArray, areas: Areas, threshold: float | None = None) -> AreaTables:
    """Tables of a coupling matrix by pair of areas.

    Parameters
    ----------
    couplings : ndarray, (n_neurons, n_neurons)
        Symmetric; the diagonal is not looked at.
    areas : Areas
    threshold : float, optional
        By default twice the root mean square of all couplings.

    Returns
    -------
    AreaTables

    Raises
    ------
    InputError
        A matrix that is not square, symmetric and finite, or not of these neurons.
    """
    values = off_diagonal(couplings)
    member = areas.member[None].astype(np.float64)
    if threshold is None:
        n_neurons = len(values)
        threshold = 2 * float(np.sqrt((values**2).sum() / max(1, n_neurons * (n_neurons - 1))))
    absolute = np.abs(values)

    def means(of: Float) -> Float:
        return pair_means(of, member).tables[0]

    counts = pair_counts(member)[0].astype(np.int64)
    # Unordered pairs within an area, so that all counts are of pairs of neurons.
    counts[np.diag_indices(areas.n_areas)] //= 2
    return AreaTables(
        mean=means(values),
        mean_absolute=means(absolute),
        root_mean_square=np.sqrt(means(values**2)),
        fraction_above=means((absolute > threshold).astype(np.float64)),
        mean_corrected=means(average_product_corrected(values)),
        n_pairs=counts,
        threshold=threshold,
    )


def average_product_corrected(couplings: Float) -> Float:
    """F_ij - F_i. F_.j / F_.., with F = |couplings| and the means over i != j; diagonal 0.

    F is the Frobenius norm of the 2 x 2 block of a pair in the zero-sum gauge up to a factor of
    2. The correction takes away what a neuron's couplings to all others have in common (Dunn et
    al., Bioinformatics 24:333, 2008).

    Parameters
    ----------
    couplings : ndarray, (n_neurons, n_neurons)
        Symmetric, with 0 on the diagonal.
    """
    norms = np.abs(couplings)
    n_others = max(1, len(norms) - 1)
    means = norms.sum(axis=1) / n_others
    overall = means.mean() if means.size else 0.0
    corrected = norms - np.outer(means, means) / (overall or 1.0)
    np.fill_diagonal(corrected, 0.0)
    return corrected


def contrast(couplings: NDArray, areas: Areas) -> Contrast:
    """Mean over pairs within areas and over pairs between areas, and their ratio."""
    member = areas.member[None].astype(np.float64)
    within, between = within_between(pair_means(off_diagonal(couplings), member))
    ratio = within[0] / between[0] if between[0] > 0 else np.nan
    return Contrast(float(within[0]), float(between[0]), float(ratio))


def within_between(means: Means) -> tuple[Float, Float]:
    """Means over all pairs within and over all pairs between areas, (n,) each; nan for no pair."""
    diagonal = np.eye(means.tables.shape[-1], dtype=bool)
    sums = np.where(means.counts > 0, means.tables * means.counts, 0.0)

    def mean(chosen: NDArray[np.bool_]) -> Float:
        n_pairs = means.counts[:, chosen].sum(axis=1)
        return sums[:, chosen].sum(axis=1) / np.where(n_pairs > 0, n_pairs, np.nan)

    return mean(diagonal), mean(~diagonal)
