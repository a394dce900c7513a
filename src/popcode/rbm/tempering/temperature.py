"""Joint temperature tempering: rungs at inverse temperatures of the energy of both layers."""

import numpy as np

from popcode.rbm.ladder import Ladder
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering.independent import independent_log_partition
from popcode.rbm.tempering.path import between, path_ladder
from popcode.threads import Team


def heated(parameters: Parameters, beta: float) -> Parameters:
    r"""The model with the law exp(-beta E(v, h)) of both layers.

    Its free energy is that of the beta-marginal,

        F_beta(v) = -beta b.v - sum_a ln(1 + exp(beta (c_a + (v W)_a))),

    which is not beta F_1(v): swaps by the latter break detailed balance with sweeps at beta.
    """
    return between(_flat(parameters), parameters, beta)


def temperature_ladder(
    team: Team,
    parameters: Parameters,
    *,
    seed: int,
    target: float = 0.3,
    n_chains: int = 1000,
    n_sweeps: int = 50,
    max_rungs: int = 100,
) -> Ladder:
    """Rungs from beta = 0, where states are independent draws, to 1, chosen by acceptance.

    For a model whose training left no trajectory: give the ladder to `tempered_samples`. At
    beta = 0 half of the neurons fire, which is far from any recording: the rungs grow as the root
    of the number of neurons. `path_ladder` from `independent_rung` is shorter for sparse activity.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    parameters : Parameters
        With binary hidden units.
    seed, target, n_chains, n_sweeps, max_rungs
        As for `path_ladder`, which says what is raised.
    """
    flat = _flat(parameters)
    return path_ladder(
        team,
        flat,
        parameters,
        independent_log_partition(flat),
        seed=seed,
        target=target,
        n_chains=n_chains,
        n_sweeps=n_sweeps,
        max_rungs=max_rungs,
    )


def inverse_temperatures(ladder: Ladder) -> tuple[float, ...]:
    """Beta of each rung of a temperature ladder, from the size of its parameters."""
    sizes = [
        np.sqrt(sum(np.sum(np.square(each, dtype=np.float64)) for each in _arrays(rung)))
        for rung in ladder.rungs
    ]
    return tuple(float(size / sizes[-1]) for size in sizes)


def _arrays(parameters: Parameters) -> tuple:
    return (parameters.weights, parameters.fields, *parameters.hidden)


def _flat(parameters: Parameters) -> Parameters:
    """The model at infinite temperature."""
    weights = np.zeros(parameters.weights.shape, np.float32)
    fields = np.zeros(parameters.n_neurons, np.float32)
    return Parameters(weights, fields, Bernoulli(np.zeros(parameters.n_hidden)))
