"""Lagged ridge DMD: the linear map that carries a population from one bin to a later one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from popcode.dynamics.dmd.bin_pairs import first_bins
from popcode.dynamics.dmd.covariances import lagged_covariances
from popcode.dynamics.dmd.leading import (
    LeadingCovariances,
    leading_of_covariance,
    leading_of_pairs,
)
from popcode.dynamics.dmd.search import leading_by_search
from popcode.dynamics.source import Source, source_of
from popcode.errors import InputError
from popcode.estimators.arguments import check_whole

EXACT_UP_TO = 4000  # neurons or pairs of bins
Float = NDArray[np.float64]
Complex = NDArray[np.complex128]


class Dmd(NamedTuple):
    """A linear map over one lag, in the coordinates of the leading components.

    Attributes
    ----------
    eigenvalues : ndarray of complex, (n_components,)
        Of the operator, the largest modulus first.
    operator : ndarray, (n_components, n_components)
        B in y(t + lag) = B y(t), with y = x @ components.
    components : ndarray, (n_neurons, n_components)
        Orthonormal, the largest variance first.
    variances : ndarray, (n_components,)
        Of the components, over the first bins of the pairs.
    lag : int
        In bins.
    lag_s : float
        In seconds; nan where the bin width is unknown.
    ridge : float
        Relative to the mean variance of a neuron.
    added_variance : float
        The ridge itself, rho.
    n_pairs : int
        Pairs of bins that the map was fitted to.
    """

    eigenvalues: Complex
    operator: Float
    components: Float
    variances: Float
    lag: int
    lag_s: float
    ridge: float
    added_variance: float
    n_pairs: int


def dmd(
    x: Any,
    lag: int = 5,
    n_components: int = 1000,
    ridge: float = 0.01,
    *,
    valid: Any = None,
    standardise: bool = True,
    seed: int = 0,
) -> Dmd:
    """Fit B = C(lag) (C(0) + rho I)^-1 in the space of the leading components.

    C(lag) = <x(t + lag) x(t)ᵀ> and C(0) = <x(t) x(t)ᵀ> are means over the pairs of bins that lie
    in one segment and are both valid; the components are the leading eigenvectors of C(0).
    Without standardisation and ridge, over all components and one bin, it is exact DMD.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), numpy.memmap, or path of a .npy or .h5 file
    lag : int
        In bins. The article's 5 bins are 0.227 s.
    n_components : int
        Fewer where there are fewer neurons, or pairs of bins.
    ridge : float
        rho, relative to the mean variance of a neuron. The article takes 0.01 for two-photon
        recordings and simulations, 0.1 for others.
    valid : array-like of bool, (n_bins,), optional
        Bins that may be used, such as those of one behaviour.
    standardise : bool
        z-score every neuron over all bins first.
    seed : int
        Of the search for the components, where there are more than 4,000 neurons and pairs.

    Returns
    -------
    Dmd

    Raises
    ------
    InputError
        NaN or infinite values, neurons that never change, segments shorter than the lag, too few
        pairs of bins, a covariance that cannot be inverted, impossible settings.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026). Exact DMD: Tu et al., J. Comput. Dyn. 1, 391-421 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> rng, x = np.random.default_rng(0), np.zeros((2000, 2))
    >>> for t in range(1, 2000):
    ...     x[t] = [0.9, 0.5] * x[t - 1] + rng.normal(size=2)
    >>> dmd(x, lag=1, ridge=0.0).eigenvalues.real.round(1).tolist()
    [0.9, 0.5]
    """
    check_whole(lag=lag, n_components=n_components)
    check_whole(least=0, seed=seed)
    check_ridge(ridge)
    source = source_of(x, standardise=standardise)
    return dmd_of_source(source, lag, n_components, ridge, valid, seed)


def dmd_of_source(
    source: Source, lag: int, n_components: int, ridge: float, valid: Any = None, seed: int = 0
) -> Dmd:
    """`dmd` of a recording that is read block by block."""
    starts = first_bins(source.segment_starts, source.n_bins, lag, valid)
    leading = leading_components(source, starts, lag, n_components, seed)
    added = ridge * leading.mean_variance
    return Dmd(
        eigenvalues=eigenvalues_of(leading.variances, leading.lagged, added),
        operator=leading.lagged / (leading.variances + added),
        components=leading.components,
        variances=leading.variances,
        lag=lag,
        lag_s=lag * source.bin_s,
        ridge=ridge,
        added_variance=added,
        n_pairs=leading.n_pairs,
    )


def leading_components(
    source: Source, starts: NDArray[np.int64], lag: int, n_components: int, seed: int
) -> LeadingCovariances:
    """Exact by whichever is smaller, neurons or pairs of bins; by a search where both are many."""
    if min(starts.size, source.n_neurons) > EXACT_UP_TO and n_components < EXACT_UP_TO:
        return leading_by_search(source.read, starts, lag, source.n_neurons, n_components, seed)
    if starts.size < source.n_neurons:
        return leading_of_pairs(source.read, starts, lag, n_components)
    whole = lagged_covariances(source.read, starts, lag, source.n_neurons)
    return leading_of_covariance(whole, n_components)


def eigenvalues_of(variances: Float, lagged: Float, added: float) -> Complex:
    """Eigenvalues of the operator where C(0) is diagonal, the largest modulus first.

    Those of D^-1/2 C(lag) D^-1/2, D = C(0) + rho I: similar to B, and symmetric where C(lag) is,
    as of a symmetric network.

    Parameters
    ----------
    variances : ndarray, (n_components,)
    lagged : ndarray, (n_components, n_components)
    added : float
        rho, in units of variance.
    """
    root = np.sqrt(variances + added)
    return largest_first(scipy.linalg.eigvals(lagged / root / root[:, None], check_finite=False))


def eigenvalues_between(same: Float, lagged: Float, added: float) -> Complex:
    """As `eigenvalues_of`, for any C(0).

    Raises
    ------
    InputError
        C(0) + rho I that cannot be inverted.
    """
    raised = same + added * np.eye(len(same))
    try:
        root = scipy.linalg.cholesky(raised, lower=True, overwrite_a=True, check_finite=False)
    except np.linalg.LinAlgError as error:
        raise InputError(
            f"the covariance of {len(same):,} components cannot be inverted",
            remedy="Give a ridge above 0, or fewer components",
        ) from error
    half = scipy.linalg.solve_triangular(root, lagged, lower=True, check_finite=False)
    whole = scipy.linalg.solve_triangular(root, half.T, lower=True, check_finite=False).T
    return largest_first(scipy.linalg.eigvals(whole, check_finite=False))


def largest_first(eigenvalues: Complex) -> Complex:
    """Sorted by modulus, then real part, then imaginary part."""
    order = np.lexsort((-eigenvalues.imag, -eigenvalues.real, -np.abs(eigenvalues)))
    return eigenvalues[order]


def check_ridge(ridge: float) -> None:
    """Refuse a ridge that is no finite number from 0 up.

    Raises
    ------
    InputError
    """
    if not 0 <= ridge < np.inf:
        raise InputError(f"ridge is {ridge!r}", remedy="Give a number of at least 0")
