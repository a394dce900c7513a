"""Restricted Boltzmann machines in the terms in which models of any kind are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from popcode.estimators.answers import Withheld
from popcode.metrics.comparison import BURN_IN, N_CHAINS, THIN
from popcode.rbm import BernoulliRBM, CompositionalRBM
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.withheld import complete_withheld


class _RbmContender:
    """What RBMs of both kinds answer.

    Parameters
    ----------
    model : CompositionalRBM or BernoulliRBM
    parameters : Parameters
    """

    sees_itself = True

    def __init__(self, model: Any, parameters: Parameters) -> None:
        self._model = model
        self.parameters_ = parameters

    @property
    def n_parameters(self) -> int:
        """Weights, fields, and the numbers of every hidden unit."""
        weights, fields, hidden = self.parameters_
        return weights.size + fields.size + sum(np.size(each) for each in hidden)

    @property
    def weights_(self) -> npt.NDArray[np.float32]:
        """Weights, (n_neurons, n_hidden)."""
        return self._model.weights_

    @property
    def l1_(self) -> float:
        """Penalty of the fit."""
        return self._model.l1_

    def transform(self, x: Any, /) -> npt.NDArray[np.float32]:
        """E[h | v] of every bin, (n_bins, n_hidden)."""
        return self._model.transform(x)

    def reconstruct(self, x: Any, /) -> npt.NDArray[np.float32]:
        """P(v_i = 1 | E[h | v]), (n_bins, n_neurons)."""
        return self._model.reconstruct(x)

    def complete(self, x: Any, held: npt.NDArray[np.int64], /, *, seed: int) -> Withheld:
        """Predict withheld neurons by Gibbs sampling with all others clamped."""
        return complete_withheld(self.parameters_, np.asarray(x), held, seed)

    def sample(self, n: int, /, *, seed: int) -> npt.NDArray[np.uint8]:
        """Samples in the article's protocol of chains."""
        n_chains = min(N_CHAINS, n)
        return self._model.sample(n, n_chains=n_chains, burn_in=BURN_IN, thin=THIN, seed=seed)


class CompositionalContender(_RbmContender):
    """A compositional RBM; its likelihood is not estimated."""

    def __init__(self, model: CompositionalRBM) -> None:
        super().__init__(model, Parameters(model.weights_, model.fields_, model.hidden_))


class BernoulliContender(_RbmContender):
    """A Bernoulli RBM, which also has a likelihood and predicts single neurons exactly."""

    def __init__(self, model: BernoulliRBM) -> None:
        hidden = Bernoulli(-model.hidden_fields_)
        super().__init__(model, Parameters(model.weights_, model.fields_, hidden))

    def conditional_log_odds(self, x: Any, /) -> npt.NDArray[np.floating]:
        """Log-odds of each neuron given all others, (n_bins, n_neurons)."""
        return self._model.conditional_log_odds(x)

    def log_likelihood(self, x: Any, /) -> tuple[float, float]:
        """Mean log-likelihood in nats a bin, and the standard error of ln Z."""
        return self._model.log_likelihood(x)


def as_contender(model: Any) -> Any:
    """Give an RBM in the terms of `Contender`; a baseline is one as it is."""
    if isinstance(model, CompositionalRBM):
        return CompositionalContender(model)
    return BernoulliContender(model) if isinstance(model, BernoulliRBM) else model
