"""When a recording is unusual: how unlikely a model finds every bin."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class LikelihoodModel(Protocol):
    """A fitted model with a partition function, such as `popcode.BernoulliRBM`."""

    def free_energy(self, x: Any, /) -> Values:
        """F(v) of every bin in nats, (n_bins,): ln P(v) = -F(v) - ln Z."""

    def log_partition(self) -> Any:
        """Estimate ln Z; ``value`` and ``standard_error`` in nats."""

    def sample(self, n: int, /, *, seed: int) -> NDArray[np.uint8]:
        """Equilibrated activity, (n, n_neurons)."""


class BinSurprise(NamedTuple):
    """Surprise of every bin.

    Attributes
    ----------
    nats : ndarray, (n_bins,)
        -ln P(v).
    percentile : ndarray, (n_bins,)
        Share of the model's samples, in percent, that surprise less, half of those that do the
        same. Bins drawn from the model would be 50 on average, and spread evenly but for ties:
        all silent bins share one percentile.
    standard_error : float
        Of ln Z: it moves the nats of all bins alike, and no percentile.
    """

    nats: Values
    percentile: Values
    standard_error: float


def surprise_of_bins(model: LikelihoodModel, x: Any, n_samples: int, seed: int) -> BinSurprise:
    """Surprise of every bin of a recording, among that of a model's own samples.

    Parameters
    ----------
    model : LikelihoodModel
    x : Recording or array_like, (n_bins, n_neurons)
        Binary activity.
    n_samples : int
        Samples behind the percentiles.
    seed : int
        Of the samples.
    """
    log_z = model.log_partition()
    energies = model.free_energy(x)
    ordered = np.sort(model.free_energy(model.sample(n_samples, seed=seed)))
    # The silent state alone is a large share of both: ties count half.
    below = np.searchsorted(ordered, energies, side="left")
    up_to = np.searchsorted(ordered, energies, side="right")
    percentile = 50.0 * (below + up_to) / ordered.size
    return BinSurprise(energies + log_z.value, percentile, float(log_z.standard_error))
