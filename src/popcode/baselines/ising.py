"""The maximum-entropy model of pairs: the pairwise (Ising) model."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator

from popcode.baselines import exact
from popcode.baselines.annealing import Estimate, LogPartition, log_partition, n_calls
from popcode.baselines.chains import sample_states
from popcode.baselines.curvature import collective_curvature, spread_of_couplings
from popcode.baselines.effort import ANNEALED_CHAINS, Auto, Effort, answered
from popcode.baselines.matching import MatchingSettings, match_moments
from popcode.baselines.moments import fields_of, moments_of
from popcode.baselines.parameters import (
    CONVENTION,
    Parameters,
    conditional_log_odds,
    energy,
    population_steps,
)
from popcode.baselines.settings import check_settings
from popcode.baselines.withheld import complete_by_gibbs
from popcode.errors import InputError, PopcodeWarning
from popcode.estimators.activity import check_fitted, checked_activity
from popcode.estimators.answers import Withheld
from popcode.estimators.arguments import plain_settings
from popcode.estimators.model_files import ModelFile, write_model_file
from popcode.recording.coerce import binary_activity
from popcode.threads import Team

_BURN_IN = 200
# Below this many nats a disagreement of the two directions changes no conclusion.
_DISAGREEMENT, _ERRORS_APART = 0.05, 5
# Chains lag behind the parameters by some ten updates, however little collective the neurons are.
_LEAST_CURVATURE = 20


class Pairwise(BaseEstimator):
    """Least structured law with the data's mean activities and pair coincidences.

    P(v) ~ exp(fields . v + v^T couplings v / 2) over binary activity, fitted by matching the
    moments of persistent Gibbs chains.

    Parameters
    ----------
    n_updates, n_chains : int or "auto"
        Steps of the fit; persistent chains. "auto": 4,000 and 2,000, fewer beyond 1,500 neurons
        (`popcode.baselines.effort`).
    n_sweeps : int
        Sweeps of every neuron a step.
    learning_rate : float
        Share of the Newton step taken along the stiffest direction known; falls to a fiftieth
        over the last 60 % of the updates. The fit ends as the mean of its last quarter.
    prior_sd : float or "auto"
        Standard deviation in nats of the Gaussian prior on each coupling and each value of the
        population term; it keeps pairs that are never seen together finite. "auto": the spread
        that the covariances of the training bins have beyond their sampling errors, so that few
        bins of many neurons are not taken at their word.
    n_annealing : int or "auto"
        Steps of the estimate of ln Z, which ends the fit. "auto": 2,000, fewer beyond 1,500
        neurons.
    seed : int
        The same seed gives the same bits whatever the number of threads.

    Attributes
    ----------
    fields_ : ndarray of float32, (n_neurons,)
    couplings_ : ndarray of float32, (n_neurons, n_neurons)
        Symmetric, zero on the diagonal and for neurons that never change.
    population_ : ndarray of float32, (n_neurons + 1,)
        What K active neurons add to the exponent; zero in the pairwise model.
    log_partition_ : LogPartition
        ln Z by annealing, both directions joined, and each alone.
    chains_ : ndarray of uint8, (n_chains, n_neurons)
    n_features_in_ : int
    training_ : dict
        Updates, seconds, collective curvature, standard deviation of the prior, RMS difference of
        the mean activities of chains and data at the last update.

    References
    ----------
    Schneidman, Berry, Segev and Bialek, Weak pairwise correlations imply strongly correlated
    network states in a neural population, Nature 440, 1007 (2006).

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((1000, 12)) < 0.2).astype(np.uint8)
    >>> Pairwise(n_updates=50, n_annealing=50).fit(x).sample(5).shape
    (5, 12)
    """

    sees_itself = False
    _with_population: ClassVar[bool] = False

    def __init__(
        self,
        *,
        n_updates: int | Auto = "auto",
        n_chains: int | Auto = "auto",
        n_sweeps: int = 1,
        learning_rate: float = 1.0,
        prior_sd: float | Auto = "auto",
        n_annealing: int | Auto = "auto",
        seed: int = 0,
    ) -> None:
        self.n_updates = n_updates
        self.n_chains = n_chains
        self.n_sweeps = n_sweeps
        self.learning_rate = learning_rate
        self.prior_sd = prior_sd
        self.n_annealing = n_annealing
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
            Called with the number of steps done, of the `n_steps` there are, after each. What it
            raises ends the fit.

        Raises
        ------
        InputError
            Real values, no bins, impossible settings.
        """
        activity = np.ascontiguousarray(binary_activity(x))
        effort = self.effort(activity.shape[1])
        started = time.perf_counter()
        moments = moments_of(activity)
        curvature = collective_curvature(activity, moments)
        prior_sd = spread_of_couplings(moments) if self.prior_sd == "auto" else self.prior_sd
        settings = self._matching_settings(effort, curvature, float(prior_sd))
        with Team() as team:
            matched = match_moments(team, moments, settings, self._with_population, tell)
            self._adopt(matched.parameters, matched.chains)
            base = fields_of(moments.rates)
            self.log_partition_ = self._annealed(team, base, effort, tell)
        self.training_ = {
            "updates": effort.n_updates,
            "seconds": time.perf_counter() - started,
            "collective_curvature": curvature,
            "prior_sd": float(prior_sd),
            "rate_mismatch": float(matched.mismatch[-1]),
        }
        self._warn_of_disagreement()
        return self

    def effort(self, n_neurons: int) -> Effort:
        """How much work a fit to so many neurons is, what is "auto" answered.

        Raises
        ------
        InputError
            Impossible settings.
        """
        check_settings(self.get_params())
        return answered(n_neurons, self.n_updates, self.n_chains, self.n_annealing)

    def n_steps(self, n_neurons: int) -> int:
        """Steps that a fit to so many neurons tells: updates, and pieces of the annealing."""
        effort = self.effort(n_neurons)
        return effort.n_updates + n_calls(effort.n_annealing)

    def _matching_settings(
        self, effort: Effort, curvature: float, prior_sd: float
    ) -> MatchingSettings:
        return MatchingSettings(
            n_updates=effort.n_updates,
            n_chains=effort.n_chains,
            n_sweeps=int(self.n_sweeps),
            learning_rate=float(self.learning_rate) / max(curvature, _LEAST_CURVATURE),
            prior_sd=prior_sd,
            seed=int(self.seed),
        )

    def _annealed(
        self, team: Team, base: NDArray[np.float64], effort: Effort, tell: Callable[[int], None]
    ) -> LogPartition:
        steps = itertools.count(effort.n_updates + 1)
        return log_partition(
            team,
            self._parameters,
            base.astype(np.float32),
            self.chains_,
            n_chains=ANNEALED_CHAINS,
            n_steps=effort.n_annealing,
            burn_in=_BURN_IN,
            seed=int(self.seed),
            tell=lambda: tell(next(steps)),
        )

    def _warn_of_disagreement(self) -> None:
        _, forward, reverse = self.log_partition_
        apart = abs(forward.value - reverse.value)
        error = np.hypot(forward.standard_error, reverse.standard_error)
        if apart > max(_DISAGREEMENT, _ERRORS_APART * error):
            warnings.warn(
                f"ln Z is {forward.value:.3f} by annealing to the model and {reverse.value:.3f} "
                "from its samples: the likelihood is uncertain by as much; give more n_annealing, "
                "or the chains are not at equilibrium",
                PopcodeWarning,
                stacklevel=3,
            )

    def _adopt(self, parameters: Parameters, chains: NDArray[np.uint8]) -> None:
        self.fields_, self.couplings_, self.population_ = parameters
        self.chains_ = chains
        self.n_features_in_ = parameters.n_neurons

    @property
    def _parameters(self) -> Parameters:
        check_fitted(self)
        return Parameters(self.fields_, self.couplings_, self.population_)

    def energy(self, x: Any) -> NDArray[np.float64]:
        """E(v) of every bin in nats, (n_bins,): log P(v) = -E(v) - log Z."""
        return energy(self._parameters, checked_activity(self, x))

    def conditional_log_odds(self, x: Any) -> NDArray[np.float32]:
        """Log-odds of each neuron given all others of its bin, in nats, (n_bins, n_neurons)."""
        return conditional_log_odds(self._parameters, checked_activity(self, x))

    @property
    def n_parameters(self) -> int:
        """A field for each neuron, a coupling for each pair, and the population term if any."""
        check_fitted(self)
        n = self.n_features_in_
        return n + n * (n - 1) // 2 + (n if self._with_population else 0)

    def reconstruct(self, x: Any) -> NDArray[np.float32]:
        """P(v_i = 1 | all others of the bin), (n_bins, n_neurons)."""
        return expit(self.conditional_log_odds(x))

    def complete(self, x: Any, held: NDArray[np.int64], *, seed: int | None = None) -> Withheld:
        """Predict withheld neurons from all others, by Gibbs sampling with those clamped."""
        fields, couplings, population = self._parameters
        return complete_by_gibbs(
            couplings,
            fields,
            checked_activity(self, x),
            held,
            self.seed if seed is None else seed,
            steps=population_steps(population) if self._with_population else None,
        )

    def score_samples(self, x: Any) -> NDArray[np.float64]:
        """Log-likelihood of every bin with the annealed ln Z, in nats, (n_bins,)."""
        return -self.energy(x) - self.log_partition_.joined.value

    def log_likelihood(self, x: Any, method: str = "ais") -> tuple[float, float]:
        """Mean log-likelihood in nats a bin, and the standard error of ln Z.

        Parameters
        ----------
        x : Recording or array (n_bins, n_neurons)
        method : {"ais", "exact"}
            Annealing in both directions, done once by `fit`; or enumeration, up to 20 neurons.

        Raises
        ------
        InputError
            An unknown method, or too many neurons for enumeration.
        """
        mean_energy = float(self.energy(x).mean())
        if method == "ais":
            log_z, error = self.log_partition_.joined
        elif method == "exact":
            log_z, error = exact.log_partition(self._parameters), 0.0
        else:
            raise InputError(f"method is {method!r}", remedy="It must be 'ais' or 'exact'")
        return -mean_energy - log_z, error

    def sample(
        self,
        n: int,
        *,
        n_chains: int = 1000,
        burn_in: int = 200,
        thin: int = 5,
        seed: int | None = None,
    ) -> NDArray[np.uint8]:
        """Draw equilibrated activity, uint8 (n, n_neurons).

        Parameters
        ----------
        n : int
        n_chains, burn_in, thin : int
            Chains, started from those of the fit; Gibbs sweeps before the first sample, and
            between two samples of one chain.
        seed : int, optional
            By default the model's.
        """
        seed = self.seed if seed is None else seed
        parameters = self._parameters
        with Team() as team:
            return sample_states(
                team,
                parameters,
                self.chains_,
                n,
                n_chains=n_chains,
                burn_in=burn_in,
                thin=thin,
                seed=seed,
            )

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        tensors = {**self._parameters._asdict(), "chains": self.chains_}
        facts = {"training": self.training_, "log_partition": self.log_partition_}
        settings = plain_settings(self.get_params())
        stored = ModelFile(type(self).__name__, settings, tensors, facts, CONVENTION)
        write_model_file(path, stored)

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        self = cls(**stored.settings)
        parameters = Parameters(*(stored.tensors[name] for name in Parameters._fields))
        self._adopt(parameters, stored.tensors["chains"])
        self.log_partition_ = LogPartition(
            *(Estimate(*each) for each in stored.facts["log_partition"])
        )
        self.training_ = stored.facts["training"]
        return self
