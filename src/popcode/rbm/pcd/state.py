"""All that a fit by persistent contrastive divergence carries from one update to the next."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli

# Every use of randomness has its own stream below one seed.
_WEIGHTS_STREAM, _CHAINS_STREAM = 11, 12
_WEIGHT_STD = 1e-2
SCALARS = ("update", "rate_scale", "restarts", "n_averaged")


@dataclass
class PcdState:
    """Parameters, the running moments of their gradients, the chains; changed in place.

    Attributes
    ----------
    weights, weight_first, weight_second : ndarray of float32, (n_neurons, n_hidden)
        With the running mean and mean square of the gradient.
    fields, field_first, field_second : ndarray of float32, (n_neurons,)
    hidden_fields, hidden_first, hidden_second : ndarray of float64, (n_hidden,)
    chains : ndarray of uint8, (n_chains, n_neurons)
    averaged_weights, averaged_fields, averaged_hidden_fields
        Mean of the iterates taken in so far.
    update : int
        Gradient updates made; with the seed it determines every random number to come.
    rate_scale : float
        Halved at every recovery from divergence.
    restarts : int
        Recoveries so far.
    n_averaged : int
        Iterates that the means are over.
    """

    weights: NDArray[np.float32]
    weight_first: NDArray[np.float32]
    weight_second: NDArray[np.float32]
    fields: NDArray[np.float32]
    field_first: NDArray[np.float32]
    field_second: NDArray[np.float32]
    hidden_fields: NDArray[np.float64]
    hidden_first: NDArray[np.float64]
    hidden_second: NDArray[np.float64]
    chains: NDArray[np.uint8]
    averaged_weights: NDArray[np.float32]
    averaged_fields: NDArray[np.float32]
    averaged_hidden_fields: NDArray[np.float64]
    update: int = 0
    rate_scale: float = 1.0
    restarts: int = 0
    n_averaged: int = 0

    @property
    def parameters(self) -> Parameters:
        """The model as it stands (a view)."""
        return Parameters(self.weights, self.fields, Bernoulli(-self.hidden_fields))

    def frozen(self) -> Parameters:
        """Copy of the model as it stands."""
        hidden = Bernoulli(-self.hidden_fields)
        return Parameters(self.weights.copy(), self.fields.copy(), hidden)

    def restore(self, other: "PcdState") -> None:
        """Take on another state's values; the arrays stay this state's own."""
        for field in fields(self):
            if field.name in SCALARS:
                setattr(self, field.name, getattr(other, field.name))
            else:
                getattr(self, field.name)[:] = getattr(other, field.name)

    def include_iterate(self) -> None:
        """Take the parameters as they stand into their running mean."""
        self.n_averaged += 1
        for name in ("weights", "fields", "hidden_fields"):
            mean = getattr(self, f"averaged_{name}")
            mean += (getattr(self, name) - mean) / self.n_averaged

    def adopt_average(self) -> None:
        """Replace the parameters by their mean, a better estimate than the last iterate.

        Polyak and Juditsky, SIAM J. Control Optim. 30, 838 (1992). Left as they are where no
        iterate was taken in.
        """
        if self.n_averaged:
            for name in ("weights", "fields", "hidden_fields"):
                getattr(self, name)[:] = getattr(self, f"averaged_{name}")


def guarded_rates(mean_activity: NDArray, n_bins: int) -> NDArray[np.float64]:
    """Rates held half a spike away from 0 and 1, so that constant neurons have finite fields."""
    return (mean_activity.astype(np.float64) * n_bins + 0.5) / (n_bins + 1)


def initial_parameters(mean_activity: NDArray, n_bins: int, n_hidden: int, seed: int) -> Parameters:
    """Independent neurons with the data's rates, and weights N(0, 0.01^2); constant ones none."""
    rng = np.random.default_rng((seed, _WEIGHTS_STREAM))
    drawn = rng.normal(0, _WEIGHT_STD, (mean_activity.size, n_hidden))
    drawn[(mean_activity == 0) | (mean_activity == 1)] = 0
    fields_ = logit(guarded_rates(mean_activity, n_bins)).astype(np.float32)
    # Hidden units half on on average: neither layer is at an end of its range.
    theta = mean_activity.astype(np.float64) @ drawn
    return Parameters(drawn.astype(np.float32), fields_, Bernoulli(theta))


def independent_chains(fields_: NDArray, n_chains: int, seed: int) -> NDArray[np.uint8]:
    """Chains drawn from independent neurons with these fields, (n_chains, n_neurons)."""
    uniforms = np.random.default_rng((seed, _CHAINS_STREAM)).random(
        (n_chains, fields_.size), dtype=np.float32
    )
    return (uniforms * (1 + np.exp(-fields_.astype(np.float64))) < 1).astype(np.uint8)


def state_at(parameters: Parameters, chains: NDArray[np.uint8]) -> PcdState:
    """State at update 0 from copies of parameters and chains."""
    weights, fields_, chains = parameters.weights.copy(), parameters.fields.copy(), chains.copy()
    hidden_fields = -np.asarray(parameters.hidden.theta, np.float64)
    return PcdState(
        weights=weights,
        weight_first=np.zeros_like(weights),
        weight_second=np.zeros_like(weights),
        fields=fields_,
        field_first=np.zeros_like(fields_),
        field_second=np.zeros_like(fields_),
        hidden_fields=hidden_fields,
        hidden_first=np.zeros_like(hidden_fields),
        hidden_second=np.zeros_like(hidden_fields),
        chains=chains,
        averaged_weights=np.zeros_like(weights),
        averaged_fields=np.zeros_like(fields_),
        averaged_hidden_fields=np.zeros_like(hidden_fields),
    )
