"""The network of the sparse linear VAE and its training, in torch.

Encoder: a dense layer with batch normalisation and rectification, then one dense layer with batch
normalisation each for the mean and the log-variance of the latents. Decoder: one dense layer to
the log-odds of every neuron, with an L1 penalty on its weights.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logit
from torch import Tensor, nn
from torch.nn import functional

_INITIAL_STREAM, _BATCH_STREAM, _NOISE_STREAM = 31, 32, 33
_DECAY_AFTER, _DECAY_TO = 0.5, 0.1
_ROWS = 4096


class VaeSettings(NamedTuple):
    """Settings of a fit."""

    n_hidden: int
    l1: float
    n_updates: int
    batch_size: int
    learning_rate: float
    seed: int


class Network(nn.Module):
    """Encoder and decoder; `rates` start the decoder's offsets at the neurons' log-odds."""

    def __init__(self, rates: NDArray[np.float64], n_hidden: int) -> None:
        super().__init__()
        n_neurons = rates.size
        self.first = nn.Linear(n_neurons, n_hidden)
        self.first_norm = nn.BatchNorm1d(n_hidden)
        self.mean = nn.Linear(n_hidden, n_hidden)
        self.mean_norm = nn.BatchNorm1d(n_hidden)
        self.spread = nn.Linear(n_hidden, n_hidden)
        self.spread_norm = nn.BatchNorm1d(n_hidden)
        self.decoder = nn.Linear(n_hidden, n_neurons)
        with torch.no_grad():
            self.decoder.bias.copy_(torch.tensor(logit(rates), dtype=torch.float32))

    def encode(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latents, each (n_bins, n_hidden)."""
        inner = functional.relu(self.first_norm(self.first(v)))
        return self.mean_norm(self.mean(inner)), self.spread_norm(self.spread(inner))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread: how sums are shared out would change the last bits."""
    former = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(former)


def new_network(rates: NDArray[np.float64], n_hidden: int, seed: int) -> Network:
    """Make a network whose weights are drawn from a generator of their own."""
    with torch.random.fork_rng(devices=[]):  # layers draw weights of their own when they are made
        network = Network(rates, n_hidden)
    generator = torch.Generator().manual_seed(_key(seed, _INITIAL_STREAM))
    with torch.no_grad():
        for layer in (network.first, network.mean, network.spread, network.decoder):
            scale = layer.in_features**-0.5
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * scale)
            if layer is not network.decoder:
                layer.bias.zero_()
    return network


def train(
    network: Network,
    activity: NDArray[np.uint8],
    settings: VaeSettings,
    tell: Callable[[int], None],
) -> list[float]:
    """Maximise the evidence bound less the penalty by Adam; the bound in nats a bin, now and then.

    The rate is constant over the first half and then falls geometrically to a tenth.
    """
    rng = np.random.default_rng((settings.seed, _BATCH_STREAM))
    generator = torch.Generator().manual_seed(_key(settings.seed, _NOISE_STREAM))
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    network.train()
    bounds, recent = [], 0.0
    every = max(settings.n_updates // 50, 1)
    for update in range(settings.n_updates):
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * _fall(update / settings.n_updates)
        rows = rng.integers(len(activity), size=settings.batch_size)
        bound = evidence_bound(network, torch.from_numpy(activity[rows]).float(), generator).mean()
        loss = settings.l1 * network.decoder.weight.abs().sum() - bound
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        recent += bound.item()
        if (update + 1) % every == 0:
            bounds.append(recent / every)
            recent = 0.0
        tell(update + 1)
    network.eval()
    return bounds


def _fall(done: float) -> float:
    return _DECAY_TO ** (max(done - _DECAY_AFTER, 0) / (1 - _DECAY_AFTER))


def evidence_bound(network: Network, v: Tensor, generator: torch.Generator) -> Tensor:
    """Lower bound on ln P(v) of each row from one draw of its latents, (n_bins,)."""
    mean, log_variance = network.encode(v)
    noise = torch.randn(mean.shape, generator=generator)
    log_odds = network.decoder(mean + noise * torch.exp(log_variance / 2))
    told = -functional.binary_cross_entropy_with_logits(log_odds, v, reduction="none").sum(dim=1)
    divergence = (mean**2 + log_variance.exp() - log_variance - 1).sum(dim=1) / 2
    return told - divergence


def encoded(network: Network, activity: NDArray) -> tuple[NDArray[np.float32], ...]:
    """Mean and standard deviation of the latents of every bin, each (n_bins, n_hidden)."""
    parts = []
    with torch.no_grad(), one_thread():
        for start in range(0, len(activity), _ROWS):
            block = np.asarray(activity[start : start + _ROWS], np.float32)
            mean, log_variance = network.encode(torch.from_numpy(block))
            parts.append((mean.numpy(), torch.exp(log_variance / 2).numpy()))
    means, spreads = zip(*parts, strict=True)
    return np.concatenate(means), np.concatenate(spreads)


def decoder_of(network: Network) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (n_neurons, n_hidden) and offsets (n_neurons,) of the decoder."""
    layer = network.decoder
    return layer.weight.detach().numpy().copy(), layer.bias.detach().numpy().copy()


def _key(seed: int, stream: int) -> int:
    return int(np.random.default_rng((seed, stream)).integers(2**62))
