"""The partition function along a training run, from chains that are weighted as the model moves.

Annealed importance sampling whose path is the training itself: chains that sweep under each model
gain log weight F_old(v) - F_new(v) when it moves on, and ln Z = ln Z_0 + log mean weight. Béreux,
Decelle, Furtlehner, Rosset and Seoane, ICLR 2025. Where few chains carry the weight, chains are
drawn anew by their weights (sequential Monte Carlo; Del Moral, Doucet and Jasra, 2006).
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.cpu import gibbs_pieces
from popcode.rbm.energies import free_energies, write_energies, write_energies_of_inputs
from popcode.rbm.likelihood.estimates import (
    effective_samples,
    log_mean,
    log_mean_variance,
    normalised_weights,
    systematic_choice,
)
from popcode.rbm.parameters import Parameters
from popcode.threads import Team

# Chains are drawn anew where fewer than this share of them carry the weight, and families are
# counted anew where fewer than this share of them do.
LEAST_EFFECTIVE_SHARE, _LEAST_FAMILIES_SHARE = 0.3, 0.1
_SWEEP_STREAM, _RESAMPLING_STREAM = 33, 34


class OnlinePartition(NamedTuple):
    """An estimate of ln Z with its standard error, and how many chains carry it."""

    value: float
    standard_error: float
    effective_chains: float


class TrajectoryPartition:
    """Chains and weights that follow a fit; all they hold is plain arrays and numbers.

    Chains drawn from one another are not independent, so the variance is taken between families,
    the descendants of every chain (Lee and Whiteley, Biometrika 105, 609, 2018). When few families
    are left, their variance is set aside and every chain founds a new one.

    Parameters
    ----------
    chains : ndarray of uint8, (n_chains, n_neurons)
        Independent draws of the start of the fit; changed in place.
    log_partition : float
        ln Z of the start of the fit.
    energies : ndarray of float64, (n_chains,)
        Free energies of the chains under the start of the fit.
    seed : int

    Attributes
    ----------
    log_weights : ndarray of float64, (n_chains,)
        Gained since chains were last drawn anew.
    families : ndarray of int64, (n_chains,)
        Which chain each descends from.
    log_partition, variance : float
        ln Z when chains were last drawn anew; its variance when families were last founded.
    n_steps : int
        Models followed; with the seed it determines every random number to come.
    """

    def __init__(
        self,
        chains: NDArray[np.uint8],
        log_partition: float,
        energies: NDArray[np.float64],
        seed: int,
    ) -> None:
        self.chains, self.energies, self.seed = chains, energies, seed
        self.log_weights, self.families = np.zeros(len(chains)), np.arange(len(chains))
        self.log_partition, self.variance, self.n_steps = log_partition, 0.0, 0

    def follow(self, team: Team, parameters: Parameters) -> float:
        """Weigh the chains as the model moves to `parameters`, then sweep them under it.

        Returns the standard deviation over the chains of what their log weights gained.
        """
        self.n_steps += 1
        gained = self._moved(team, parameters)
        self.log_weights += gained
        # A sweep leaves weights as they are: chains may be drawn anew after it as well as before.
        if effective_samples(self.log_weights) < LEAST_EFFECTIVE_SHARE * len(self.chains):
            self._draw_anew()
        return float(gained.std())

    def _moved(self, team: Team, parameters: Parameters) -> NDArray[np.float64]:
        """Sweep the chains under a new model; gives what their log weights gain, (n_chains,)."""
        n = len(self.chains)
        inputs, gained = np.empty((n, parameters.n_hidden), np.float32), np.empty(n)
        theta = parameters.hidden.theta.astype(np.float32)
        key = int(np.random.default_rng((self.seed, _SWEEP_STREAM)).integers(2**62))
        sweeps = gibbs_pieces(*parameters, self.chains, inputs, 1, self.n_steps, key)
        team.run(
            partial(
                _weigh_and_sweep, sweep, parameters, theta, self.chains[a:b], inputs[a:b],
                self.energies[a:b], gained[a:b],
            )
            for (a, b), sweep in sweeps
        )  # fmt: skip
        return gained

    def anchor(
        self,
        team: Team,
        parameters: Parameters,
        states: NDArray[np.uint8],
        log_partition: float,
        standard_error: float,
    ) -> None:
        """Go on from another estimate of ln Z, and from states of the model's own law."""
        n = len(self.chains)
        self.chains[:] = np.resize(states, self.chains.shape)
        self.energies = free_energies(team, parameters, self.chains)
        self.log_weights, self.families = np.zeros(n), np.arange(n)
        self.log_partition, self.variance = log_partition, standard_error**2

    def estimate(self) -> OnlinePartition:
        """Estimate ln Z of the model last followed."""
        between = family_variance(self.families, self.log_weights)
        # Too few large weights drawn is a fault that the families share.
        variance = self.variance + max(between, log_mean_variance(self.log_weights))
        return OnlinePartition(
            self.log_partition + log_mean(self.log_weights),
            float(np.sqrt(variance)),
            effective_samples(self.log_weights),
        )

    def _draw_anew(self) -> None:
        """Draw chains by their weights and take the mean weight into ln Z."""
        n, found = len(self.chains), self.estimate()
        start = np.random.default_rng((self.seed, _RESAMPLING_STREAM, self.n_steps)).random()
        chosen = systematic_choice(self.log_weights, start)
        self.chains[:], self.energies = self.chains[chosen], self.energies[chosen]
        self.families = self.families[chosen]
        self.log_partition, self.log_weights = found.value, np.zeros(n)
        if 1 / (_shares(self.families, self.log_weights) ** 2).sum() < _LEAST_FAMILIES_SHARE * n:
            self.variance, self.families = found.standard_error**2, np.arange(n)


def family_variance(families: NDArray[np.int64], log_weights: NDArray[np.float64]) -> float:
    """Relative variance of a mean weight whose independent parts are families of chains."""
    n = log_weights.size
    shares = _shares(families, log_weights)
    return float(max(n * (shares**2).sum() - 1, 0.0) / max(n - 1, 1))


def _shares(families: NDArray[np.int64], log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the weight in each family, (n_chains,)."""
    weights = normalised_weights(log_weights)
    return np.bincount(families, weights, log_weights.size).astype(np.float64)


def _weigh_and_sweep(
    sweep: Callable[[], None],
    parameters: Parameters,
    theta: NDArray[np.float32],
    chains: NDArray[np.uint8],
    inputs: NDArray[np.float32],
    energies: NDArray[np.float64],
    gained: NDArray[np.float64],
) -> None:
    """Write what one tile of chains gains, sweep it, and write its energies after."""
    rows = np.arange(len(chains))
    gained[:] = energies
    write_energies(parameters, theta, chains, rows, energies)
    gained -= energies
    sweep()
    write_energies_of_inputs(parameters, theta, inputs, chains, rows, energies)
