"""Linear factor models, PCA and NMF: few factors whose weighted sums put the activity together.

Neither is a law over spikes, so neither generates. To be judged in likelihoods like the others,
what a neuron's factors add up to becomes a probability by a logistic link of its own, and by
another one where the neuron is withheld, since values found without it are less sure of it. Links
are fitted to three tenths of the training bins with factors of the other seven, since factors fit
their own bins too well to be taken at their word; then the factors are fitted to all of them.
"""

from __future__ import annotations

import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn import decomposition
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from popcode.baselines.link import Link, fit_link
from popcode.baselines.stretches import apart_bins
from popcode.errors import InputError
from popcode.estimators.activity import check_fitted, checked_activity
from popcode.estimators.answers import Withheld, checked_held
from popcode.estimators.arguments import check_whole, plain_settings
from popcode.estimators.model_files import ModelFile, write_model_file
from popcode.recording.coerce import binary_activity

T = TypeVar("T")
Values = NDArray[np.float64]
Start = Literal["nndsvda", "nndsvd", "random"]
_LINK_BINS, _N_FOLDS, _LINK_STREAM = 4000, 4, 23


class _Factors(BaseEstimator, ABC):
    """What PCA and NMF share: links, predictions, files."""

    sees_itself = True
    n_components: int
    seed: int
    components_: Values
    mean_: Values

    @abstractmethod
    def _learn(self, x: NDArray[np.float32]) -> None:
        """Find `components_` (n_components, n_neurons) and `mean_` (n_neurons,)."""

    @abstractmethod
    def _seen(self, x: NDArray[np.float32]) -> Values:
        """Factors of every bin, (n_bins, n_components), all neurons seen."""

    @abstractmethod
    def _inferred(self, x: NDArray[np.float32], observed: NDArray[np.int64]) -> Values:
        """Factors of every bin from the observed neurons' columns alone."""

    def fit(self, x: Any, y: None = None) -> Self:
        """Fit to a Recording or an array (n_bins, n_neurons) of activity.

        Raises
        ------
        InputError
            Real values, or more components than bins or neurons.
        """
        check_whole(n_components=self.n_components)
        check_whole(least=0, seed=self.seed)
        activity = binary_activity(x)
        if self.n_components > min(activity.shape):
            raise InputError(
                f"n_components is {self.n_components}",
                remedy=f"Give at most {min(activity.shape)}, the bins or neurons there are",
            )
        started = time.perf_counter()
        # One thread: how sums are shared out would change the last bits.
        with threadpool_limits(1):
            self.n_features_in_ = activity.shape[1]
            apart = apart_bins(len(activity))
            if int((~apart).sum()) >= self.n_components:
                self._learn(activity[~apart].astype(np.float32))
                self._fit_links(activity[apart])
                self._learn(activity.astype(np.float32))
            else:  # too few bins to spare any
                self._learn(activity.astype(np.float32))
                self._fit_links(activity)
        self.training_ = {"seconds": time.perf_counter() - started}
        return self

    def _fit_links(self, activity: NDArray[np.uint8]) -> None:
        rng = np.random.default_rng((self.seed, _LINK_STREAM))
        n = min(len(activity), _LINK_BINS)
        some = activity[np.sort(rng.choice(len(activity), n, replace=False))]
        values = some.astype(np.float32)
        self.link_ = fit_link(self._put_together(self._seen(values)), some)
        alone = np.zeros(some.shape)
        n_neurons = some.shape[1]
        if n_neurons > 1:
            for held in np.array_split(rng.permutation(n_neurons), min(_N_FOLDS, n_neurons)):
                observed = np.setdiff1d(np.arange(n_neurons), held)
                alone[:, held] = self._put_together(self._inferred(values, observed))[:, held]
        self.withheld_link_ = fit_link(alone, some)

    def _put_together(self, factors: Values) -> Values:
        return factors @ self.components_ + self.mean_

    @property
    def n_parameters(self) -> int:
        """Components, means where there are any, and two numbers a link and neuron."""
        check_fitted(self)
        n_means = int(self.mean_.any()) * self.n_features_in_
        return self.components_.size + n_means + 4 * self.n_features_in_

    def transform(self, x: Any) -> Values:
        """Factors of every bin, (n_bins, n_components)."""
        with threadpool_limits(1):
            return self._seen(checked_activity(self, x).astype(np.float32))

    def reconstruct(self, x: Any) -> NDArray[np.float32]:
        """P(v_i = 1) from the factors of the bin, (n_bins, n_neurons)."""
        return self.link_.probability(self._put_together(self.transform(x)))

    def complete(self, x: Any, held: NDArray[np.int64], *, seed: int | None = None) -> Withheld:
        """Predict withheld neurons from the factors that the others tell; nothing is drawn."""
        activity = checked_activity(self, x)
        held, observed = checked_held(held, self.n_features_in_)
        with threadpool_limits(1):
            factors = self._inferred(activity.astype(np.float32), observed)
        values = factors @ self.components_[:, held] + self.mean_[held]
        return Withheld(self.withheld_link_.of(held).probability(values))

    def _facts(self) -> dict[str, Any]:
        return {"training": self.training_}

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        check_fitted(self)
        tensors = {"components": self.components_, "mean": self.mean_}
        for name, link in (("link", self.link_), ("withheld_link", self.withheld_link_)):
            tensors |= {f"{name}_{field}": value for field, value in link._asdict().items()}
        settings = plain_settings(self.get_params())
        stored = ModelFile(type(self).__name__, settings, tensors, self._facts(), {})
        write_model_file(path, stored)

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        self = cls(**stored.settings)
        self.components_, self.mean_ = (stored.tensors[name] for name in ("components", "mean"))
        self.link_, self.withheld_link_ = (
            Link(*(stored.tensors[f"{name}_{field}"] for field in Link._fields))
            for name in ("link", "withheld_link")
        )
        self.n_features_in_ = self.mean_.size
        self.training_ = stored.facts["training"]
        return self


