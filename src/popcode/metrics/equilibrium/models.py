"""What the equilibrium evaluation needs of a model and of those it is compared with."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from popcode.metrics.model import Sampler

Binary = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]


class LogPartition(Protocol):
    """An estimate of ln Z in nats."""

    @property
    def value(self) -> float:
        """The estimate."""

    @property
    def standard_error(self) -> float:
        """Its standard error."""


class Completed(Protocol):
    """Predictions of held-out neurons."""

    @property
    def probability(self) -> Values:
        """P(v = 1 | observed neurons), shape (n_bins, n_held)."""


@runtime_checkable
class Conditional(Protocol):
    """A model that predicts each neuron from all others."""

    def conditional_log_odds(self, x: Binary, /) -> npt.NDArray[np.floating]:
        """Log-odds of each neuron given all others, shape (n_bins, n_neurons)."""


class EquilibriumModel(Conditional, Sampler, Protocol):
    """A fitted Bernoulli RBM."""

    @property
    def weights_(self) -> npt.NDArray[np.floating]:
        """Weights, shape (n_neurons, n_hidden)."""

    def free_energy(self, x: Binary, /) -> Values:
        """F(v) in nats, shape (n_bins,): ln P(v) = -F(v) - ln Z."""

    def expected_activity(self, x: Binary, /, *, seed: int) -> npt.NDArray[np.float32]:
        """P(v = 1 | h) with h drawn given each bin, shape (n_bins, n_neurons)."""

    def log_partition(self) -> LogPartition:
        """Estimate ln Z."""

    def complete(self, x: Binary, held: npt.NDArray[np.int64], /, *, seed: int) -> Completed:
        """Predict held-out neurons from all others."""

    def activity_paths(
        self, start: Binary, n_sweeps: int, /, *, groups: npt.NDArray[np.bool_], seed: int
    ) -> npt.NDArray[np.int32]:
        """Active neurons of groups after each sweep, shape (n_chains, n_sweeps, n_groups)."""


class Rival(Protocol):
    """A fitted model of the same neurons to compare with; it may be `Conditional`, too."""

    def sample(self, n: int, /, *, seed: int) -> Binary:
        """Equilibrated samples, shape (n, n_neurons)."""

    def score_samples(self, x: Binary, /) -> Values:
        """Log-likelihood of every bin in nats, shape (n_bins,)."""

    def log_likelihood(self, x: Binary, /) -> tuple[float, float]:
        """Mean log-likelihood in nats a bin, and the standard error of ln Z."""
