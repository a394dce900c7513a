"""What a fitted Bernoulli RBM says of some neurons given others, and how its chain relaxes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from popcode.estimators.activity import checked_activity
from popcode.rbm.completion import (
    BURN_IN,
    N_SWEEPS,
    GroupCompletion,
    complete_group,
    conditional_log_odds,
)
from popcode.rbm.fitted import FittedRBM
from popcode.rbm.parameters import mean_hidden, mean_visible
from popcode.rbm.paths import activity_paths
from popcode.threads import Team

_HIDDEN_STREAM = 35


class Predictions(FittedRBM):
    """Conditional laws and single chains of a model with binary hidden units."""

    def conditional_log_odds(self, x: Any) -> NDArray[np.float32]:
        """Log-odds of each neuron given all others of its bin, in nats, (n_bins, n_neurons).

        Exact; the value does not depend on the neuron's own state.

        Raises
        ------
        InputError
            Real values, another number of neurons, or weights beyond 600.
        """
        parameters, activity = self.parameters_, checked_activity(self, x)
        with Team() as team:
            return conditional_log_odds(team, parameters, activity)

    def complete(
        self,
        x: Any,
        held: Any,
        *,
        n_sweeps: int = N_SWEEPS,
        burn_in: int = BURN_IN,
        seed: int | None = None,
    ) -> GroupCompletion:
        """Probability that held-out neurons are active given all others, by Gibbs sampling.

        Parameters
        ----------
        x : Recording or array_like, (n_bins, n_neurons)
            The held-out neurons' activity is never looked at.
        held : array_like of int, (n_held,)
            Indices of the held-out neurons.
        n_sweeps, burn_in : int
            Sweeps that are averaged, and before them, of one chain a bin.
        seed : int, optional
            By default the model's.

        Raises
        ------
        InputError
            No, repeated or unknown held-out neurons, or fewer than 10 sweeps.
        """
        parameters, activity = self.parameters_, checked_activity(self, x)
        seed = self.seed if seed is None else seed
        with Team() as team:
            return complete_group(
                team, parameters, activity, held, seed, n_sweeps=n_sweeps, burn_in=burn_in
            )

    def expected_activity(self, x: Any, *, seed: int | None = None) -> NDArray[np.float32]:
        """P(v = 1 | h) of every neuron with h drawn from P(h | v), (n_bins, n_neurons).

        Neurons are independent given h, so that over samples of the model the covariance of two
        columns is that of the two neurons, without the noise of their spikes (Rao and Blackwell).

        Parameters
        ----------
        x : Recording or array_like, (n_bins, n_neurons)
            Samples of the model.
        seed : int, optional
            By default the model's.
        """
        parameters, activity = self.parameters_, checked_activity(self, x)
        seed = self.seed if seed is None else seed
        rng = np.random.default_rng((seed, _HIDDEN_STREAM))
        p = mean_hidden(parameters, activity)
        drawn = (rng.random(p.shape, dtype=np.float32) < p).astype(np.float32)
        return mean_visible(parameters, drawn).astype(np.float32)

    def activity_paths(
        self,
        start: NDArray[np.uint8],
        n_sweeps: int,
        *,
        burn_in: int = 0,
        groups: NDArray[np.bool_] | None = None,
        seed: int | None = None,
    ) -> NDArray[np.int32]:
        """Active neurons after every sweep of single chains, (n_chains, n_sweeps, n_groups).

        Parameters
        ----------
        start : ndarray of uint8, (n_chains, n_neurons)
            First states, such as samples of the model.
        n_sweeps, burn_in : int
            Sweeps that are recorded, and before the first of them.
        groups : ndarray of bool, (n_neurons, n_groups), optional
            Neurons that are counted together; by default all.
        seed : int, optional
            By default the model's.

        Raises
        ------
        InputError
            Groups or states of another number of neurons, or no sweep.
        """
        parameters, seed = self.parameters_, self.seed if seed is None else seed
        with Team() as team:
            return activity_paths(team, parameters, start, n_sweeps, burn_in, seed, groups)