class PCA(_Factors):
    """Principal components, each neuron's projection made a probability by a logistic link.

    Withheld neurons: the posterior mean of the components given the observed ones in probabilistic
    PCA (Tipping and Bishop, Journal of the Royal Statistical Society B 61, 611 (1999)).

    Parameters
    ----------
    n_components : int
    seed : int
        Of the solver, and of the bins that the links are fitted to.

    Attributes
    ----------
    components_ : ndarray, (n_components, n_neurons)
        Orthonormal rows.
    mean_ : ndarray, (n_neurons,)
    variances_ : ndarray, (n_components,)
    noise_ : float
        Mean variance along the axes that are left out.
    link_, withheld_link_ : Link

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((400, 12)) < 0.2).astype(np.uint8)
    >>> PCA(n_components=3).fit(x).transform(x).shape
    (400, 3)
    """

    def __init__(self, *, n_components: int = 50, seed: int = 0) -> None:
        self.n_components = n_components
        self.seed = seed

    def _learn(self, x: NDArray[np.float32]) -> None:
        found = decomposition.PCA(self.n_components, random_state=self.seed).fit(x)
        self.components_ = found.components_.astype(np.float64)
        self.mean_ = found.mean_.astype(np.float64)
        self.variances_ = found.explained_variance_.astype(np.float64)
        self.noise_ = float(found.noise_variance_)

    def _seen(self, x: NDArray[np.float32]) -> Values:
        return (x - self.mean_) @ self.components_.T

    def _inferred(self, x: NDArray[np.float32], observed: NDArray[np.int64]) -> Values:
        axes = self.components_[:, observed]
        signal = np.maximum(self.variances_ - self.noise_, 1e-12)
        precision = axes @ axes.T + np.diag(self.noise_ / signal)
        centred = (x[:, observed] - self.mean_[observed]).astype(np.float64)
        solved = np.linalg.solve(precision, axes @ centred.T)
        return np.asarray(solved.T, dtype=np.float64)

    def _facts(self) -> dict[str, Any]:
        return super()._facts() | {"noise": self.noise_, "variances": self.variances_.tolist()}

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        self = super().from_stored(stored)
        self.noise_ = stored.facts["noise"]
        self.variances_ = np.array(stored.facts["variances"])
        return self


class NMF(_Factors):
    """Non-negative factors (least squares), made probabilities by a logistic link a neuron.

    Withheld neurons: from the most likely factors given the observed ones, with half-normal factors
    of the mean squares that they have in training and normal residuals. Without that prior a
    component that rests on a withheld neuron is taken from the noise of the others.

    Parameters
    ----------
    n_components : int
    init : {"nndsvda", "nndsvd", "random"}
    max_iter : int
        Rounds of coordinate descent.
    seed : int

    Attributes
    ----------
    components_ : ndarray, (n_components, n_neurons)
        Not negative; scaled so that every factor has a mean square of 1 in training.
    mean_ : ndarray, (n_neurons,)
        Zero: the factors add up to the activity itself.
    noise_ : float
        Mean square of what the factors leave of the training bins.
    link_, withheld_link_ : Link

    References
    ----------
    Lee and Seung, Nature 401, 788 (1999).

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((400, 12)) < 0.2).astype(np.uint8)
    >>> bool((NMF(n_components=3).fit(x).components_ >= 0).all())
    True
    """

    def __init__(
        self,
        *,
        n_components: int = 50,
        init: Start = "nndsvda",
        max_iter: int = 200,
        seed: int = 0,
    ) -> None:
        self.n_components = n_components
        self.init = init
        self.max_iter = max_iter
        self.seed = seed

    def _learn(self, x: NDArray[np.float32]) -> None:
        found = decomposition.NMF(
            self.n_components, init=self.init, max_iter=self.max_iter, random_state=self.seed
        )
        factors = _without_warnings(lambda: found.fit_transform(x)).astype(np.float64)
        sizes = np.sqrt((factors**2).mean(axis=0))
        self.components_ = sizes[:, None] * found.components_.astype(np.float64)
        self.mean_ = np.zeros(x.shape[1])
        self.noise_ = float(found.reconstruction_err_**2 / x.size)

    def _seen(self, x: NDArray[np.float32]) -> Values:
        return self._inferred(x, np.arange(x.shape[1]))

    def _inferred(self, x: NDArray[np.float32], observed: NDArray[np.int64]) -> Values:
        factors, _, _ = _without_warnings(
            lambda: decomposition.non_negative_factorization(
                np.ascontiguousarray(x[:, observed], dtype=np.float64),
                H=np.ascontiguousarray(self.components_[:, observed]),
                n_components=self.n_components,
                update_H=False,
                max_iter=self.max_iter,
                alpha_W=self.noise_ / observed.size,  # sklearn multiplies by the columns
                random_state=self.seed,
            )
        )
        return factors

    def _facts(self) -> dict[str, Any]:
        return super()._facts() | {"noise": self.noise_}

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        self = super().from_stored(stored)
        self.noise_ = stored.facts["noise"]
        return self


def _without_warnings(call: Callable[[], T]) -> T:
    """Call; descent that ended at its last round is told by the scores, not by a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return call()
