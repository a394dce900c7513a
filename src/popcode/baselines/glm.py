"""The generalised linear model: each neuron from all others of the same bin."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit
from sklearn.base import BaseEstimator

from popcode.baselines.logistic import Regressions, fit_regressions, log_odds, regressors_of
from popcode.baselines.stretches import apart_bins
from popcode.baselines.withheld import complete_by_gibbs
from popcode.errors import InputError
from popcode.estimators.activity import check_fitted, checked_activity
from popcode.estimators.answers import Withheld
from popcode.estimators.arguments import check_whole, plain_settings
from popcode.estimators.model_files import ModelFile, write_model_file
from popcode.recording.coerce import binary_activity
from popcode.threads import Team

# The article's grid and two more for recordings whose best lies below it, the largest first: each
# fit starts from the one before.
PENALTIES = (1e5, 1e4, 1000.0, 200.0, 100.0, 20.0, 5.0, 1.0)
_MOST_CHOOSING = 1050  # neurons that the penalty is chosen on, as in the article
_CHOICE_STREAM = 22


class PenaltyScore(NamedTuple):
    """A penalty and the mean log-likelihood of withheld stretches, nats a neuron and bin."""

    penalty: float
    log_likelihood: float


class GLM(BaseEstimator):
    """Logistic regression of each neuron on all others of its bin, with an L2 penalty.

    The regressions are fitted one by one and need not agree with any joint law of all neurons, so
    the model predicts but does not generate.

    Parameters
    ----------
    penalty : float or "auto"
        lambda in lambda |w|^2 / 2 beside the log-likelihood summed over bins (1 / C of
        scikit-learn), the same for all neurons. "auto": the best of the article's grid, and of 5
        and 1, by the likelihood of three tenths of the training bins, on at most 1,050 neurons.
    seed : int
        Of the neurons that the penalty is chosen on, and of `complete`.

    Attributes
    ----------
    weights_into_ : ndarray of float32, (n_neurons, n_neurons)
        Column j: what each active neuron adds to the log-odds of neuron j; zero diagonal.
    fields_ : ndarray of float32, (n_neurons,)
    penalty_ : float
    n_features_in_ : int
    training_ : dict
        Seconds, and the score of every penalty tried.

    References
    ----------
    van der Plas et al., eLife 12:e83139 (2023), Methods, "Generalized linear model".

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((400, 12)) < 0.2).astype(np.uint8)
    >>> GLM(penalty=20.0).fit(x).reconstruct(x).shape
    (400, 12)
    """

    sees_itself = False

    def __init__(self, *, penalty: float | Literal["auto"] = "auto", seed: int = 0) -> None:
        self.penalty = penalty
        self.seed = seed

    def fit(
        self, x: Any, y: None = None, *, tell: Callable[[int], None] = lambda _done: None
    ) -> Self:
        """Fit to a Recording or an array (n_bins, n_neurons) of activity.

        Parameters
        ----------
        x : Recording or array_like, (n_bins, n_neurons)
        y : None
        tell : callable, optional
            Called with the number of neurons done in the last fit.

        Raises
        ------
        InputError
            Real values, an impossible penalty, fewer than two neurons.
        """
        self._check()
        activity = np.ascontiguousarray(binary_activity(x))
        if activity.shape[1] < 2:
            raise InputError("one neuron cannot be predicted from others")
        started = time.perf_counter()
        with Team() as team:
            tried = choose_penalty(team, activity, self.seed) if self.penalty == "auto" else []
            best = max(tried, key=lambda each: each.log_likelihood).penalty if tried else None
            self.penalty_ = float(self.penalty if best is None else best)
            targets = np.arange(activity.shape[1])
            regressors = regressors_of(activity)
            found = fit_regressions(team, regressors, activity, targets, self.penalty_, tell=tell)
        self.weights_into_, self.fields_ = found
        self.n_features_in_ = targets.size
        self.training_ = {
            "seconds": time.perf_counter() - started,
            "penalties": [each._asdict() for each in tried],
        }
        return self

    def _check(self) -> None:
        check_whole(least=0, seed=self.seed)
        is_auto = isinstance(self.penalty, str) and self.penalty == "auto"
        if not is_auto and (isinstance(self.penalty, str) or not 0 < self.penalty < np.inf):
            raise InputError(f"penalty is {self.penalty!r}", remedy="Give a number above 0")

    @property
    def n_parameters(self) -> int:
        """A weight for each ordered pair, a field for each neuron."""
        check_fitted(self)
        return self.n_features_in_**2

    def conditional_log_odds(self, x: Any) -> NDArray[np.float32]:
        """Log-odds of each neuron given all others of its bin, in nats, (n_bins, n_neurons)."""
        activity = checked_activity(self, x)
        return log_odds(Regressions(self.weights_into_, self.fields_), activity)

    def reconstruct(self, x: Any) -> NDArray[np.float32]:
        """P(v_i = 1 | all others of the bin), (n_bins, n_neurons)."""
        return expit(self.conditional_log_odds(x))

    def complete(self, x: Any, held: NDArray[np.int64], *, seed: int | None = None) -> Withheld:
        """Predict withheld neurons from all others (see `complete_by_gibbs`)."""
        activity = checked_activity(self, x)
        seed = self.seed if seed is None else seed
        return complete_by_gibbs(self.weights_into_, self.fields_, activity, held, seed)

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        check_fitted(self)
        tensors = {"weights_into": self.weights_into_, "fields": self.fields_}
        facts = {"penalty": self.penalty_, "training": self.training_}
        settings = plain_settings(self.get_params())
        write_model_file(path, ModelFile("GLM", settings, tensors, facts, {}))

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        self = cls(**stored.settings)
        self.weights_into_, self.fields_ = (
            stored.tensors[name] for name in ("weights_into", "fields")
        )
        self.penalty_, self.training_ = stored.facts["penalty"], stored.facts["training"]
        self.n_features_in_ = self.fields_.size
        return self


def choose_penalty(team: Team, activity: NDArray[np.uint8], seed: int) -> list[PenaltyScore]:
    """Score penalties on stretches withheld from the bins, until two in turn are worse.

    Parameters
    ----------
    team : Team
    activity : ndarray of uint8, (n_bins, n_neurons)
    seed : int

    Returns
    -------
    list of PenaltyScore
        From the largest penalty down.
    """
    n_neurons = activity.shape[1]
    apart = apart_bins(len(activity))
    kept, withheld = activity[~apart], activity[apart]
    rng = np.random.default_rng((seed, _CHOICE_STREAM))
    n_targets = min(n_neurons, _MOST_CHOOSING)
    targets = np.sort(rng.choice(n_neurons, n_targets, replace=False))
    regressors, found, tried = regressors_of(kept), None, []
    for penalty in PENALTIES:
        found = fit_regressions(team, regressors, kept, targets, penalty, found)
        odds = log_odds(found, withheld)
        sign = np.where(withheld[:, targets] == 1, 1, -1).astype(np.float32)
        tried.append(PenaltyScore(penalty, float(log_expit(sign * odds).mean(dtype=np.float64))))
        last = [each.log_likelihood for each in tried[-3:]]
        if len(last) == 3 and last[0] > max(last[1:]):
            break
    return tried
