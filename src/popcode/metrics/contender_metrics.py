"""The content of ``metrics.json`` of a model of any kind, in the terms of that of an RBM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.metrics.evaluation import STATISTICS

_BOUNDS = ("independent", "perfect")
_OF_EACH = ("score", "pearson", "slope")
_OWN = ("score", "rmse", "pearson", "slope", "n")
_GENERATED = {"triplets": ("pearson", "slope"), "population_activity": ("kl",)}
_PREDICTED = ("reconstruction", "co_smoothing", "single", "log_likelihood")


def contender_metrics(
    judged: Mapping[str, Any], bounds: Mapping[str, Any] | None, independent: float | None
) -> dict[str, Any]:
    """Arrange the numbers of one model and of its bounds.

    Parameters
    ----------
    judged : mapping
        What `judge_contender` gives, or of it what is known where no bins were held out.
    bounds : mapping or None
        What `bounds_of` gives; None where no bins were held out.
    independent : float or None
        Log-likelihood of independent neurons on the held-out bins, nats a bin.

    Returns
    -------
    dict
        ``statistics``, ``triplets`` and ``population_activity`` (None in every field where the
        model does not generate), ``reconstruction``, ``co_smoothing``, ``single``,
        ``log_likelihood`` (with that of independent neurons), ``n_parameters``, ``sees_itself``,
        ``bounds``.
    """
    generation = judged.get("generation")
    own = judged.get("log_likelihood")
    likelihood = own or {"test": None, "standard_error": None}
    return {
        "statistics": {name: _statistic(name, generation, bounds) for name in STATISTICS},
        **{
            part: dict.fromkeys(fields) if generation is None else dict(generation[part])
            for part, fields in _GENERATED.items()
        },
        **{part: judged.get(part) for part in _PREDICTED},
        "log_likelihood": {**likelihood, "independent": independent},
        "n_parameters": judged["n_parameters"],
        "sees_itself": judged["sees_itself"],
        "bounds": bounds,
    }


def _statistic(
    name: str, generation: Mapping[str, Any] | None, bounds: Mapping[str, Any] | None
) -> dict[str, Any]:
    own = dict.fromkeys(_OWN) if generation is None else dict(generation["statistics"][name])
    for bound in _BOUNDS:
        found = None if bounds is None else bounds[bound]["statistics"][name]
        own |= {f"{key}_{bound}": None if found is None else found[key] for key in _OF_EACH}
    return own


def judged_from(metrics: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `judge_contender` gave, from the content of a ``metrics.json``.

    Returns
    -------
    dict or None
        None where no bins were held out, so that nothing was judged.
    """
    if metrics["bounds"] is None:
        return None
    generates = metrics["population_activity"]["kl"] is not None
    parts = ("statistics", *_GENERATED)
    own = metrics["log_likelihood"]
    return {
        **{name: metrics[name] for name in (*_PREDICTED, "n_parameters", "sees_itself")},
        "log_likelihood": None if own["test"] is None else own,
        "generation": {part: metrics[part] for part in parts} if generates else None,
    }


def alone(metrics: Mapping[str, Any], title: str) -> dict[str, Any] | None:
    """One model between its bounds, as the content of a comparison of one.

    Parameters
    ----------
    metrics : mapping
        The content of ``metrics.json`` of a model that is no RBM.
    title : str
        What the model is called.

    Returns
    -------
    dict or None
        ``models``, ``bounds`` and ``independent_log_likelihood`` of ``comparison.json``; None where
        nothing was judged.
    """
    judged = judged_from(metrics)
    if judged is None:
        return None
    training = metrics.get("training") or {}
    costs = {"seconds": training.get("fit_seconds"), "cpu_seconds": training.get("cpu_seconds")}
    return {
        "models": {"model": {"title": title, **judged, **costs}},
        "bounds": metrics["bounds"],
        "independent_log_likelihood": metrics["log_likelihood"]["independent"],
    }
