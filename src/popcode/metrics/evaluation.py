"""Everything that ``metrics.json`` of a generative model holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.files import jsonable
from popcode.metrics.blocks import map_rows
from popcode.metrics.comparison import BURN_IN, N_CHAINS, THIN, Comparison, check_inputs, compare
from popcode.metrics.density import density_of
from popcode.metrics.evidence import Density, Evidence, Population, Weights
from popcode.metrics.likelihood import independent_log_likelihood
from popcode.metrics.model import GenerativeModel
from popcode.metrics.phase import ActiveUnits, active_units, summarise_active_units
from popcode.metrics.population import divergence
from popcode.metrics.reconstruction import neuron_nllh, summarise_nllh
from popcode.metrics.scoring import StatisticScore, agreement, score_statistic
from popcode.metrics.weights import summarise_weights, weight_law

STATISTICS = (
    "mean_activity",
    "mean_hidden",
    "neuron_hidden",
    "neuron_neuron",
    "hidden_hidden",
)
_SETS = ("train", "test", "model", "independent", "perfect")
_OF_BOUNDS = ("score", "pearson", "slope")
SCORES = (
    *StatisticScore._fields,
    *(f"{field}_{bound}" for field in _OF_BOUNDS for bound in ("independent", "perfect")),
    "pearson_optimal",
    "slope_optimal",
)
TRIPLET_BOUNDS = ("_split_half", "_independent", "_perfect")
# Seeds of what is drawn beyond the samples: a stream of its own for each.
_SURROGATES, _WEIGHTS = 1, 2
TRAINING = ("updates", "seconds", "converged", "restarts", "hidden_alive")


class Evaluation(NamedTuple):
    """A judged model.

    Attributes
    ----------
    metrics : dict
        The content of ``metrics.json``: plain Python values, None where one is not defined.
    evidence : Evidence
        What stands behind them, to be drawn.
    """

    metrics: dict[str, Any]
    evidence: Evidence


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
        ``population_activity``, ``triplets``, ``log_likelihood``, ``compositional_phase``,
        ``weights``, ``training``, ``n_samples``, ``n_pairs`` and ``protocol``. Only plain Python
        values; None where a value is not defined.

    Raises
    ------
    InputError
        Activity that is not binary, is empty, or has another number of neurons than the model.
    """
    return judge(model, train, test, seed, tell=tell).metrics


def judge(
    model: GenerativeModel,
    train: Any,
    test: Any,
    seed: int = 0,
    *,
    samples: npt.NDArray[np.uint8] | None = None,
    tell: Callable[[str], None] = lambda _text: None,
) -> Evaluation:
    """Judge a model of binary activity on withheld bins, and keep what stands behind the numbers.

    Parameters
    ----------
    model, train, test, seed, tell
        As :func:`evaluate`.
    samples
        As :func:`popcode.metrics.compare`.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        As :func:`evaluate`.
    """
    train, test = check_inputs(model, train, test)
    comparison = compare(model, train, test, seed, samples=samples, tell=tell)
    tell("reconstruction of the test bins")
    nllh = neuron_nllh(model.reconstruct, test)
    tell("active hidden units")
    rng = np.random.default_rng((seed, _SURROGATES))
    active = active_units(model.weights_, map_rows(model.transform, test), rng)
    tell("weights beside those of principal axes")
    law = weights_of(model, train, seed)
    tell("log-likelihood")
    metrics = {
        "statistics": score_comparison(comparison, l1=model.l1_),
        "reconstruction": summarise_nllh(nllh),
        "population_activity": _population(comparison),
        "triplets": _triplets(comparison),
        "log_likelihood": _log_likelihood(model, train, test),
        "compositional_phase": summarise_active_units(active),
        "weights": summarise_weights(model.weights_, law),
        "training": dict.fromkeys(TRAINING) | dict(getattr(model, "training_", None) or {}),
        "n_samples": comparison.n_samples,
        "n_pairs": comparison.test.neuron_neuron.size,
        "protocol": _protocol(comparison, train, test, seed),
    }
    return Evaluation(jsonable(metrics), _evidence(comparison, nllh, active, law))


def weights_of(model: GenerativeModel, train: npt.NDArray[np.uint8], seed: int) -> Weights:
    """The law of a model's weights; it needs no test bins.

    Parameters
    ----------
    model : GenerativeModel
    train : ndarray of uint8, shape (n_bins, n_neurons)
    seed : int

    Returns
    -------
    Weights
    """
    return weight_law(model.weights_, train, np.random.default_rng((seed, _WEIGHTS)))


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
        Statistic -> the fields of :class:`StatisticScore`; ``score``, ``pearson`` and ``slope`` of
        the bounding models (``_independent``, ``_perfect``); ``pearson`` and ``slope`` of the
        training bins themselves (``_optimal``: their score is 1 by definition).
    """
    scores: dict[str, dict[str, Any]] = {}
    for name in STATISTICS:
        values = {field: getattr(getattr(comparison, field), name) for field in _SETS}
        found = {
            field: score_statistic(values[field], values["test"], values["train"])
            for field in ("model", "independent", "perfect")
        }
        scores[name] = found["model"]._asdict() | {
            f"{field}_{bound}": getattr(found[bound], field)
            for field in _OF_BOUNDS
            for bound in ("independent", "perfect")
        }
        scores[name] |= _of_optimum(values["test"], values["train"])
    scores["neuron_hidden"]["l1_sign_added"] = float(l1)
    return scores


def _of_optimum(test: npt.NDArray, train: npt.NDArray) -> dict[str, float]:
    pearson, slope = agreement(test, train)
    return {"pearson_optimal": pearson, "slope_optimal": slope}


def _evidence(
    comparison: Comparison, nllh: npt.NDArray[np.float64], active: ActiveUnits, law: Weights
) -> Evidence:
    population = {name: getattr(comparison, name).population for name in Population._fields}
    return Evidence(
        statistics={name: _density(comparison, name) for name in (*STATISTICS, "triplets")},
        nllh=nllh,
        population=Population(**population),
        active_hidden=active.data,
        active_hidden_surrogate=active.surrogate,
        weights=law,
    )


def _density(comparison: Comparison, name: str) -> Density:
    sets = ("test", "model", "train", "independent")
    return density_of(*(getattr(getattr(comparison, field), name) for field in sets))


def _population(comparison: Comparison) -> dict[str, float]:
    test = comparison.test.population
    return {
        "kl": divergence(test, comparison.model.population),
        "kl_optimal": divergence(test, comparison.train.population),
        "kl_independent": divergence(test, comparison.independent.population),
        "kl_perfect": divergence(test, comparison.perfect.population),
    }


def _triplets(comparison: Comparison) -> dict[str, float]:
    """Correlations of third moments with the test's.

    ``pearson_split_half`` is training against test, the two parts of the recording's split (not
    its halves): what a model reaches that repeats the training bins' moments exactly. A true
    model passes it, since only one of the two sides is then noisy; ``pearson_perfect`` is lower,
    by the noise of its samples.
    """
    test = comparison.test.triplets
    against = (comparison.model, comparison.train, comparison.independent, comparison.perfect)
    return {
        f"pearson{which}": agreement(test, moments.triplets)[0]
        for which, moments in zip(("", *TRIPLET_BOUNDS), against, strict=True)
    } | {"n_triplets": test.size}


def _log_likelihood(
    model: GenerativeModel, train: npt.NDArray[np.uint8], test: npt.NDArray[np.uint8]
) -> dict[str, float | None]:
    mean = error = None
    method = getattr(model, "log_likelihood", None)
    if method is not None:
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
