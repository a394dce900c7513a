"""Is the code compositional: some assemblies at a time, neither one nor all."""

from __future__ import annotations

from typing import Any

import numpy as np

from popcode.metrics.evidence import Evidence
from popcode.report.blocks import Block, Facts, Picture, Section, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.phase import draw_active_hidden, draw_weights
from popcode.report.numbers import DASH, percent, significant

_PHASE = {
    "active_units_median": "active units, median over bins",
    "active_units_p10": "10th percentile",
    "active_units_p90": "90th percentile",
    "share_median": "share of the living hidden units, median",
    "surrogate_median": "Gaussian surrogate, median",
    "n_hidden": "living hidden units",
}
_WEIGHTS = {
    "nonzero": "share of weights that are not zero",
    "degree_zero": "share of neurons without a strong weight",
    "degree_zero_pca": "the same of as many principal axes",
    "degree_zero_shuffled": "the same of the model's weights, shuffled",
    "degree_zero_binomial": "the same if strong weights fell at random",
}
_HOW = (
    "The effective number of hidden units that are away from rest in a test bin (the participation "
    "ratio). A compositional code uses more than one at a time, far fewer than all, and fewer than "
    "the surrogate: units with the same mean and spread that fluctuate without bursts. "
)
_FEW = 5
_DASHED = " Dashed: medians."
_HOW_WEIGHTS = (
    "Left: the sizes of all weights that are not zero; sparse assemblies leave few of them, and "
    "those strong. Right: how many strong weights a neuron has, where strong are as many of the "
    "largest weights as there are neurons, so that each has one on average. More neurons without "
    "any than after shuffling: some neurons are in many assemblies and others in none, as in PCA."
)


def phase_section(contents: RunContents) -> Section:
    """Active hidden units, and the law of the weights."""
    title, evidence = "Compositional phase", contents.evidence
    if evidence is None or contents.metrics is None:
        why = contents.missing.get("evidence") or contents.missing["metrics"]
        return Section("phase", title, (Text(why, "absent"),))
    n_alive = (contents.metrics.get("compositional_phase") or {}).get("n_hidden")
    blocks = [
        _active(evidence, n_alive or contents.weights.shape[1]),
        *_numbers(contents.metrics, "compositional_phase"),
    ]
    blocks += [_weights(evidence), *_numbers(contents.metrics, "weights")]
    return Section("phase", title, tuple(blocks))


def _active(evidence: Evidence, n_alive: int) -> Block:
    if not np.isfinite(evidence.active_hidden).any():
        return Text(
            "The number of active hidden units is not defined: no unit changes over the test bins.",
            "absent",
        )
    image = drawn(
        "active",
        "Histogram of the number of active hidden units in a bin, with its surrogate",
        lambda: draw_active_hidden(
            evidence.active_hidden, evidence.active_hidden_surrogate, n_alive
        ),
    )
    return Picture(
        "Hidden units active together", image, _HOW + _reading(evidence, n_alive) + _DASHED
    )


def _reading(evidence: Evidence, n_alive: int) -> str:
    """What these bins say, in a sentence."""
    found = float(np.nanmedian(evidence.active_hidden))
    bound = float(np.nanmedian(evidence.active_hidden_surrogate))
    if n_alive < _FEW:
        return f"With {n_alive} living hidden units there is little to tell."
    numbers = f"the median is {significant(found)} against {significant(bound)} of the surrogate"
    if found < 0.9 * bound:
        return f"Here {numbers}: assemblies come and go in bursts."
    return (
        f"Here {numbers}: this fit is not compositional in this sense. A larger l1 or fewer hidden "
        "units make its assemblies sparser."
    )


def _weights(evidence: Evidence) -> Block:
    if not evidence.weights.model.any():
        return Text("The law of the weights is not shown: every weight is zero.", "absent")
    image = drawn(
        "weights",
        "Histogram of the weights and of the number of strong weights of a neuron",
        lambda: draw_weights(evidence.weights),
    )
    return Picture("The weights", image, _HOW_WEIGHTS)


def _numbers(metrics: dict[str, Any], key: str) -> list[Block]:
    """The plain numbers under a key of the metrics, in the order in which they stand there."""
    values = metrics.get(key) or {}
    rows = tuple(
        ((_PHASE | _WEIGHTS).get(name, name.replace("_", " ")), _number(name, value))
        for name, value in values.items()
        if value is None or isinstance(value, int | float)
    )
    return [Facts(rows)] if rows else []


def _number(name: str, value: float | None) -> str:
    if value is None:
        return DASH
    shares = name.startswith("share") or name in _WEIGHTS
    return percent(value) if shares else significant(value)
