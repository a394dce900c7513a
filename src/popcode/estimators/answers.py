"""What models of any kind can be asked, so that they can be held beside each other."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError


class Withheld(NamedTuple):
    """Predictions of neurons that a model did not see.

    Attributes
    ----------
    probability : ndarray, (n_bins, n_held)
        P(v = 1 | observed neurons).
    """

    probability: NDArray[np.floating]


class Predicted(Protocol):
    """What `complete` gives: `Withheld`, or more than it."""

    @property
    def probability(self) -> NDArray[np.floating]:
        """P(v = 1 | observed neurons), shape (n_bins, n_held)."""


class Contender(Protocol):
    """A fitted model of binary activity that says something of every neuron."""

    @property
    def n_parameters(self) -> int:
        """Numbers that the fit chose."""

    @property
    def sees_itself(self) -> bool:
        """Whether a neuron's own activity enters its reconstruction."""

    def reconstruct(self, x: Any, /) -> NDArray[np.floating]:
        """P(v = 1) as the model puts the activity together again, (n_bins, n_neurons)."""

    def complete(self, x: Any, held: NDArray[np.int64], /, *, seed: int) -> Predicted:
        """Predict withheld neurons from all others; their own activity is never looked at."""


@runtime_checkable
class Generator(Protocol):
    """A model that is a law over activity, and can be sampled."""

    def sample(self, n: int, /, *, seed: int) -> NDArray[np.uint8]:
        """Activity at equilibrium, (n, n_neurons)."""


def checked_held(held: Any, n_neurons: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the withheld neurons, and of all others.

    Raises
    ------
    InputError
        None, all, repeated or unknown neurons.
    """
    indices = np.asarray(held, dtype=np.int64).ravel()
    known = indices.size and indices.min() >= 0 and indices.max() < n_neurons
    if not known or np.unique(indices).size < indices.size or indices.size == n_neurons:
        raise InputError(
            f"{indices.size} withheld neurons of {n_neurons}: none, all, or some unknown or twice",
            remedy="Withhold some neurons, each once, and leave one at least",
        )
    return indices, np.setdiff1d(np.arange(n_neurons), indices)
