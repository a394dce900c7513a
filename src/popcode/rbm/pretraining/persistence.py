"""Whether the states of a model are clusters: whether Gibbs sampling stays in them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.parameters import Parameters
from popcode.rbm.pretraining.small import as_mixture, drawn
from popcode.rbm.tree.states import merged
from popcode.rbm.tree.tap import fixed_points
from popcode.threads import Team

_N_CHAINS, _N_SWEEPS = 1000, 10
_RADIUS = 0.1
# Share of chains, beyond chance, that keep their state where there are clusters.
_CLUSTERED = 0.5
_DRAWS_STREAM, _SWEEPS_STREAM = 44, 45


class Persistence(NamedTuple):
    """States of a model, and how long chains at equilibrium stay in them.

    Attributes
    ----------
    weights : ndarray of float64, (n_states,)
        Share of the chains that begin in each state, largest first.
    rates : ndarray of float64, (n_states, n_neurons)
        Mean activities at each state's fixed point.
    kept : float
        Share of chains in the state they began in after `n_sweeps` sweeps.
    by_chance : float
        The same share if every sweep were an independent draw.
    n_sweeps : int
    """

    weights: NDArray[np.float64]
    rates: NDArray[np.float64]
    kept: float
    by_chance: float
    n_sweeps: int

    @property
    def clustered(self) -> bool:
        """Whether at least half of the chains that could leave by chance stay."""
        return self.kept - self.by_chance >= _CLUSTERED * (1 - self.by_chance) > 0


def persistence(parameters: Parameters, seed: int) -> Persistence:
    """Count the mean-field states of a model with few hidden units, and the chains that stay.

    The mean-field fixed points are the tree's at the first order of the expansion, which is safe
    at any strength of the weights.
    """
    rng = np.random.default_rng((seed, _DRAWS_STREAM))
    first = drawn(as_mixture(parameters), _N_CHAINS, rng)
    last = first.copy()
    key = int(np.random.default_rng((seed, _SWEEPS_STREAM)).integers(2**62))
    if parameters.n_hidden:
        with Team() as team:
            gibbs_sweeps(team, *parameters, last, _N_SWEEPS, 0, key)
    labels, states = merged(fixed_points(parameters, np.concatenate([first, last]), 1), _RADIUS)
    before, after = labels[:_N_CHAINS], labels[_N_CHAINS:]
    counts = np.bincount(before, minlength=len(states.visible))
    held = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    weights = counts[held] / _N_CHAINS
    rates = states.visible[held].astype(np.float64)
    kept, by_chance = float((before == after).mean()), float((weights**2).sum())
    return Persistence(weights, rates, kept, by_chance, _N_SWEEPS)
