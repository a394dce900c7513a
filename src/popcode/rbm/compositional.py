"""The compositional RBM: a sparse generative model whose hidden units are a brain's assemblies."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError, PopcodeWarning
from popcode.estimators.arguments import plain_settings
from popcode.rbm.fitted import FittedRBM
from popcode.rbm.fitting import Fitted, choose_penalty, finish_fit, start_fit
from popcode.rbm.potentials import Potential
from popcode.rbm.settings import (
    Auto,
    Settings,
    automatic_n_hidden,
    check_settings,
    resolve_device,
)
from popcode.rbm.storage import StoredModel, write_model
from popcode.rbm.trainer import HistoryRow, Trainer, mean_activity
from popcode.recording.coerce import binary_activity
from popcode.threads import Team


class CompositionalRBM(FittedRBM):
    """Restricted Boltzmann machine with sparse weights and real-valued hidden units.

    P(v, h) ~ exp(fields . v + v^T weights h - sum U(h)) over binary activity v, fitted by
    persistent contrastive divergence with a proximal L1 penalty in the gauge Var(h) = 1.

    Parameters
    ----------
    n_hidden : int or "auto"
        Hidden units. "auto": 15 n^(1/4) to the nearest ten, at most 200 (50 for 160 neurons).
    hidden : {"drelu", "relu", "gaussian", "bernoulli"}
        Potential of the hidden units. The article's is the double rectified linear unit.
    l1 : float or "auto"
        Penalty on every weight, in nats a bin. "auto": 0.7 standard errors of the mean of v h
        over the training bins, sqrt(p (1 - p) / n_bins), and at most an eighth of the largest value
        of a fixed grid at which, in one short fit, 80 % of the hidden units keep weights.
    n_updates, n_chains, n_sweeps, batch_size : int
        Gradient updates; persistent chains; Gibbs sweeps an update; bins a batch.
    learning_rate : float
        Of RMSprop; rises over the first 2.5 % of the updates, is constant up to 60 %, falls to
        2e-4 up to 75 %; the fit ends as the mean of the iterates of its last quarter.
    seed : int
        The same seed gives the same bits on the same device, whatever the number of threads.
    device : str
        "auto", "cpu", "cuda" or "cuda:1".

    Attributes
    ----------
    weights_ : ndarray of float32, (n_neurons, n_hidden)
        Zero where there is no connection.
    fields_ : ndarray of float32, (n_neurons,)
    hidden_ : Potential
        Parameters of the hidden units.
    l1_ : float
    n_features_in_ : int
    history_ : list of HistoryRow
    training_ : dict
        Whether it converged, restarts, hidden units alive.

    References
    ----------
    van der Plas et al., Neural assemblies uncovered by generative modeling explain whole-brain
    activity statistics and reflect structural connectivity, eLife 12:e83139 (2023).

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((400, 12)) < 0.2).astype(np.uint8)
    >>> rbm = CompositionalRBM(n_hidden=3, l1=0.01, n_updates=50).fit(x)
    >>> rbm.transform(x).shape
    (400, 3)
    """

    def __init__(
        self,
        *,
        n_hidden: int | Auto = "auto",
        hidden: str = "drelu",
        l1: float | Auto = "auto",
        n_updates: int = 20_000,
        n_chains: int = 100,
        n_sweeps: int = 15,
        batch_size: int = 100,
        learning_rate: float = 5e-3,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        self.n_hidden = n_hidden
        self.hidden = hidden
        self.l1 = l1
        self.n_updates = n_updates
        self.n_chains = n_chains
        self.n_sweeps = n_sweeps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.seed = seed
        self.device = device

    def fit(self, x: Any, y: None = None) -> Self:
        """Fit to a Recording or an array (n_bins, n_neurons) of activity.

        Raises
        ------
        InputError
            Real values, impossible settings, too few bins.
        """
        activity = np.ascontiguousarray(binary_activity(x))
        started = time.perf_counter()
        bins = np.arange(len(activity))
        with Team() as team:
            settings = self.resolve(team, activity, bins)
            trainer = start_fit(activity, bins, settings)
            trainer.run(team, lambda _: None)
            fitted = finish_fit(team, trainer, settings)
        fitted.training["seconds"] = time.perf_counter() - started
        for note in fitted.notes:
            warnings.warn(note, PopcodeWarning, stacklevel=2)
        return self.adopt(fitted, trainer)

    def resolve(self, team: Team, activity: NDArray[np.uint8], bins: NDArray[np.int64]) -> Settings:
        """Settings with every "auto" answered by the recording (a short fit for `l1`)."""
        check_settings(self.get_params())
        device = resolve_device(self.device)
        rates = mean_activity(activity, bins)
        n_active = int((rates > 0).sum())
        if n_active == 0:
            raise InputError(
                "no neuron is active in any training bin",
                remedy="Check the recording (popcode info), its threshold and its split",
            )
        n_hidden = self.n_hidden
        if n_hidden == "auto":
            n_hidden = automatic_n_hidden(n_active, bins.size)
        settings = Settings(
            n_hidden=int(n_hidden),
            hidden=self.hidden,
            l1=0.0 if self.l1 == "auto" else float(self.l1),
            n_updates=int(self.n_updates),
            n_chains=int(self.n_chains),
            n_sweeps=int(self.n_sweeps),
            batch_size=min(int(self.batch_size), bins.size),
            learning_rate=float(self.learning_rate),
            seed=int(self.seed),
            device=device,
        )
        if self.l1 == "auto":
            settings = settings._replace(l1=choose_penalty(team, activity, bins, settings).l1)
        return settings

    def adopt(self, fitted: Fitted, trainer: Trainer) -> Self:
        """Take on the result of a fit that was run piece by piece."""
        state = fitted.state
        self.weights_, self.fields_, self.hidden_ = state.weights, state.fields, state.hidden
        self.chains_ = state.chains
        self.mean_activity_ = trainer.mean_activity
        self.l1_ = trainer.schedule.l1
        self.history_ = trainer.history
        self.training_ = fitted.training
        self.n_features_in_ = self.weights_.shape[0]
        return self

    def _hidden(self) -> Potential:
        return self.hidden_

    def chain_states(self) -> NDArray[np.uint8]:
        """States of the training's chains, (n_chains, n_neurons)."""
        return self.chains_

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        facts = {"l1": self.l1_, "training": self.training_, "history": self.history_}
        extra: dict[str, NDArray] = {
            "chains": self.chains_,
            "mean_activity": self.mean_activity_,
        }
        settings = plain_settings(self.get_params())
        stored = StoredModel("CompositionalRBM", settings, self.parameters_, extra, facts)
        write_model(path, stored)

    @classmethod
    def from_stored(cls, stored: StoredModel) -> Self:
        """Rebuild a saved model."""
        self = cls(**stored.settings)
        self.weights_, self.fields_, self.hidden_ = stored.parameters
        self.chains_ = stored.extra["chains"]
        self.mean_activity_ = stored.extra["mean_activity"]
        self.l1_ = stored.facts["l1"]
        self.training_ = stored.facts["training"]
        self.history_ = [HistoryRow(*row) for row in stored.facts["history"]]
        self.n_features_in_ = self.weights_.shape[0]
        return self
