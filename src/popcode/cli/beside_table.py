"""A Bernoulli RBM beside its baselines, in a few lines of a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HOW_TO_READ = (
    "All on the held-out bins. Triplets: correlation of third moments; ceiling: that of a model "
    "without error, on bins as few as these. Covariances: RMS error in units of the training bins' "
    "own; KL of P(K): of the number of active neurons; ceiling: the training bins (their own noise "
    "is in it, so that on few bins a good model passes it). Intervals: 95 % over blocks of time."
)
_NAME, _CELL = 26, 13
Section = Mapping[str, Any]


def beside_lines(equilibrium: Section) -> list[str]:
    """Statistics of the model, the baselines and the ceiling; gains; the model's time.

    Parameters
    ----------
    equilibrium : mapping
        ``equilibrium`` of ``metrics.json``.
    """
    rivals = list(equilibrium["comparison"] or _models(equilibrium["covariance_rivals"]))
    rivals = [name for name in rivals if name not in ("model", "perfect", "train")]
    head = ["model", *map(_spoken, rivals), "ceiling"]
    rows = [_row("", head)]
    for name, values in _statistics(equilibrium).items():
        rows.append(_row(name, [_cell(values.get(each)) for each in ("model", *rivals, "best")]))
    return [
        *rows,
        *_gains(equilibrium["comparison"] or {}),
        *_relaxation(equilibrium["relaxation"] or {}),
        *(f"{name.replace('_', ' ')}: not known ({why})" for name, why in _missing(equilibrium)),
    ]


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<{_NAME}}" + "".join(f"{cell:>{_CELL}}" for cell in cells)


def _spoken(name: str) -> str:
    return name.replace("_", "-")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _cell(value: float | None) -> str:
    """Three digits, but none beyond the fourth decimal."""
    return "-" if value is None else f"{value:.3g}" if abs(value) >= 1 else f"{value:.4f}"


def _models(section: Section | None) -> Section:
    return {} if section is None else section["models"]


def _statistics(equilibrium: Section) -> dict[str, dict[str, float | None]]:
    """Value of every model and at best, of each statistic that is known."""
    third = (equilibrium["higher_order"] or {}).get("random")
    triplets = {name: each["pearson"] for name, each in _models(third).items()}
    pairs = _models(equilibrium["covariance_rivals"])
    counts = _models(equilibrium["population_activity_rivals"])
    ratios = {name: each["ratio"]["value"] for name, each in pairs.items()}
    divergences = {name: each["value"] for name, each in counts.items()}
    return {
        "triplets": triplets | {"best": (third or {}).get("pearson_ceiling")},
        "covariances": ratios | {"best": ratios.get("train")},
        "KL of P(K) (nats)": divergences | {"best": divergences.get("train")},
    }


def _gains(comparison: Section) -> list[str]:
    lines = []
    for name, gain in comparison.items():
        error = gain["standard_error_log_partition"]
        lines.append(
            f"{'gain over ' + _spoken(name):<{_NAME}}{gain['mean']:>{_CELL}.3f} nats a bin "
            f"({gain['low']:.3f} to {gain['high']:.3f}; ln Z ± {_number(error)}), "
            f"{gain['bits_per_spike']:.3f} bits a spike"
        )
    return lines


def _relaxation(relaxation: Section) -> list[str]:
    found = relaxation.get("population")
    if found is None:
        return []
    name = f"{'relaxation':<{_NAME}}"
    if found["factor"] is None:
        return [f"{name}{'-':>{_CELL}} ({found['note']})"]
    factor, misfit = found["factor"], found["misfit"]
    return [
        f"{name}{factor['value']:>{_CELL}.3g} sweeps a bin ({factor['low']:.3g} to "
        f"{factor['high']:.3g}); misfit of the autocorrelation {_number(misfit['rmse'])}, "
        f"{_number(misfit['independent'])} without memory, {_number(misfit['ceiling'])} at best"
    ]


def _missing(equilibrium: Section) -> list[tuple[str, str]]:
    return list((equilibrium.get("missing") or {}).items())
