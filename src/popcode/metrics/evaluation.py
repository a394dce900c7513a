"""Everything that ``metrics.json`` of a generative model holds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from popcode.files import jsonable
from popcode.metrics.comparison import BURN_IN, N_CHAINS, THIN, Comparison, check_inputs, compare
from popcode.metrics.likelihood import independent_log_likelihood
from popcode.metrics.model import GenerativeModel
from popcode.metrics.population import divergence
from popcode.metrics.reconstruction import neuron_nllh, summarise_nllh
from popcode.metrics.scoring import agreement, score_statistic

STATISTICS = (
    "mean_activity",
    "mean_hidden",
    "neuron_hidden",
    "neuron_neuron",
    "hidden_hidden",
)
_SETS = ("train", "test", "model", "independent", "perfect")
TRAINING = ("updates", "seconds", "converged", "restarts", "hidden_alive")


def evaluate(
    model: GenerativeModel,
    train: Any,
    test: Any,
    seed: int = 0,
    *,
    tell: Callable[[str], None] = lambda _text: None,
) -> dict[str, Any]:
    """Judge a model of binary activity on withheld bins.

    Parameters
    ----------
    model : GenerativeModel
        A fitted model.
    train, test : Recording or array_like, shape (n_bins, n_neurons)
        Binary activity, or counts (made binary with a warning).
    seed : int
        Of the samples and of the random subsets.
    tell : callable
        Called with a line before each long step.

    Returns
    -------
    dict
        The content of ``metrics.json``: ``statistics``, ``reconstruction``,
        ``population_activity``, ``triplets``, ``log_likelihood``, ``training``, ``n_samples``,
        ``n_pairs`` and ``protocol``. Only plain Python values; None where a value is not defined.

    Raises
    ------
    InputError
        Activity that is not binary, is empty, or has another number of neurons than the model.
    """
    train, test = check_inputs(model, train, test)
    comparison = compare(model, train, test, seed, tell=tell)
    tell("reconstruction of the test bins")
    reconstruction = summarise_nllh(neuron_nllh(model.reconstruct, test))
    tell("log-likelihood")
    return jsonable(
        {
            "statistics": score_comparison(comparison, l1=model.l1_),
            "reconstruction": reconstruction,
            "population_activity": _population(comparison),
            "triplets": _triplets(comparison),
            "log_likelihood": _log_likelihood(model, train, test),
            "training": dict.fromkeys(TRAINING) | dict(getattr(model, "training_", None) or {}),
            "n_samples": comparison.n_samples,
            "n_pairs": comparison.test.neuron_neuron.size,
            "protocol": _protocol(comparison, train, test, seed),
        }
    )


def score_comparison(comparison: Comparison, *, l1: float = 0.0) -> dict[str, dict[str, Any]]:
    """Score the five statistics of a model, and of the two models that bound it.

    Parameters
    ----------
    comparison : Comparison
        From :func:`popcode.metrics.compare`.
    l1 : float
        What was added, times sign(w), to the model's <v h>; stated in the result.

    Returns
    -------
    dict
        Statistic -> the fields of :class:`StatisticScore`, ``score_independent`` and
        ``score_perfect``.
    """
    scores: dict[str, dict[str, Any]] = {}
    for name in STATISTICS:
        values = {field: getattr(getattr(comparison, field), name) for field in _SETS}
        test, train = values["test"], values["train"]
        scores[name] = {
            **score_statistic(values["model"], test, train)._asdict(),
            "score_independent": score_statistic(values["independent"], test, train).score,
            "score_perfect": score_statistic(values["perfect"], test, train).score,
        }
    scores["neuron_hidden"]["l1_sign_added"] = float(l1)
    return scores


def _population(comparison: Comparison) -> dict[str, float]:
    test = comparison.test.population
    return {
        "kl": divergence(test, comparison.model.population),
        "kl_optimal": divergence(test, comparison.train.population),
        "kl_independent": divergence(test, comparison.independent.population),
        "kl_perfect": divergence(test, comparison.perfect.population),
    }


def _triplets(comparison: Comparison) -> dict[str, float]:
    test = comparison.test.triplets
    return {
        "pearson": agreement(test, comparison.model.triplets)[0],
        "pearson_split_half": agreement(test, comparison.train.triplets)[0],
        "n_triplets": test.size,
    }


def _log_likelihood(
    model: GenerativeModel, train: npt.NDArray[np.uint8], test: npt.NDArray[np.uint8]
) -> dict[str, float | None]:
    mean = error = None
    method = getattr(model, "log_likelihood", None)
    if method is not None:
        # A model that says it cannot is told to the reader by null.
        with contextlib.suppress(NotImplementedError):
            mean, error = method(test)
    independent = independent_log_likelihood(train, test)
    return {"test": mean, "standard_error": error, "independent": independent}


def _protocol(
    comparison: Comparison, train: npt.NDArray, test: npt.NDArray, seed: int
) -> dict[str, int]:
    return {
        "seed": seed,
        "n_chains": min(N_CHAINS, comparison.n_samples),
        "burn_in": BURN_IN,
        "thin": THIN,
        "n_train_bins": len(train),
        "n_test_bins": len(test),
        "n_neurons": test.shape[1],
    }
