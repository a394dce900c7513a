"""Models of every kind on one footing: the same bins, the same withheld neurons, the same scores.

What a model does not do is None: a regression does not generate, a mixture is not asked for hidden
units that it does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from popcode.estimators.answers import Contender, Generator
from popcode.files import jsonable
from popcode.metrics.comparison import check_inputs, compare
from popcode.metrics.completion import sampled_log_odds, score_completion, training_log_odds
from popcode.metrics.equilibrium.models import Conditional
from popcode.metrics.equilibrium.predictions import some_bins
from popcode.metrics.evaluation import score_comparison
from popcode.metrics.population import divergence
from popcode.metrics.reconstruction import neuron_nllh, summarise_nllh
from popcode.metrics.scoring import agreement

N_FOLDS = 4
MAX_BINS, MAX_VALUES = 1000, 20_000_000
_FOLD_STREAM, _BIN_STREAM = 71, 72
_OF_NEURONS = ("neuron_bits", "neuron_error")
Binary = npt.NDArray[np.uint8]


class Sampled(NamedTuple):
    """A generating model as the statistics take it, with or without hidden units.

    Attributes
    ----------
    model : Generator
    n_neurons : int
    """

    model: Any
    n_neurons: int

    @property
    def weights_(self) -> npt.NDArray[np.floating]:
        """Weights of the hidden units; none, (n_neurons, 0), for a model without."""
        return getattr(self.model, "weights_", np.empty((self.n_neurons, 0), np.float32))

    @property
    def l1_(self) -> float:
        """Penalty whose sign is added to <v h>: only where the model is fitted that way."""
        return float(getattr(self.model, "l1_", 0.0))

    def transform(self, x: npt.NDArray, /) -> npt.NDArray[np.floating]:
        """Hidden units given each bin."""
        known = getattr(self.model, "transform", None)
        return np.empty((len(x), 0), np.float32) if known is None else known(x)

    def reconstruct(self, x: npt.NDArray, /) -> npt.NDArray[np.floating]:
        """P(v = 1) as the model puts the activity together again."""
        return self.model.reconstruct(x)

    def sample(self, n: int, /, *, seed: int = 0, **_of_chains: int) -> Binary:
        """Samples; how its chains run, if it has any, is the model's own affair."""
        return self.model.sample(n, seed=seed)


def judge_contender(
    model: Contender,
    train: Binary,
    test: Binary,
    seed: int = 0,
    *,
    tell: Callable[[str], None] = lambda _text: None,
) -> dict[str, Any]:
    """Judge a model of any kind on withheld bins.

    Parameters
    ----------
    model : Contender
        It may be a `Generator`, have `conditional_log_odds` and `log_likelihood`, too.
    train, test : ndarray of uint8, shape (n_bins, n_neurons)
    seed : int
        Of the samples, of the bins and of the withheld neurons: the same for all models.
    tell : callable
        Called with a line before each of four steps.

    Returns
    -------
    dict
        ``n_parameters``; ``sees_itself``; ``reconstruction`` (nLLH over neurons);
        ``co_smoothing`` (every neuron withheld once, with a quarter of all, bits a spike);
        ``single`` (every neuron from all others, exactly) or None; ``log_likelihood`` or None;
        ``generation`` (``statistics``, ``triplets``, ``population_activity``) or None.

    Raises
    ------
    InputError
        Too few test bins, or activity of other neurons.
    """
    tell("reconstruction and withheld neurons")
    found: dict[str, Any] = {
        "n_parameters": int(model.n_parameters),
        "sees_itself": bool(model.sees_itself),
        "reconstruction": summarise_nllh(neuron_nllh(model.reconstruct, test))._asdict(),
        "co_smoothing": co_smoothing(model, train, test, seed),
    }
    tell("each neuron from all others, and likelihood")
    found["single"] = _single(model, train, test, seed)
    found["log_likelihood"] = _log_likelihood(model, test)
    tell("statistics of samples")
    found["generation"] = _generation(model, train, test, seed)
    return jsonable(found)


