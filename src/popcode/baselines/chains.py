"""Markov chains of the maximum-entropy models: fixed pieces of compiled work for threads."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.baselines.kernels.glauber import sweep_chains
from popcode.baselines.parameters import Parameters, population_steps
from popcode.estimators.arguments import check_whole
from popcode.threads import Team, pieces

_CHAINS_PER_CALL = 50
_ROWS_PER_DRAW = 4096
_START_STREAM, _SWEEP_STREAM = 1, 2


def chain_pieces(n_chains: int) -> Iterator[tuple[int, int]]:
    """Cut chains into what one call works on."""
    return pieces(n_chains, _CHAINS_PER_CALL)


def gibbs_sweeps(
    team: Team,
    parameters: Parameters,
    chains: NDArray[np.uint8],
    n_sweeps: int,
    first_sweep: int,
    seed: int,
) -> None:
    """Advance chains (n_chains, n_neurons) in place, every neuron once a sweep.

    The draws depend on (seed, sweep, chain, neuron) alone.
    """
    steps = population_steps(parameters.population)
    team.run(
        partial(
            sweep_chains,
            parameters.couplings,
            parameters.fields,
            steps,
            chains[a:b],
            n_sweeps,
            first_sweep,
            a,
            np.uint64(seed),
        )
        for a, b in chain_pieces(len(chains))
    )


def independent_states(
    rates: NDArray[np.float64], n: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Activity of independent neurons with the given rates, (n, n_neurons)."""
    states = np.empty((n, rates.size), np.uint8)
    for a, b in pieces(n, _ROWS_PER_DRAW):
        states[a:b] = rng.random((b - a, rates.size)) < rates
    return states


def sample_states(
    team: Team,
    parameters: Parameters,
    start: NDArray[np.uint8],
    n: int,
    *,
    n_chains: int,
    burn_in: int,
    thin: int,
    seed: int,
) -> NDArray[np.uint8]:
    """Draw states by Gibbs sampling, every chain at even spacing after a burn-in.

    Parameters
    ----------
    team : Team
    parameters : Parameters
    start : ndarray of uint8, (n_states, n_neurons)
        States that chains start from, drawn with replacement.
    n : int
        Samples; drawn from all chains in turn.
    n_chains, burn_in, thin : int
        Chains, sweeps before the first sample and between two samples of one chain.
    seed : int

    Returns
    -------
    ndarray of uint8, (n, n_neurons)

    Raises
    ------
    InputError
        Numbers below 1 (0 for `burn_in`).
    """
    check_whole(n=n, n_chains=n_chains, thin=thin)
    check_whole(least=0, burn_in=burn_in, seed=seed)
    n_chains = min(n_chains, n)
    picked = np.random.default_rng((seed, _START_STREAM)).integers(len(start), size=n_chains)
    chains = np.ascontiguousarray(start[picked])
    key = int(np.random.default_rng((seed, _SWEEP_STREAM)).integers(2**62))
    samples = np.empty((n, parameters.n_neurons), np.uint8)
    gibbs_sweeps(team, parameters, chains, burn_in, 0, key)
    for k, (a, b) in enumerate(pieces(n, n_chains)):
        gibbs_sweeps(team, parameters, chains, thin, burn_in + k * thin, key)
        samples[a:b] = chains[: b - a]
    return samples
