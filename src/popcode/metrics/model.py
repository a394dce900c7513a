"""What evaluation needs of a model."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt


class Sampler(Protocol):
    """A model that can be sampled."""

    def sample(
        self, n: int, /, *, n_chains: int = 300, burn_in: int = 2000, thin: int = 20, seed: int = 0
    ) -> npt.NDArray[np.uint8]:
        """Equilibrated binary samples, shape (n, n_neurons)."""


@runtime_checkable
class GenerativeModel(Sampler, Protocol):
    """A fitted latent-variable model of binary activity.

    It may also have ``training_`` (a dict of how training went) and
    ``log_likelihood(x) -> (nats a bin, standard error)``.
    """

    @property
    def weights_(self) -> npt.NDArray[np.floating]:
        """Couplings, shape (n_neurons, n_hidden)."""

    @property
    def l1_(self) -> float:
        """Strength of the L1 penalty on the weights; 0 for none."""

    def transform(self, x: npt.NDArray, /) -> npt.NDArray[np.floating]:
        """E[h|v], shape (n_bins, n_hidden)."""

    def reconstruct(self, x: npt.NDArray, /) -> npt.NDArray[np.floating]:
        """P(v=1 | E[h|v]), shape (n_bins, n_neurons)."""
