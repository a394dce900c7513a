"""The result of a fit as a short table, and how to read it."""

from __future__ import annotations

from typing import Any

from popcode.cli.beside_table import HOW_TO_READ as BESIDE
from popcode.cli.beside_table import beside_lines

HOW_TO_READ = (
    "Score 1: as close to the held-out bins as the training bins are; 0: as close as shuffled "
    "ones; noise takes it outside of 0 to 1. nLLH: how much of a neuron's activity passes through "
    "the hidden layer and back (its own included: it rises with more and denser hidden units)."
)
NOTHING_HELD_OUT = (
    "No bins were held out, so nothing can be scored honestly: fit with --holdout 0.3 for scores."
)
_COLUMNS = ("score", "score_independent", "score_perfect")


def result_table(metrics: dict[str, Any]) -> str:
    """Scores beside those of the bounding models, reconstruction, and how training went.

    Parameters
    ----------
    metrics : dict
        The content of ``metrics.json``.

    Returns
    -------
    str
    """
    lines = [f"{'':<22}{'model':>8}{'independent':>13}{'perfect':>9}"]
    for name, values in metrics["statistics"].items():
        cells = [_number(values[column]) for column in _COLUMNS]
        lines.append(f"{name.replace('_', ' '):<22}{cells[0]:>8}{cells[1]:>13}{cells[2]:>9}")
    lines.append(f"{'nLLH (median)':<22}{_number(metrics['reconstruction']['nllh_median']):>8}")
    scored = metrics["protocol"]["n_test_bins"] > 0
    lines += [*_training(metrics["training"]), *_reading(scored)]
    return "\n".join([*lines, *_beside(metrics.get("equilibrium"))])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _reading(scored: bool) -> list[str]:
    return [HOW_TO_READ if scored else NOTHING_HELD_OUT]


def _beside(equilibrium: dict[str, Any] | None) -> list[str]:
    return [] if equilibrium is None else ["", *beside_lines(equilibrium), BESIDE]


def _training(training: dict[str, Any]) -> list[str]:
    if training.get("updates") is None:
        return []
    alive = f"{training['hidden_alive']} of {training['n_hidden']}"
    converged = "yes" if training["converged"] else "no"
    return [
        f"{'hidden units alive':<22}{alive:>8}",
        f"{'weights not zero':<22}{training['weight_nonzero']:>8.0%}",
        f"{'converged':<22}{converged:>8}",
        f"{'restarts':<22}{training['restarts']:>8}",
    ]
