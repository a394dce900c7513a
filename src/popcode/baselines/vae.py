"""The sparse linear variational autoencoder that the compositional RBM was compared with."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator

from popcode.baselines.moments import rates_of
from popcode.baselines.withheld import BURN_IN, N_SWEEPS
from popcode.errors import InputError
from popcode.estimators.activity import check_fitted, checked_activity
from popcode.estimators.answers import Withheld, checked_held
from popcode.estimators.arguments import check_whole, plain_settings
from popcode.estimators.model_files import ModelFile, write_model_file
from popcode.recording.coerce import binary_activity

if TYPE_CHECKING:
    from popcode.baselines.vae_network import Network

_SAMPLE_STREAM, _WITHHELD_STREAM = 34, 35


class LinearVAE(BaseEstimator):
    """Variational autoencoder with a linear, sparse decoder over binary activity.

    P(v) = integral dz N(z; 0, 1) prod_i P(v_i | z), the log-odds of v_i linear in z with an L1
    penalty on the weights, fitted by the evidence lower bound with a two-layer encoder.

    Parameters
    ----------
    n_hidden : int
        Latents.
    l1 : float
        Penalty on every weight of the decoder, in nats a bin.
    n_updates, batch_size : int
        The article made 200,000 updates at a tenth of this rate, with ten draws of the latents
        each; one draw has the same mean.
    learning_rate : float
        Of Adam; falls to a tenth over the second half.
    seed : int
        The same seed gives the same bits on the same machine.

    Attributes
    ----------
    weights_ : ndarray of float32, (n_neurons, n_hidden)
    fields_ : ndarray of float32, (n_neurons,)
    n_features_in_ : int
    training_ : dict
        Seconds, and the evidence bound along the fit in nats a bin.

    References
    ----------
    van der Plas et al., eLife 12:e83139 (2023), Methods, "Variational autoencoder"; Kingma and
    Welling, arXiv:1312.6114.

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.random.default_rng(0).random((400, 12)) < 0.2).astype(np.uint8)
    >>> LinearVAE(n_hidden=3, n_updates=20).fit(x).sample(5).shape
    (5, 12)
    """

    sees_itself = True

    def __init__(
        self,
        *,
        n_hidden: int = 50,
        l1: float = 0.002,
        n_updates: int = 20_000,
        batch_size: int = 100,
        learning_rate: float = 1e-3,
        seed: int = 0,
    ) -> None:
        self.n_hidden = n_hidden
        self.l1 = l1
        self.n_updates = n_updates
        self.batch_size = batch_size
        self.learning_rate = learning_rate
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
            Called with the number of updates done after each.

        Raises
        ------
        InputError
            Real values, impossible settings.
        """
        self._check()
        # Two seconds of torch that nobody else need spend.
        from popcode.baselines.vae_network import (  # noqa: PLC0415
            VaeSettings,
            new_network,
            one_thread,
            train,
        )

        activity = np.ascontiguousarray(binary_activity(x))
        settings = VaeSettings(**self.get_params())
        started = time.perf_counter()
        with one_thread():
            network = new_network(rates_of(activity), settings.n_hidden, settings.seed)
            bounds = train(network, activity, settings, tell)
        self.training_ = {"seconds": time.perf_counter() - started, "evidence_bound": bounds}
        return self._adopt(network)

    def _check(self) -> None:
        check_whole(n_hidden=self.n_hidden, n_updates=self.n_updates)
        check_whole(least=2, batch_size=self.batch_size)
        check_whole(least=0, seed=self.seed)
        if not 0 <= self.l1 < np.inf or not 0 < self.learning_rate < np.inf:
            raise InputError(
                f"l1 is {self.l1!r} and learning_rate is {self.learning_rate!r}",
                remedy="Give an l1 of at least 0 and a rate above 0",
            )

    def _adopt(self, network: Network) -> Self:
        from popcode.baselines.vae_network import decoder_of  # noqa: PLC0415

        self._network = network
        self.weights_, self.fields_ = decoder_of(network)
        self.n_features_in_ = self.fields_.size
        return self

    @property
    def n_parameters(self) -> int:
        """Weights and offsets of encoder and decoder, and those of the normalisation."""
        check_fitted(self)
        return sum(each.numel() for each in self._network.parameters())

    def _encoded(self, activity: NDArray) -> tuple[NDArray[np.float32], ...]:
        from popcode.baselines.vae_network import encoded  # noqa: PLC0415

        return encoded(self._network, activity)

    def transform(self, x: Any) -> NDArray[np.float32]:
        """Mean of the latents given each bin, by the encoder, (n_bins, n_hidden)."""
        return self._encoded(checked_activity(self, x))[0]

    def reconstruct(self, x: Any) -> NDArray[np.float32]:
        """P(v_i = 1) at the mean of the latents, (n_bins, n_neurons)."""
        return expit(self.transform(x) @ self.weights_.T + self.fields_)

    def complete(self, x: Any, held: NDArray[np.int64], *, seed: int | None = None) -> Withheld:
        """Predict withheld neurons from all others.

        Along a chain that draws the latents by the encoder and the withheld neurons by the decoder
        in turn (Rezende, Mohamed and Wierstra, arXiv:1401.4082, appendix F); exact where the
        encoder is.
        """
        states = checked_activity(self, x).astype(np.float32)
        held, _ = checked_held(held, self.n_features_in_)
        rng = np.random.default_rng((self.seed if seed is None else seed, _WITHHELD_STREAM))
        weights, fields = self.weights_[held].T, self.fields_[held]
        p = np.broadcast_to(expit(fields), (len(states), held.size))
        total = np.zeros(p.shape)
        for sweep in range(BURN_IN + N_SWEEPS):
            states[:, held] = rng.random(p.shape, dtype=np.float32) < p
            mean, spread = self._encoded(states)
            z = mean + spread * rng.standard_normal(mean.shape, dtype=np.float32)
            p = expit(z @ weights + fields)
            if sweep >= BURN_IN:
                total += p
        return Withheld(total / N_SWEEPS)

    def sample(self, n: int, *, seed: int | None = None) -> NDArray[np.uint8]:
        """Draw activity, uint8 (n, n_neurons): latents from their prior, then neurons."""
        check_fitted(self)
        check_whole(n=n)
        rng = np.random.default_rng((self.seed if seed is None else seed, _SAMPLE_STREAM))
        drawn = np.empty((n, self.n_features_in_), np.uint8)
        for start in range(0, n, 4096):
            part = drawn[start : start + 4096]
            z = rng.standard_normal((len(part), self.n_hidden), dtype=np.float32)
            p = expit(z @ self.weights_.T + self.fields_)
            part[:] = rng.random(p.shape, dtype=np.float32) < p
        return drawn

    def save(self, path: str | Path) -> None:
        """Write the model as one safetensors file (no pickle)."""
        check_fitted(self)
        tensors = {name: each.numpy() for name, each in self._network.state_dict().items()}
        settings = plain_settings(self.get_params())
        stored = ModelFile("LinearVAE", settings, tensors, {"training": self.training_}, {})
        write_model_file(path, stored)

    @classmethod
    def from_stored(cls, stored: ModelFile) -> Self:
        """Rebuild a saved model."""
        import torch  # noqa: PLC0415

        from popcode.baselines.vae_network import new_network  # noqa: PLC0415

        self = cls(**stored.settings)
        n_neurons = stored.tensors["decoder.bias"].size
        network = new_network(np.full(n_neurons, 0.5), self.n_hidden, self.seed)
        tensors = {name: torch.from_numpy(each) for name, each in stored.tensors.items()}
        network.load_state_dict(tensors)
        network.eval()
        self.training_ = stored.facts["training"]
        return self._adopt(network)
