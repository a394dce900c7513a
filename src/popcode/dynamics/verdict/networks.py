r"""Exact signatures of random networks, in units of their time constant.

tau dx/dt = -x + A x + noise seen in bins of w time constants. With M = A - I, P_w = exp(M w),
K_w = int_0^w P_u du and R_w = int_0^w (w - u) P_u du, the covariance of bins is
(R_w S + S R_w^T) / w^2 and that of bins l apart P_w^(l-1) K_w^2 S / w^2, S the stationary
covariance. All four double: P_2w = P_w^2, K_2w = K_w + P_w K_w, R_2w = R_w + w K_w + P_w R_w, and
the noise of a stretch, N_2w = N_w + P_w N_w P_w^T, tends to S.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.ensemble import ensemble_eigenvalues, semicircle_quantiles
from popcode.dynamics.verdict.signature import LAGS, Lagged, Signature, signature_of

Float = NDArray[np.floating]
Halves = tuple[NDArray[np.int64], NDArray[np.int64]]
NARROWEST = 0.125  # bin width in time constants that the doubling starts from
_N_TERMS = 10  # of the series there: the eleventh is below 1e-9
_N_MODES = 400
_STREAM = 0x51


class Doubled(NamedTuple):
    """P, K and R of one width."""

    width: float
    carried: Float
    summed: Float
    weighted: Float


class Stationary(NamedTuple):
    """Doublings of a network from the narrowest width, and its stationary covariance."""

    doublings: list[Doubled]
    covariance: Float


def stationary(connectivity: Float) -> Stationary:
    """Double a network until nothing of its start is left.

    Parameters
    ----------
    connectivity : ndarray, (n_neurons, n_neurons)
        Of a largest real part of the eigenvalues below 1.
    """
    now, noise = _narrowest(connectivity)
    doublings = [now]
    while True:
        added = now.carried @ noise @ now.carried.T
        noise = noise + added
        if np.abs(added).max() <= 1e-7 * np.abs(noise).max():
            return Stationary(doublings, noise)
        now = _doubled(now)
        doublings.append(now)


def _narrowest(connectivity: Float) -> tuple[Doubled, Float]:
    """The series of P, K, R and N at the narrowest width."""
    identity = np.eye(len(connectivity), dtype=connectivity.dtype)
    rate = (connectivity - identity) * NARROWEST
    power, derived = identity, identity * NARROWEST
    carried, noise = identity.copy(), derived.copy()
    summed, weighted = identity * NARROWEST, identity * (NARROWEST**2 / 2)
    for k in range(1, _N_TERMS):
        power = power @ rate
        half = rate @ derived
        derived = (half + half.T) / (k + 1)
        carried += power / math.factorial(k)
        summed += power * (NARROWEST / math.factorial(k + 1))
        weighted += power * (NARROWEST**2 / math.factorial(k + 2))
        noise += derived
    return Doubled(NARROWEST, carried, summed, weighted), noise


def _doubled(one: Doubled) -> Doubled:
    width, carried, summed, weighted = one
    return Doubled(
        2 * width,
        carried @ carried,
        summed + carried @ summed,
        weighted + width * summed + carried @ weighted,
    )


def signatures(network: Stationary, place: int, halves: Sequence[Halves]) -> list[Signature]:
    """Signatures at the width of one doubling, of several choices of observed neurons.

    Parameters
    ----------
    network : Stationary
    place : int
        Of the doubling; the width is NARROWEST 2^place time constants.
    halves : sequence of (ndarray of int, ndarray of int)
        Neurons of the first half and of the other.
    """
    one = network.doublings[place]
    half_of_same = one.weighted @ network.covariance
    same = (half_of_same + half_of_same.T) / one.width**2
    scale = 1 / np.sqrt(np.diag(same))
    lagged = [each * scale[:, None] * scale for each in _lagged(network, place)]
    same *= scale[:, None] * scale
    return [
        signature_of(
            same[np.ix_(first, second)],
            [Lagged(each[np.ix_(second, first)].T, each[np.ix_(first, second)]) for each in lagged],
        )
        for first, second in halves
    ]


def _lagged(network: Stationary, place: int) -> list[Float]:
    """Covariances of a bin (rows) with the ones `LAGS` before it, each lag twice the last."""
    one = network.doublings[place]
    found: list[Float] = [one.summed @ (one.summed @ network.covariance) / one.width**2]
    for k in range(len(LAGS) - 1):
        longer = place + k
        if longer < len(network.doublings):
            found.append(network.doublings[longer].carried @ found[-1])
        else:
            found.append(np.zeros_like(found[-1]))
    return found


class Modes(NamedTuple):
    """Leading modes of a symmetric network of radius 1 as some of its neurons see them.

    Attributes
    ----------
    leading : ndarray, (n_modes,)
        Eigenvalues, largest first, the first of them 1.
    rest : ndarray, (n_neurons - n_modes,)
        The others, at their average.
    vectors : ndarray, (n_observed, n_modes)
    """

    leading: Float
    rest: Float
    vectors: Float


def symmetric_modes(n_neurons: int, n_observed: int, seed: int) -> Modes:
    """Draw a dense symmetric network without its matrix.

    Eigenvalues from the ensemble, eigenvectors uniform on the sphere.

    Parameters
    ----------
    n_neurons, n_observed, seed : int
    """
    n_modes = min(_N_MODES, n_neurons)
    values = ensemble_eigenvalues(n_neurons, n_modes, seed)
    rng = np.random.default_rng((seed, _STREAM))
    vectors = np.linalg.qr(rng.standard_normal((n_neurons, n_modes)))[0][:n_observed]
    return Modes(values / values[0], semicircle_quantiles(n_neurons)[n_modes:], vectors)


def symmetric_signature(modes: Modes, radius: float, width: float) -> Signature:
    """Signature of a symmetric network in bins of `width` time constants.

    Modes past the leading 400 have the mean variance of the rest, which halves do not share.
    """
    blocks = [symmetric_block(modes, radius, width, lag) for lag in (0, *LAGS)]
    return signature_of(blocks[0], [Lagged(each, each) for each in blocks[1:]])


def symmetric_block(modes: Modes, radius: float, width: float, lag: int) -> Float:
    """Correlations of bins `lag` apart between two halves of the observed neurons."""
    n_first = len(modes.vectors) // 2
    variances, level = _beyond_rest(modes, radius, width, 0)
    scale = 1 / np.sqrt(modes.vectors**2 @ variances + level)
    leading, _ = _beyond_rest(modes, radius, width, lag)
    seen = modes.vectors * scale[:, None]
    return (seen[:n_first] * leading) @ seen[n_first:].T


def _beyond_rest(modes: Modes, radius: float, width: float, lag: int) -> tuple[Float, float]:
    """Covariance of the leading modes beyond the mean of the rest, and that mean."""
    leading = mode_covariance(modes.leading * radius, width, lag)
    level = 0.0
    if modes.rest.size:
        level = float(mode_covariance(modes.rest * radius, width, lag).mean())
    return leading - level, level


def mode_covariance(values: Float, width: float, lag: int) -> Float:
    """Covariance of the bins of modes `lag` apart.

    Variance 1 / 2(1 - lambda) in continuous time, times 2 (x - 1 + e^-x) / x^2 for a bin of
    x = (1 - lambda) width relaxation times, or ((1 - e^-x) / x)^2 e^-x(lag-1) between bins.
    """
    rates = 1 - np.asarray(values, np.float64)
    x = rates * width
    if lag == 0:
        # Where the series would be needed, x < 1e-3, the bin is short and the factor 1 - x / 3.
        shape = np.where(x < 1e-3, 1 - x / 3, 2 * (x + np.expm1(-x)) / np.maximum(x, 1e-3) ** 2)
    else:
        shape = (np.expm1(-x) / x) ** 2 * np.exp(-x * (lag - 1))
    return shape / (2 * rates)
