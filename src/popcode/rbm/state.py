"""All that a fit carries from one update to the next, and nothing else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, Potential, ReLU, rebuilt

POTENTIALS = {"bernoulli": Bernoulli, "drelu": DReLU, "gaussian": Gaussian, "relu": ReLU}
# Every use of randomness has its own stream below one seed.
_WEIGHTS_STREAM, _CHAINS_STREAM = 1, 2


@dataclass
class TrainingState:
    """Parameters, their running means, RMSprop's squares, the persistent chains; changed in place.

    Attributes
    ----------
    weights, weight_squares, weight_trend : ndarray of float32, (n_neurons, n_hidden)
        With the running mean square and the running mean of the gradient.
    fields, field_squares : ndarray of float32, (n_neurons,)
    hidden, hidden_squares : Potential
        Arrays of float64, (n_hidden,).
    mean_input : ndarray of float64, (n_hidden,)
        <v>_data W, the origin of theta.
    chains : ndarray of uint8, (n_chains, n_neurons)
    averaged_weights, averaged_fields, averaged_hidden
        Mean of the iterates taken in so far, shaped like the parameters.
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
    weight_squares: NDArray[np.float32]
    weight_trend: NDArray[np.float32]
    fields: NDArray[np.float32]
    field_squares: NDArray[np.float32]
    hidden: Potential
    hidden_squares: Potential
    mean_input: NDArray[np.float64]
    chains: NDArray[np.uint8]
    averaged_weights: NDArray[np.float32]
    averaged_fields: NDArray[np.float32]
    averaged_hidden: Potential
    update: int = 0
    rate_scale: float = 1.0
    restarts: int = 0
    n_averaged: int = 0

    @property
    def parameters(self) -> Parameters:
        """The model as it stands (a view)."""
        return Parameters(self.weights, self.fields, self.hidden)

    def restore(self, other: "TrainingState") -> None:
        """Take on another state's values; the arrays stay this state's own."""
        for name in (
            "weights",
            "weight_squares",
            "weight_trend",
            "fields",
            "field_squares",
            "chains",
            "averaged_weights",
            "averaged_fields",
        ):
            getattr(self, name)[:] = getattr(other, name)
        for name in ("hidden", "hidden_squares", "averaged_hidden"):
            values = getattr(other, name)
            setattr(self, name, rebuilt(values, map(np.copy, values)))
        self.mean_input = other.mean_input.copy()
        self.update, self.rate_scale = other.update, other.rate_scale
        self.restarts, self.n_averaged = other.restarts, other.n_averaged


def initial_potential(kind: str, n_hidden: int) -> Potential:
    """Potential of unit curvature, without threshold, gap or asymmetry."""
    zeros = np.zeros(n_hidden)
    if kind == "bernoulli":
        return Bernoulli(zeros)
    if kind == "drelu":
        return DReLU(zeros + 1, zeros, zeros.copy(), zeros.copy())
    return POTENTIALS[kind](zeros + 1, zeros)


def initial_state(
    kind: str, n_hidden: int, mean_activity: NDArray, n_bins: int, n_chains: int, seed: int
) -> TrainingState:
    """Independent neurons with the data's rates, weights N(0, 0.1 / n_neurons), chains drawn.

    Rates are held half a spike away from 0 and 1, so that silent neurons have finite fields, and
    a silent neuron starts without weights, which its data can never ask for.
    """
    n_neurons = mean_activity.size
    rates = (mean_activity.astype(np.float64) * n_bins + 0.5) / (n_bins + 1)
    drawn = np.random.default_rng((seed, _WEIGHTS_STREAM)).normal(
        0, np.sqrt(0.1 / n_neurons), (n_neurons, n_hidden)
    )
    drawn[mean_activity == 0] = 0
    uniforms = np.random.default_rng((seed, _CHAINS_STREAM)).random(
        (n_chains, n_neurons), dtype=np.float32
    )
    weights = drawn.astype(np.float32)
    mean_input = mean_activity.astype(np.float64) @ weights
    hidden = initial_potential(kind, n_hidden)
    return TrainingState(
        weights=weights,
        weight_squares=np.zeros_like(weights),
        weight_trend=np.zeros_like(weights),
        fields=logit(rates).astype(np.float32),
        field_squares=np.zeros(n_neurons, np.float32),
        hidden=hidden._replace(theta=mean_input.copy()),
        hidden_squares=rebuilt(hidden, (np.zeros(n_hidden) for _ in hidden)),
        mean_input=mean_input,
        chains=(uniforms < rates).astype(np.uint8),
        averaged_weights=np.zeros_like(weights),
        averaged_fields=np.zeros(n_neurons, np.float32),
        averaged_hidden=rebuilt(hidden, (np.zeros(n_hidden) for _ in hidden)),
    )
