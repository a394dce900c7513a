"""Bennett's acceptance ratio: the ratio of two partition functions from samples of both models.

With x = F_k - F_{k+1} on states of model k and y the same on states of model k + 1, the log of
the ratio D = ln Z_{k+1} - ln Z_k solves <s(x - D)>_k = <s(D - y)>_{k+1}, s the logistic function,
for equal numbers of states; for n_k and n_{k+1} of them D + ln(n_k / n_{k+1}) stands in the place
of D, and sums in that of means. Bennett, J. Comput. Phys. 22, 245 (1976), equations 12 and 14. It
is the estimate of least variance, and serves works of forward and reverse annealing as well
(Crooks, PRE 61, 2361, 2000).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import log_expit, logsumexp

from popcode.errors import InputError
from popcode.rbm.energies import free_energies
from popcode.rbm.ladder import Ladder
from popcode.rbm.parameters import Parameters
from popcode.threads import Team

Float = NDArray[np.float64]
# With fewer states than these that either model could have given, their spread tells no error.
_FEWEST_SHARED = 5


class LogRatio(NamedTuple):
    """Estimate of ln Z_{k+1} - ln Z_k.

    Attributes
    ----------
    value, standard_error : float
        Nats.
    overlap : float
        Share of states that either model could have given, from 0 to 1.
    below, above : ndarray of float64, (n_chains,), (n_chains_above,)
        What every chain of either model adds to the error: it is the mean of the first less the
        mean of the second.
    unseen : float
        Variance that chains cannot tell, 0 but where hardly any state overlaps.
    """

    value: float
    standard_error: float
    overlap: float
    below: Float
    above: Float
    unseen: float


class LadderPartition(NamedTuple):
    """Ln Z of every rung of a ladder.

    Attributes
    ----------
    values, standard_errors : ndarray of float64, (n_rungs,)
        Nats; the last is the model wanted.
    overlaps : ndarray of float64, (n_rungs - 1,)
        Of every rung with the next.
    """

    values: Float
    standard_errors: Float
    overlaps: Float


def bennett_ratio(forward: Float, backward: Float) -> LogRatio:
    """Estimate the log ratio of two partition functions.

    Parameters
    ----------
    forward : ndarray of float64, (n_chains,) or (n_rounds, n_chains)
        F_k(v) - F_{k+1}(v) on states of the lower model. Chains are independent; rounds of one
        chain need not be, and the error is taken between chains.
    backward : ndarray of float64, (n_chains_above,) or (n_rounds, n_chains_above)
        F_k(v) - F_{k+1}(v) on states of the upper model.

    Returns
    -------
    LogRatio

    Raises
    ------
    InputError
        Fewer than two chains, or values that are not finite.
    """
    forward, backward = _by_round(forward), _by_round(backward)
    offset = np.log(forward.size / backward.size)
    value = _root(forward.ravel(), backward.ravel(), offset)
    up, mean_up = _by_chain(log_expit(forward - value - offset))
    down, _ = _by_chain(log_expit(value - backward + offset))
    overlap = float(np.exp(mean_up) * (1 + forward.size / backward.size))
    shared = overlap * min(up.size, down.size)
    # <x>_k <= D <= <y>_{k+1} holds always (Gibbs, Bogoliubov); without overlap it is all we know.
    unseen = (backward.mean() - forward.mean()) ** 2 / 4 if shared < _FEWEST_SHARED else 0.0
    variance = up.var(ddof=1) / up.size + down.var(ddof=1) / down.size + unseen
    error = float(np.sqrt(variance))
    return LogRatio(value, error, overlap, up, down, float(unseen))


def _by_chain(log_values: Float) -> tuple[Float, float]:
    """Each chain's mean over that of all, less 1, (n_chains,); the log of the mean of all."""
    log_mean = float(logsumexp(log_values) - np.log(log_values.size))
    return np.exp(log_values - log_mean).mean(axis=0) - 1, log_mean


def _by_round(values: Float) -> Float:
    values = np.atleast_2d(np.asarray(values, np.float64))
    if values.shape[1] < 2 or not np.isfinite(values).all():
        raise InputError(
            f"{values.shape[1]} chains, of which {np.isfinite(values).all(axis=0).sum()} have "
            "finite free energies",
            remedy="Give at least two chains of each model",
        )
    return values


def _root(forward: Float, backward: Float, offset: float) -> float:
    """Where the two sums of acceptances are equal: their log ratio falls with the value."""

    def gap(value: float) -> float:
        up = logsumexp(log_expit(forward - value - offset))
        return float(up - logsumexp(log_expit(value - backward + offset)))

    margin = 1 + abs(offset) + np.log(forward.size + backward.size)
    low = min(forward.min(), backward.min()) - margin
    high = max(forward.max(), backward.max()) + margin
    return float(brentq(gap, low, high, xtol=1e-10))


def ladder_works(team: Team, rungs: tuple[Parameters, ...], chains: NDArray[np.uint8]) -> Float:
    """F_k - F_{k+1} on the chains of both rungs of every pair, (n_rungs - 1, 2, n_chains).

    Parameters
    ----------
    team : Team
        Entered by the caller.
    rungs : tuple of Parameters
    chains : ndarray of uint8, (n_rungs, n_chains, n_neurons)
    """
    works = np.empty((len(rungs) - 1, 2, chains.shape[1]))
    for k in range(len(works)):
        for which, states in enumerate(chains[k : k + 2]):
            lower = free_energies(team, rungs[k], states)
            works[k, which] = lower - free_energies(team, rungs[k + 1], states)
    return works


def ladder_log_partition(
    works: Float, log_partition: float, standard_error: float = 0.0
) -> LadderPartition:
    """Add up Bennett's ratios along a ladder.

    Parameters
    ----------
    works : ndarray of float64, (n_rounds, n_rungs - 1, 2, n_chains)
        From `ladder_works`, one a round of tempering. A chain is one column through all rungs and
        rounds: exchanges stay within it, so that columns are independent whatever the correlation
        between rungs and in time, and the error is taken between columns.
    log_partition, standard_error : float
        Of the lowest rung.

    Raises
    ------
    InputError
        Fewer than two chains, or free energies that are not finite.
    """
    ratios = [bennett_ratio(*works[:, k].swapaxes(0, 1)) for k in range(works.shape[1])]
    values = np.cumsum([log_partition, *(ratio.value for ratio in ratios)])
    influences = np.cumsum([ratio.below - ratio.above for ratio in ratios], axis=0)
    unseen = np.cumsum([ratio.unseen for ratio in ratios])
    variances = influences.var(axis=1, ddof=1) / works.shape[-1] + unseen
    errors = np.sqrt(standard_error**2 + np.append(0, variances))
    return LadderPartition(values, errors, np.array([ratio.overlap for ratio in ratios]))


def log_partition_of_ladder(ladder: Ladder) -> LadderPartition:
    """Ln Z of every rung of a ladder, from the chains it holds."""
    with Team() as team:
        works = ladder_works(team, ladder.rungs, ladder.chains)
    return ladder_log_partition(works[None], ladder.log_partition)
