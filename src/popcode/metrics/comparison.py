"""The statistics of a model's samples beside those of the data and of the two bounding models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.metrics.binary import as_binary
from popcode.metrics.blocks import map_rows
from popcode.metrics.controls import independent_samples, resampled_bins
from popcode.metrics.model import GenerativeModel, Sampler
from popcode.metrics.moments import Choice, Moments, moments_of
from popcode.metrics.tuples import choose_pairs, choose_triplets

ALL_PAIRS_UP_TO = 5_000  # neurons
N_PAIRS = 10_000_000
N_TRIPLETS = 100_000
N_CHAINS, BURN_IN, THIN = 300, 2000, 20
MIN_SAMPLES, MAX_SAMPLES, MAX_SAMPLE_BYTES = 15_000, 100_000, 10**9

Binary = npt.NDArray[np.uint8]


class Comparison(NamedTuple):
    """Statistics of five sets of bins over the same pairs and triplets.

    Attributes
    ----------
    train, test : Moments
        Of the data.
    model : Moments
        Of the model's samples; ``neuron_hidden`` has l1 sign(w) added, as in the article.
    independent : Moments
        Of independent neurons with the training means.
    perfect : Moments
        Of training bins drawn with replacement.
    n_samples : int
        Number of samples behind each of the last three.
    """

    train: Moments
    test: Moments
    model: Moments
    independent: Moments
    perfect: Moments
    n_samples: int


def sample_count(n_train: int, n_neurons: int) -> int:
    """How many samples to compare with: as many as training bins, within bounds.

    Parameters
    ----------
    n_train : int
        Training bins.
    n_neurons : int
        Neurons.

    Returns
    -------
    int
        Between 15,000 and 100,000, at most 1 GB, a multiple of the 300 chains where that leaves
        any.
    """
    wanted = min(max(n_train, MIN_SAMPLES), MAX_SAMPLES)
    wanted = max(min(wanted, MAX_SAMPLE_BYTES // n_neurons), 1)
    return wanted - wanted % N_CHAINS if wanted >= N_CHAINS else wanted


def check_inputs(model: GenerativeModel, train: Any, test: Any) -> tuple[Binary, Binary]:
    """Both recordings as zeros and ones, with as many neurons as the model.

    Parameters
    ----------
    model : GenerativeModel
    train, test : Recording or array_like, shape (n_bins, n_neurons)

    Returns
    -------
    train, test : ndarray of uint8

    Raises
    ------
    InputError
        Not binary or counts, empty, or another number of neurons.
    """
    binary = as_binary(train, "train"), as_binary(test, "test")
    n_neurons = model.weights_.shape[0]
    for name, x in zip(("train", "test"), binary, strict=True):
        if x.shape[1] != n_neurons:
            raise InputError(
                f"has {x.shape[1]} neurons, the model {n_neurons}",
                where=name,
                remedy="Select the neurons that the model was fitted to",
            )
    return binary


def choose(weights: npt.NDArray, rng: np.random.Generator) -> Choice:
    """The pairs and triplets to look at: all, or beyond a bound a random subset.

    Parameters
    ----------
    weights : ndarray, shape (n_neurons, n_hidden)
    rng : numpy.random.Generator

    Returns
    -------
    Choice
    """
    n_neurons = len(weights)
    many = n_neurons > ALL_PAIRS_UP_TO
    return Choice(
        connected=np.asarray(weights) != 0,
        pairs=choose_pairs(n_neurons, N_PAIRS, rng) if many else None,
        triplets=choose_triplets(n_neurons, N_TRIPLETS, rng),
    )


def compare(
    model: GenerativeModel,
    train: Any,
    test: Any,
    seed: int = 0,
    *,
    samples: Binary | None = None,
    tell: Callable[[str], None] = lambda _text: None,
) -> Comparison:
    """Sample a model and take every statistic of data, samples and bounding models.

    Parameters
    ----------
    model : GenerativeModel
    train, test : Recording or array_like, shape (n_bins, n_neurons)
        Binary activity.
    seed : int
        Of the samples and of the random subsets.
    samples : ndarray of uint8, shape (n_samples, n_neurons), optional
        Of the model, from `samples_to_judge` with the same seed, where they are there already.
    tell : callable
        Called with a line before each step.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        As :func:`check_inputs`.
    """
    train, test = check_inputs(model, train, test)
    choice_rng, independent_rng, perfect_rng = np.random.default_rng(seed).spawn(3)
    choice = choose(model.weights_, choice_rng)
    n = sample_count(*train.shape)

    def of(x: Binary) -> Moments:
        return moments_of(x, map_rows(model.transform, x), choice)

    tell("statistics of the data")
    data = of(train), of(test)
    if samples is None:
        tell(f"generating {n} samples in {min(N_CHAINS, n)} chains")
        samples = samples_to_judge(model, n, seed)
    generated = of(samples)
    tell("the same number of samples of an independent and of a perfect model")
    independent = of(independent_samples(train, n, independent_rng))
    perfect = of(resampled_bins(train, n, perfect_rng))
    return Comparison(
        *data, _with_penalty(generated, model, choice.connected), independent, perfect, n
    )


def samples_to_judge(model: Sampler, n: int, seed: int) -> Binary:
    """Equilibrated samples of a model, uint8 (n, n_neurons), of 300 chains in turn.

    Parameters
    ----------
    model : GenerativeModel
    n : int
        As `sample_count` says.
    seed : int
    """
    samples = model.sample(n, n_chains=min(N_CHAINS, n), burn_in=BURN_IN, thin=THIN, seed=seed)
    return as_binary(samples, "samples of the model")


def _with_penalty(
    generated: Moments, model: GenerativeModel, connected: npt.NDArray[np.bool_]
) -> Moments:
    """Add l1 sign(w) to <v h>: where the penalised likelihood is largest the two then agree.

    The article's own statistic ("Assessment of data statistics"). Under the variance gauge it is
    not the exact condition of the optimum; convergence is judged on the total derivative instead.
    """
    signs = np.sign(np.asarray(model.weights_, dtype=np.float64)[connected])
    return generated._replace(neuron_hidden=generated.neuron_hidden + model.l1_ * signs)
