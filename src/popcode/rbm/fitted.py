"""What every fitted RBM can be asked: its hidden units, its reconstructions, its samples."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from popcode.estimators.activity import check_fitted, checked_activity
from popcode.rbm import parameters as model
from popcode.rbm.perturbation import Effects, Perturbation, perturb
from popcode.rbm.potentials import Potential
from popcode.rbm.sampling import sample_states


class FittedRBM(TransformerMixin, BaseEstimator, ABC):
    """Methods of an RBM that needs nothing but its parameters and its chains."""

    seed: int
    weights_: NDArray[np.float32]
    fields_: NDArray[np.float32]

    @abstractmethod
    def _hidden(self) -> Potential:
        """Potential of the hidden units."""

    @abstractmethod
    def chain_states(self) -> NDArray[np.uint8]:
        """States of the training's chains, (n_chains, n_neurons)."""

    @property
    def parameters_(self) -> model.Parameters:
        """Weights, fields and the potential of the hidden units."""
        check_fitted(self)
        return model.Parameters(self.weights_, self.fields_, self._hidden())

    def transform(self, x: Any) -> NDArray[np.float32]:
        """E[h | v] of every bin, (n_bins, n_hidden)."""
        activity = checked_activity(self, x)
        return model.mean_hidden(self.parameters_, activity).astype(np.float32)

    def reconstruct(self, x: Any) -> NDArray[np.float32]:
        """P(v_i = 1 | E[h | v]) of every bin and neuron, (n_bins, n_neurons)."""
        hidden = model.mean_hidden(self.parameters_, checked_activity(self, x))
        return model.mean_visible(self.parameters_, hidden).astype(np.float32)

    def free_energy(self, x: Any) -> NDArray[np.float64]:
        """F(v) of every bin in nats, (n_bins,): log P(v) = -F(v) - log Z."""
        return model.free_energy(self.parameters_, checked_activity(self, x))

    def sample(
        self,
        n: int,
        *,
        n_chains: int = 300,
        burn_in: int = 2000,
        thin: int = 20,
        seed: int | None = None,
    ) -> NDArray[np.uint8]:
        """Draw equilibrated activity, uint8 (n, n_neurons), by Gibbs sampling.

        Parameters
        ----------
        n : int
        n_chains, burn_in, thin : int
            Independent chains, started from the chains of the training; Gibbs sweeps before the
            first sample, and between two samples of one chain.
        seed : int, optional
            By default the model's.
        """
        return sample_states(
            self.parameters_,
            n,
            n_chains=n_chains,
            burn_in=burn_in,
            thin=thin,
            seed=self.seed if seed is None else seed,
            start=self.chain_states(),
        )

    def perturb(
        self,
        perturbation: Perturbation,
        *,
        n_chains: int = 400,
        burn_in: int = 500,
        n_sweeps: int = 500,
        seed: int | None = None,
    ) -> Effects:
        """Hold units, or take them out, and compare the mean activity of every neuron.

        Parameters
        ----------
        perturbation : Perturbation
            Of `popcode.rbm`: which neurons and hidden units, and where they are held.
        n_chains, burn_in, n_sweeps : int
            Independent chains, started from the chains of the training; sweeps before the first
            state that counts, and sweeps that do.
        seed : int, optional
            By default the model's.

        Returns
        -------
        Effects
            Of every neuron before and after, with intervals, and the same of no perturbation.

        Raises
        ------
        InputError
            Units that are not there, held twice, or held where they cannot be.
        """
        return perturb(
            self.parameters_,
            perturbation,
            n_chains=n_chains,
            burn_in=burn_in,
            n_sweeps=n_sweeps,
            seed=self.seed if seed is None else seed,
            start=self.chain_states(),
        )
