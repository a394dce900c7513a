"""Spectra of a recording, their exponents, and how those change with the width of the bins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from popcode.report.figures.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    VERMILION,
    blank,
    panel_title,
)
from popcode.report.figures.scales import label_log_axis

Part = Mapping[str, Any]
METHODS = {
    "svca2": "shared by halves (svca2)",
    "svca": "on held-out time (svca)",
    "direct": "correlation matrix (direct)",
    "cvpca": "on other time (cvpca)",
}
_COLOURS = {"svca2": BLUE, "svca": GREEN, "direct": VERMILION, "cvpca": PURPLE, "shuffled": GREY}
_SHORT = {name: name for name in METHODS} | {"shuffled": "svca2, shifted"}


def draw_spectra(parts: Mapping[str, Part]) -> Figure:
    """Spectra with their power laws, and the exponents beside the control.

    Parameters
    ----------
    parts : mapping
        Methods, and "shuffled", to what was found.
    """
    figure = blank(3.2)
    curves, exponents = figure.subplots(1, 2, width_ratios=(1.5, 1))
    for name, part in parts.items():
        _curve(curves, part, _COLOURS[name], _SHORT[name])
    curves.set(xscale="log", yscale="log", xlabel="rank", ylabel="variance over the first")
    for axis in (curves.xaxis, curves.yaxis):
        label_log_axis(axis)
    curves.legend(loc="lower left")
    panel_title(curves, "spectra")
    _exponents(exponents, parts)
    return figure


def _curve(axes: Axes, part: Part, colour: str, label: str) -> None:
    """A spectrum, and its law over the ranks of the fit."""
    values = np.array(part["curve"], float)
    ranks = np.arange(1, values.size + 1)
    shown = values > 1e-5 * values[0]
    axes.plot(ranks[shown], values[shown] / values[0], color=colour, label=label, lw=1.1)
    if "intercept" in part:
        first, last = part["ranks"]
        within = np.array([first, last])
        law = np.exp(part["intercept"]) * within ** -part["value"]
        axes.plot(within, law / values[0], color=BLACK, lw=0.8, ls=(0, (4, 2)))


def _exponents(axes: Axes, parts: Mapping[str, Part]) -> None:
    axes.axvline(2 / 3, color=BLACK, lw=0.8, ls=(0, (1, 2)))
    for row, (name, part) in enumerate(parts.items()):
        ends = [[part["value"] - part["low"]], [part["high"] - part["value"]]]
        axes.errorbar(part["value"], row, xerr=ends, fmt="o", ms=4, color=_COLOURS[name])
    axes.set_yticks(range(len(parts)), [_SHORT[name] for name in parts])
    axes.set_ylim(len(parts) - 0.5, -0.5)
    axes.set_xlabel("exponent")
    panel_title(axes, "exponents, 95 %")


def draw_widths(part: Part, theory: Part | None) -> Figure:
    """Exponent against bin width, beside the fitted symmetric network where there is one.

    Parameters
    ----------
    part : mapping
    theory : mapping or None
        `widths` and `exponents`, as of `part`.
    """
    figure = blank(2.7, 4.6)
    axes = figure.subplots()
    known = all(each is not None for each in part["bin_s"])
    unit = part["bin_s"][0] / part["widths"][0] if known else 1.0
    for limit in (2 / 3, 4 / 3):
        axes.axhline(limit, color=BLACK, lw=0.8, ls=(0, (1, 2)))
    if theory is not None:
        x = np.array(theory["widths"]) * unit
        curve = [np.nan if each is None else each for each in theory["exponents"]]
        axes.plot(x, curve, color=GREY, label="symmetric network, fitted")
    x = np.array(part["widths"]) * unit
    axes.plot(x, part["exponents"], "o", ms=4, color=BLUE, label="recording")
    axes.set(xscale="log", ylabel="exponent")
    label_log_axis(axes.xaxis)
    axes.set_xlabel("bin width (s)" if known else "bin width (bins)")
    axes.legend(loc="best")
    return figure
