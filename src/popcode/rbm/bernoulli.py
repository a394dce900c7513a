"""The Bernoulli RBM: a generative model of hundreds to thousands of spiking neurons."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError, PopcodeWarning
from popcode.estimators.arguments import plain_settings
from popcode.rbm.answers import Answers
from popcode.rbm.ladder_storage import ladder_of, stored_with_ladder
from popcode.rbm.pcd.automatic import (
    automatic_effort,
    automatic_learning_rate,
    penalised_learning_rate,
)
from popcode.rbm.pcd.finishing import FittedBernoulli, finish_bernoulli
from popcode.rbm.pcd.fitting import start_bernoulli
from popcode.rbm.pcd.penalty import choose_penalty
from popcode.rbm.pcd.settings import (
    BernoulliSettings,
    check_bernoulli_settings,
    resolve_device,
)
from popcode.rbm.pcd.trainer import PcdRow, PcdTrainer
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.settings import Auto
from popcode.rbm.storage import StoredModel, write_model
from popcode.rbm.trainer import mean_activity
from popcode.recording.coerce import binary_activity
from popcode.threads import Team

_FEW_BINS = 100  # as on the command line


class BernoulliRBM(Answers):
    """Restricted Boltzmann machine with binary neurons and binary hidden units.

    P(v, h) ~ exp(fields . v + hidden_fields . h + v^T weights h), fitted by persistent contrastive
    divergence along the centred gradient.

    Parameters
    ----------
    n_hidden : int
        Hidden units.
    n_updates, n_chains, batch_size : int or "auto"
        Gradient updates; Markov chains; bins a batch. "auto" goes by the number of weights:
        100,000, 250 and 250 at 16,000 (160 neurons, 100 units), more chains and bins with fewer
        updates for small models (to 1,000 and 20,000), fewer updates for large ones.
    n_sweeps : int
        Gibbs sweeps an update.
    learning_rate : float or "auto"
        "auto": .12 / sqrt(neurons active in a bin x hidden units), so that a step moves free
        energies alike in models of every size (.005 for 160 retinal cells, .001 for 1,500
        neurons); 6.5 times that, at most .02, under an l1 penalty. Constant over the first 40 %
        of the updates, then falls to a hundredth; the fit ends as the mean of the iterates of its
        last tenth.
    l1 : float or "auto"
        Penalty l1 |w| on every weight, in nats a bin, after the first tenth of the updates. "auto":
        0 where the recording has at least 5 bins a weight; else the best of a grid by the
        likelihood of withheld stretches along a short fit.
    l2 : float
        Penalty l2 w^2 on every weight, likewise.
    optimizer : {"adam", "sgd"}
        Adam, or gradient ascent with momentum.
    chains : {"persistent", "data", "random"}
        Where the chains of an update start: where they were (an equilibrium model, which the
        couplings and the relaxation need), at the bins of the batch, or at independent neurons.
    pretraining : bool
        Start from a low-rank model of the principal directions; pays for recordings with a few
        sharply separated states.
    early_stopping : bool
        Withhold the last tenth of the bins and keep the model that is best on them.
    seed : int
        The same seed gives the same bits, whatever the number of threads.
    device : str
        "auto" or "cpu".

    Attributes
    ----------
    weights_ : ndarray of float32, (n_neurons, n_hidden)
    fields_ : ndarray of float32, (n_neurons,)
    hidden_fields_ : ndarray of float64, (n_hidden,)
    ladder_ : Ladder
        Models along the fit with their chains, for tempering and for the likelihood.
    mean_activity_ : ndarray of float32, (n_neurons,)
        Of the training bins.
    n_features_in_ : int
    history_ : list of PcdRow
    training_ : dict
        Whether it converged, restarts, the rungs' acceptance.

    References
    ----------
    Béreux et al., arXiv:2603.11032 (2026).

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((400, 12)) < 0.2).astype(np.uint8)
    >>> rbm = BernoulliRBM(n_hidden=3, n_updates=200).fit(x)
    >>> rbm.couplings().shape
    (12, 12)
    """

    def __init__(
        self,
        *,
        n_hidden: int = 100,
        n_updates: int | Auto = "auto",
        n_chains: int | Auto = "auto",
        n_sweeps: int = 1,
        batch_size: int | Auto = "auto",
        learning_rate: float | Auto = "auto",
        l1: float | Auto = "auto",
        l2: float = 0.0,
        optimizer: str = "adam",
        chains: str = "persistent",
        pretraining: bool = False,
        early_stopping: bool = False,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        self.n_hidden = n_hidden
        self.n_updates = n_updates
        self.n_chains = n_chains
        self.n_sweeps = n_sweeps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.l1 = l1
        self.l2 = l2
        self.optimizer = optimizer
        self.chains = chains
        self.pretraining = pretraining
        self.early_stopping = early_stopping
        self.seed = seed
        self.device = device

    def fit(self, x: Any, y: None = None, *, sample_weight: Any = None) -> Self:
        """Fit to a Recording or an array (n_bins, n_neurons) of activity.

        Parameters
        ----------
        x : Recording or array_like, (n_bins, n_neurons)
        y : None
        sample_weight : array_like, (n_bins,), optional
            How much each bin counts.

        Raises
        ------
        InputError
            Real values, impossible settings, too few bins, weights that are negative or not finite.
        """
        activity = np.ascontiguousarray(binary_activity(x))
        _warn_of_few_bins(len(activity))
        started = time.perf_counter()
        settings = self.resolve(activity, np.arange(len(activity)))
        weights = _checked_weights(sample_weight, len(activity))
        with Team() as team:
            bins = np.arange(len(activity))
            if self.l1 == "auto":
                l1 = choose_penalty(team, activity, bins, settings, weights).l1
                settings = self.settled(settings, l1)
            trainer = start_bernoulli(team, activity, bins, settings, weights)
            trainer.run(team, lambda _: None)
            fitted = finish_bernoulli(team, trainer)
        fitted.training["seconds"] = time.perf_counter() - started
        for note in fitted.notes:
            warnings.warn(note, PopcodeWarning, stacklevel=2)
        return self.adopt(fitted, trainer)

    def resolve(self, activity: NDArray[np.uint8], bins: NDArray[np.int64]) -> BernoulliSettings:
        """Settings of a fit to the bins of a recording, an "auto" answered.

        All but that of l1, which takes a fit of its own (`choose_penalty`); it stands at 0.

        Raises
        ------
        InputError
        """
        values = self.get_params()
        check_bernoulli_settings(values)
        values["device"] = resolve_device(self.device)
        effort = automatic_effort(activity.shape[1], int(self.n_hidden))
        values |= {name: v for name, v in effort._asdict().items() if values[name] == "auto"}
        values["batch_size"] = min(int(values["batch_size"]), bins.size)
        values["l1"] = 0.0
        if self.learning_rate == "auto":
            n_active = float(mean_activity(activity, bins).sum(dtype=np.float64))
            values["learning_rate"] = automatic_learning_rate(n_active, self.n_hidden)
        settings = BernoulliSettings(**values)
        return settings if self.l1 == "auto" else self.settled(settings, float(self.l1))

    def settled(self, settings: BernoulliSettings, l1: float) -> BernoulliSettings:
        """Settings of `resolve` with a penalty and, if it was left open, the rate for it."""
        rate = settings.learning_rate
        if l1 > 0 and self.learning_rate == "auto":
            rate = penalised_learning_rate(rate)
        return settings._replace(l1=l1, learning_rate=rate)

    def adopt(self, fitted: FittedBernoulli, trainer: PcdTrainer) -> Self:
        """Take on the result of a fit that was run piece by piece."""
        state = trainer.state
        self.weights_, self.fields_ = state.weights, state.fields
        self.hidden_fields_ = state.hidden_fields
        self.ladder_ = fitted.ladder
        self.mean_activity_ = trainer.mean_activity
        self.history_ = trainer.history
        self.training_ = fitted.training
        self.n_features_in_ = self.weights_.shape[0]
        return self

    def _hidden(self) -> Bernoulli:
        return Bernoulli(-self.hidden_fields_)

    def chain_states(self) -> NDArray[np.uint8]:
        """States of the training's chains, (n_chains, n_neurons)."""
        return self.ladder_.chains[-1]

    @property
    def l1_(self) -> float:
        """Strength of the L1 penalty of the fit."""
        return float(self.training_["l1"])

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        facts = {"training": self.training_, "history": self.history_}
        settings = plain_settings(self.get_params())
        extra = {"mean_activity": self.mean_activity_}
        write_model(path, stored_with_ladder("BernoulliRBM", settings, self.ladder_, extra, facts))

    @classmethod
    def from_stored(cls, stored: StoredModel) -> Self:
        """Rebuild a saved model."""
        self = cls(**stored.settings)
        self.weights_, self.fields_ = stored.parameters.weights, stored.parameters.fields
        self.hidden_fields_ = -stored.parameters.hidden.theta
        self.ladder_ = ladder_of(stored)
        self.mean_activity_ = stored.extra["mean_activity"]
        self.history_ = [PcdRow(*_numbers(row)) for row in stored.facts["history"]]
        self.training_ = stored.facts["training"]
        self.n_features_in_ = self.weights_.shape[0]
        return self


def _warn_of_few_bins(n_bins: int) -> None:
    if n_bins < _FEW_BINS:
        warnings.warn(
            f"{n_bins} bins are too few to tell couplings from noise; give at least {_FEW_BINS}",
            PopcodeWarning,
            stacklevel=3,
        )


def _numbers(row: list) -> list:
    """What JSON has no name for is null there."""
    return [float("nan") if value is None else value for value in row]


def _checked_weights(sample_weight: Any, n_bins: int) -> NDArray[np.float32] | None:
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight, np.float32)
    except (TypeError, ValueError):
        weights = np.empty(0, np.float32)
    if weights.shape != (n_bins,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise InputError(
            f"sample_weight has shape {weights.shape}, or values below 0 or not finite",
            remedy=f"Give {n_bins} numbers of at least 0, one a bin",
        )
    if not weights.any():
        raise InputError("all of sample_weight is 0", remedy="Give some bins a weight above 0")
    return weights
