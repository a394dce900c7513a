"""Samples of a fitted model at equilibrium."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from popcode.estimators.arguments import check_whole
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.parameters import Parameters
from popcode.threads import Team

_START_STREAM, _SWEEP_STREAM = 7, 8


def sample_states(
    parameters: Parameters,
    n: int,
    *,
    n_chains: int,
    burn_in: int,
    thin: int,
    seed: int,
    start: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Draw states by block Gibbs sampling, every chain at even spacing after a burn-in.

    Parameters
    ----------
    parameters : Parameters
    n : int
        Samples; drawn from all chains in turn.
    n_chains, burn_in, thin : int
        Chains, sweeps before the first sample and between two samples of one chain.
    seed : int
    start : ndarray of uint8, (n_states, n_neurons), optional
        States that chains start from, drawn with replacement; by default from independent
        neurons with the model's fields.

    Returns
    -------
    ndarray of uint8, (n, n_neurons)

    Raises
    ------
    InputError
        Numbers that are not whole, or below 1 (0 for `burn_in` and `seed`).
    """
    check_whole(n=n, n_chains=n_chains, thin=thin)
    check_whole(least=0, burn_in=burn_in, seed=seed)
    n_chains = min(n_chains, n)
    rng = np.random.default_rng((seed, _START_STREAM))
    if start is None:
        rates = expit(parameters.fields.astype(np.float64))
        chains = (rng.random((n_chains, rates.size)) < rates).astype(np.uint8)
    else:
        chains = np.ascontiguousarray(start[rng.integers(len(start), size=n_chains)])
    key = int(np.random.default_rng((seed, _SWEEP_STREAM)).integers(2**62))
    samples = np.empty((n, parameters.n_neurons), np.uint8)
    done = 0
    with Team() as team:
        for k in range(-(-n // n_chains)):
            first = 0 if k == 0 else burn_in + k * thin
            sweeps = burn_in + thin if k == 0 else thin
            gibbs_sweeps(team, *parameters, chains, sweeps, first, key)
            taken = min(n_chains, n - done)
            samples[done : done + taken] = chains[:taken]
            done += taken
    return samples
