"""Neurons that do not see each other: the model that every gain is measured against."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator

from popcode.baselines.chains import independent_states
from popcode.baselines.moments import fields_of, rates_of
from popcode.baselines.parameters import CONVENTION
from popcode.estimators.activity import check_fitted, checked_activity
from popcode.estimators.answers import Withheld, checked_held
from popcode.estimators.arguments import check_whole
from popcode.estimators.model_files import ModelFile, write_model_file
from popcode.recording.coerce import binary_activity

_SAMPLE_STREAM = 8


class Independent(BaseEstimator):
    """Independent neurons with the rates of the data, half a spike away from 0 and 1.

    Attributes
    ----------
    fields_ : ndarray of float64, (n_neurons,)
        Log-odds of activity.
    n_features_in_ : int

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((1000, 12)) < 0.2).astype(np.uint8)
    >>> mean, standard_error = Independent().fit(x).log_likelihood(x)
    >>> standard_error
    0.0
    """

    sees_itself = False

    def fit(self, x: Any, y: None = None) -> Self:
        """Fit to a Recording or an array (n_bins, n_neurons) of activity.

        Raises
        ------
        InputError
            Real values, no bins.
        """
        self.fields_ = fields_of(rates_of(binary_activity(x)))
        self.n_features_in_ = self.fields_.size
        return self

    def energy(self, x: Any) -> NDArray[np.float64]:
        """E(v) of every bin in nats, (n_bins,): log P(v) = -E(v) - log Z."""
        return -(checked_activity(self, x) @ self.fields_)

    def score_samples(self, x: Any) -> NDArray[np.float64]:
        """Log-likelihood of every bin, in nats, (n_bins,)."""
        return -self.energy(x) - np.logaddexp(0, self.fields_).sum()

    def log_likelihood(self, x: Any) -> tuple[float, float]:
        """Mean log-likelihood in nats a bin, and the standard error of ln Z, which is 0."""
        return float(self.score_samples(x).mean()), 0.0

    def sample(self, n: int, *, seed: int = 0) -> NDArray[np.uint8]:
        """Draw activity, uint8 (n, n_neurons)."""
        check_fitted(self)
        check_whole(n=n)
        check_whole(least=0, seed=seed)
        rng = np.random.default_rng((seed, _SAMPLE_STREAM))
        return independent_states(expit(self.fields_), n, rng)

    @property
    def n_parameters(self) -> int:
        """A field for each neuron."""
        check_fitted(self)
        return self.n_features_in_

    def reconstruct(self, x: Any) -> NDArray[np.float64]:
        """P(v_i = 1), the same in every bin, (n_bins, n_neurons)."""
        return np.broadcast_to(expit(self.fields_), checked_activity(self, x).shape)

    def complete(self, x: Any, held: NDArray[np.int64], *, seed: int = 0) -> Withheld:
        """Predict withheld neurons: their rates, since no neuron tells of another."""
        held, _ = checked_held(held, self.n_features_in_)
        return Withheld(self.reconstruct(x)[:, held])

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        check_fitted(self)
        write_model_file(
            path, ModelFile("Independent", {}, {"fields": self.fields_}, {}, CONVENTION)
        )

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        self = cls(**stored.settings)
        self.fields_ = stored.tensors["fields"]
        self.n_features_in_ = self.fields_.size
        return self
