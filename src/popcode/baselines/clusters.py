"""K-means, and the mixture of independent neurons that its clusters are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logsumexp, softmax
from sklearn import cluster
from sklearn.base import BaseEstimator
from threadpoolctl import threadpool_limits

from popcode.baselines.chains import independent_states
from popcode.baselines.moments import fields_of, rates_of
from popcode.errors import InputError
from popcode.estimators.activity import check_fitted, checked_activity
from popcode.estimators.answers import Withheld, checked_held
from popcode.estimators.arguments import check_whole, plain_settings
from popcode.estimators.model_files import ModelFile, write_model_file
from popcode.recording.coerce import binary_activity

Values = NDArray[np.float64]
_SAMPLE_STREAM = 24


class KMeans(BaseEstimator):
    """Clusters of bins by k-means, read as a mixture of laws of independent neurons.

    P(v) = sum_k share_k prod_i P_k(v_i), with the share of the training bins in cluster k and the
    mean activity in it; each cluster has one more bin of the overall rates, so that nothing is
    impossible.

    Parameters
    ----------
    n_clusters : int
    n_init : int
        Random starts, of which the best by squared distance is kept.
    seed : int

    Attributes
    ----------
    log_odds_ : ndarray of float64, (n_clusters, n_neurons)
        Of activity in each cluster.
    log_shares_ : ndarray of float64, (n_clusters,)
    centres_ : ndarray of float64, (n_clusters, n_neurons)
    n_features_in_ : int
    training_ : dict

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((400, 12)) < 0.2).astype(np.uint8)
    >>> KMeans(n_clusters=3).fit(x).sample(5).shape
    (5, 12)
    """

    sees_itself = True

    def __init__(self, *, n_clusters: int = 50, n_init: int = 3, seed: int = 0) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.seed = seed

    def fit(self, x: Any, y: None = None) -> Self:
        """Fit to a Recording or an array (n_bins, n_neurons) of activity.

        Raises
        ------
        InputError
            Real values, or more clusters than bins.
        """
        check_whole(n_clusters=self.n_clusters, n_init=self.n_init)
        check_whole(least=0, seed=self.seed)
        activity = binary_activity(x)
        if self.n_clusters > len(activity):
            raise InputError(
                f"n_clusters is {self.n_clusters}", remedy=f"Give at most {len(activity)}, the bins"
            )
        started = time.perf_counter()
        found = cluster.KMeans(self.n_clusters, n_init=self.n_init, random_state=self.seed)
        with threadpool_limits(1):
            labels = found.fit(activity.astype(np.float32)).labels_
        member = np.eye(self.n_clusters, dtype=np.float32)[labels]
        counts, sums = member.sum(axis=0, dtype=np.float64), member.T @ activity.astype(np.float32)
        rates = rates_of(activity)
        self.log_odds_ = fields_of((sums + rates) / (counts[:, None] + 1))
        self.log_shares_ = np.log((counts + 1 / self.n_clusters) / (len(activity) + 1))
        self.centres_ = found.cluster_centers_.astype(np.float64)
        self.n_features_in_ = activity.shape[1]
        self.training_ = {"seconds": time.perf_counter() - started}
        return self

    @property
    def n_parameters(self) -> int:
        """A rate for each cluster and neuron, a share for each cluster but one."""
        check_fitted(self)
        return self.log_odds_.size + self.log_shares_.size - 1

    @property
    def weights_(self) -> Values:
        """Log-odds of each neuron in each cluster, (n_neurons, n_clusters)."""
        return self.log_odds_.T

    def _log_joint(self, states: NDArray[np.uint8], neurons: NDArray[np.int64]) -> Values:
        """Ln share_k + ln P_k of the given neurons, (n_bins, n_clusters)."""
        odds = self.log_odds_[:, neurons]
        constant = self.log_shares_ + log_expit(-odds).sum(axis=1)
        return states[:, neurons].astype(np.float64) @ odds.T + constant

    def transform(self, x: Any) -> Values:
        """Probability of each cluster given the bin, (n_bins, n_clusters)."""
        activity = checked_activity(self, x)
        return softmax(self._log_joint(activity, np.arange(self.n_features_in_)), axis=1)

    def reconstruct(self, x: Any) -> NDArray[np.float32]:
        """P(v_i = 1) in the nearest cluster, (n_bins, n_neurons)."""
        activity = checked_activity(self, x).astype(np.float64)
        distance = (self.centres_**2).sum(axis=1) - 2 * activity @ self.centres_.T
        return expit(self.log_odds_[distance.argmin(axis=1)]).astype(np.float32)

    def complete(self, x: Any, held: NDArray[np.int64], *, seed: int | None = None) -> Withheld:
        """Predict withheld neurons by the clusters' probabilities given the others, exactly."""
        activity = checked_activity(self, x)
        held, observed = checked_held(held, self.n_features_in_)
        shares = softmax(self._log_joint(activity, observed), axis=1)
        return Withheld(shares @ expit(self.log_odds_[:, held]))

    def score_samples(self, x: Any) -> Values:
        """Log-likelihood of every bin, in nats, (n_bins,)."""
        activity = checked_activity(self, x)
        return logsumexp(self._log_joint(activity, np.arange(self.n_features_in_)), axis=1)

    def log_likelihood(self, x: Any) -> tuple[float, float]:
        """Mean log-likelihood in nats a bin, and the standard error of ln Z, which is 0."""
        return float(self.score_samples(x).mean()), 0.0

    def sample(self, n: int, *, seed: int | None = None) -> NDArray[np.uint8]:
        """Draw activity, uint8 (n, n_neurons): a cluster, and its neurons one by one."""
        check_fitted(self)
        check_whole(n=n)
        rng = np.random.default_rng((self.seed if seed is None else seed, _SAMPLE_STREAM))
        shares = np.exp(self.log_shares_)
        members = rng.multinomial(n, shares / shares.sum())
        rates = expit(self.log_odds_)
        drawn = np.concatenate(
            [independent_states(rates[k], int(m), rng) for k, m in enumerate(members)]
        )
        return drawn[rng.permutation(n)]

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        check_fitted(self)
        tensors = {
            "log_odds": self.log_odds_, "log_shares": self.log_shares_, "centres": self.centres_,
        }  # fmt: skip
        settings = plain_settings(self.get_params())
        stored = ModelFile("KMeans", settings, tensors, {"training": self.training_}, {})
        write_model_file(path, stored)

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        self = cls(**stored.settings)
        self.log_odds_, self.log_shares_, self.centres_ = (
            stored.tensors[name] for name in ("log_odds", "log_shares", "centres")
        )
        self.n_features_in_ = self.log_odds_.shape[1]
        self.training_ = stored.facts["training"]
        return self