def bounds_of(train: Binary, test: Binary, seed: int = 0) -> dict[str, Any]:
    """The rows that no model is: independent neurons and a perfect model, in the same terms.

    Parameters
    ----------
    train, test : ndarray of uint8, shape (n_bins, n_neurons)
    seed : int

    Returns
    -------
    dict
        ``independent`` and ``perfect`` -> ``statistics`` (score, Pearson's r and slope of each),
        ``triplets``, ``population_activity``, from samples as many as each model's; and
        ``bits_certain``, the bits a spike of knowing every state.
    """
    tested, baseline = _completed_bins(test, seed), training_log_odds(train)
    certain = score_completion(np.tile(baseline, (len(tested), 1)), tested, baseline).bits_certain
    comparison = compare(Sampled(_Rates(train), train.shape[1]), train, test, seed)
    scores = score_comparison(comparison)
    told: dict[str, Any] = {"n_samples": comparison.n_samples, "bits_certain": certain}
    for name in ("independent", "perfect"):
        moments = getattr(comparison, name)
        told[name] = {
            "statistics": {
                statistic: {key: each[f"{key}_{name}"] for key in ("score", "pearson", "slope")}
                for statistic, each in scores.items()
            },
            **_beyond_pairs(comparison.test, moments),
        }
    return jsonable(told)


class _Rates:
    """Independent neurons at the training means."""

    def __init__(self, train: Binary) -> None:
        self._rates = expit(training_log_odds(train))

    def sample(self, n: int, /, *, seed: int) -> Binary:
        drawn = np.random.default_rng(seed).random((n, self._rates.size), dtype=np.float32)
        return (drawn < self._rates).astype(np.uint8)


def folds_of(n_neurons: int, seed: int) -> list[npt.NDArray[np.int64]]:
    """Random quarters of the neurons, each withheld once, in ascending order.

    Of two or three neurons each is a part of its own; a single one cannot be withheld.
    """
    order = np.random.default_rng((seed, _FOLD_STREAM)).permutation(n_neurons)
    parts = np.array_split(order, min(N_FOLDS, n_neurons))
    return [np.sort(part) for part in parts] if n_neurons > 1 else []


def _completed_bins(test: Binary, seed: int) -> Binary:
    return some_bins(test, MAX_BINS, np.random.default_rng((seed, _BIN_STREAM)))


def co_smoothing(model: Contender, train: Binary, test: Binary, seed: int) -> dict[str, Any]:
    """Every neuron from the three quarters of the neurons that it does not belong to.

    Bits a spike beyond the neuron's training rate (Pei et al., Neural Latents Benchmark 2021,
    arXiv:2109.04463, of whole trials; here bin by bin).

    Parameters
    ----------
    model : Contender
    train, test : ndarray of uint8, shape (n_bins, n_neurons)
        At most 1,000 test bins are used, the same for all models.
    seed : int

    Returns
    -------
    dict
        ``n_bins`` and the fields of `CompletionScore` but for single neurons.
    """
    tested = _completed_bins(test, seed)
    odds = np.empty(tested.shape)
    for held in folds_of(test.shape[1], seed):
        found = model.complete(tested, held, seed=seed)
        odds[:, held] = sampled_log_odds(np.asarray(found.probability, dtype=np.float64))
    return _scored(odds, tested, training_log_odds(train))


def _scored(odds: npt.NDArray, test: Binary, baseline: npt.NDArray) -> dict[str, Any]:
    score = score_completion(odds, test, baseline)._asdict()
    return {"n_bins": len(test)} | {k: v for k, v in score.items() if k not in _OF_NEURONS}


def _single(model: Contender, train: Binary, test: Binary, seed: int) -> dict[str, Any] | None:
    if not isinstance(model, Conditional):
        return None
    rng = np.random.default_rng((seed, _BIN_STREAM))
    tested = some_bins(test, MAX_VALUES // test.shape[1], rng)
    return _scored(model.conditional_log_odds(tested), tested, training_log_odds(train))


def _log_likelihood(model: Any, test: Binary) -> dict[str, float] | None:
    method = getattr(model, "log_likelihood", None)
    if method is None:
        return None
    mean, error = method(test)
    return {"test": mean, "standard_error": error}


def _generation(model: Any, train: Binary, test: Binary, seed: int) -> dict[str, Any] | None:
    if not isinstance(model, Generator):
        return None
    sampled = Sampled(model, train.shape[1])
    check_inputs(sampled, train, test)
    comparison = compare(sampled, train, test, seed)
    statistics = {
        name: {key: each[key] for key in ("score", "rmse", "pearson", "slope", "n")}
        for name, each in score_comparison(comparison, l1=sampled.l1_).items()
    }
    return {"statistics": statistics, **_beyond_pairs(comparison.test, comparison.model)}


def _beyond_pairs(test: Any, moments: Any) -> dict[str, Any]:
    pearson, slope = agreement(test.triplets, moments.triplets)
    return {
        "triplets": {"pearson": pearson, "slope": slope},
        "population_activity": {"kl": divergence(test.population, moments.population)},
    }
