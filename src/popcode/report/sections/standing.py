"""Where a Bernoulli RBM stands beside its baselines and its ceilings, for the verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from popcode.report.figures.sets import look_of, rivals_of
from popcode.report.numbers import decimal, significant, with_interval

Part = Mapping[str, Any]
# A covariance error of more than this many times the training bins' own is told from sampling.
FAR_COVARIANCE = 1.5
# A divergence grows with the square of what is wrong: 2 is an error about 1.4 times the noise.
FAR_DIVERGENCE = 2.0


def gains(equilibrium: Part | None) -> list[str]:
    """What withheld bins gain over each rival, in a sentence; nothing where it is not known."""
    comparison = (equilibrium or {}).get("comparison") or {}
    told = [f"{_gain(comparison[name])} over {_name(name)}" for name in rivals_of(comparison)]
    if not told:
        return []
    return [f"Log-likelihood that withheld bins gain, in nats a bin: {', '.join(told)}."]


def shortcomings(equilibrium: Part | None) -> list[str]:
    """Where the model loses to a rival or lies far from the ceiling, a clause each.

    Parameters
    ----------
    equilibrium : mapping or None
        ``equilibrium`` of ``metrics.json``.
    """
    found = equilibrium or {}
    covariances = (found.get("covariance_rivals") or {}).get("models") or {}
    counts = (found.get("population_activity_rivals") or {}).get("models") or {}
    ratios = {name: each["ratio"] for name, each in covariances.items()}
    return [
        *_without_gain(found.get("comparison") or {}),
        *_statistic("the covariance error, in units of the ceiling's,", ratios, FAR_COVARIANCE),
        *_statistic("the KL of P(K), in nats,", counts, FAR_DIVERGENCE),
    ]


def _without_gain(comparison: Part) -> list[str]:
    said = []
    for name in rivals_of(comparison):
        mean = comparison[name]["mean"]
        if _ends(comparison[name])[0] > 0:
            continue
        verb = "lose to" if mean < 0 else "gain nothing certain over"
        said.append(f"withheld bins {verb} {_name(name)}: {_gain(comparison[name])} nats a bin")
    return said


def _statistic(label: str, models: Part, far: float) -> list[str]:
    """That the model is worse than the pairwise one, or far above the training bins."""
    model, ceiling = models.get("model"), models.get("train")
    if model is None or _low(model) is None:
        return []
    value, worse = _estimate(model), []
    for name in ("pairwise", "k_pairwise"):
        rival = models.get(name) or {}
        if rival.get("high") is not None and _low(model) > rival["high"]:
            worse.append(f"{_name(name)}'s {_estimate(rival)}")
    if ceiling is not None and _low(model) > far * ceiling["value"]:
        worse.append(f"the training bins' {_estimate(ceiling)}")
    return [f"{label} is {value}, above {' and '.join(worse)}"] if worse else []


def _ends(gain: Part) -> tuple[float, float]:
    """95 % interval over stretches of bins, with the error of ln Z, which moves all bins alike."""
    error = 1.96 * (gain.get("standard_error_log_partition") or 0.0)
    mean = gain["mean"]
    return (
        mean - math.hypot(mean - gain["low"], error),
        mean + math.hypot(gain["high"] - mean, error),
    )


def _gain(gain: Part) -> str:
    return with_interval(gain["mean"], *_ends(gain))


def _low(found: Part) -> Any:
    return found.get("value") if found.get("low") is None else found["low"]


def _estimate(found: Part) -> str:
    value, low, high = (found.get(key) for key in ("value", "low", "high"))
    if value is None or low is None or high is None or low == high:
        return significant(value)
    digits = 3 if abs(value) >= 0.1 else 4
    return f"{decimal(value, digits)} [{decimal(low, digits)}, {decimal(high, digits)}]"


def _name(name: str) -> str:
    return {"independent": "independent neurons", "pairwise": "pairwise"}.get(
        name, look_of(name).short
    )
