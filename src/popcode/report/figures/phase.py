"""How many hidden units are active together, and how the weights are shared out."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from popcode.metrics.evidence import Weights
from popcode.report.figures.canvas import BLUE, GREY, VERMILION, blank, panel_title
from popcode.report.figures.scales import label_log_axis, raised


def draw_active_hidden(
    active: NDArray[np.float64], surrogate: NDArray[np.float64], n_hidden: int
) -> Figure:
    """Histogram of the effective number of active units, with its control.

    Parameters
    ----------
    active, surrogate : ndarray, (n_test_bins,)
    n_hidden : int

    Returns
    -------
    Figure
    """
    figure = blank(2.5)
    axes = figure.subplots()
    edges = np.linspace(0, n_hidden, min(61, n_hidden * 4 + 1))
    for values, colour, label in (
        (surrogate, VERMILION, "Gaussian surrogate"),
        (active, BLUE, "E[h|v] of the test bins"),
    ):
        known = values[np.isfinite(values)]
        if known.size == 0:
            continue
        heights = 100 * np.histogram(known, edges)[0] / known.size
        axes.stairs(heights, edges, color=colour, fill=True, alpha=0.3)
        axes.stairs(heights, edges, color=colour, lw=1.2, label=label)
        axes.axvline(float(np.median(known)), color=colour, lw=1.2, ls="--")
    axes.set(xlabel=f"active hidden units in a bin (of {n_hidden:,})", ylabel="share of bins (%)")
    axes.set_xlim(0, n_hidden)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_ylim(bottom=0, top=axes.get_ylim()[1] * 1.1)
    axes.legend(loc="upper right")
    return figure


def draw_weights(weights: Weights) -> Figure:
    """The law of the weights, and of how many strong ones a neuron has.

    Parameters
    ----------
    weights : Weights

    Returns
    -------
    Figure
    """
    figure = blank(2.6)
    left, right = figure.subplots(1, 2)
    _law(left, weights)
    _degree(right, weights)
    return figure


def _law(axes: Axes, weights: Weights) -> None:
    for counts, colour, style, label in (
        (weights.model, BLUE, "-", "model"),
        (weights.pca, VERMILION, "--", "PCA"),
    ):
        if counts.sum():
            shares = 100 * counts / counts.sum()
            axes.stairs(shares, weights.edges, color=colour, ls=style, label=label, lw=1.3)
    used = np.flatnonzero(weights.model + weights.pca)
    if used.size:
        axes.set_xlim(weights.edges[used[0]], weights.edges[used[-1] + 1])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: raised(round(x))))
    axes.set(xlabel="|weight| (log-odds for 1 s.d. of h)", ylabel="non-zero weights (%)")
    axes.set_ylim(bottom=0)
    panel_title(axes, "law of the weights")
    axes.legend(loc="upper left")


def _degree(axes: Axes, weights: Weights) -> None:
    lines = (
        (weights.degree_model, BLUE, "-", "model"),
        (weights.degree_pca, VERMILION, "--", "PCA"),
        (weights.degree_shuffled, GREY, ":", "shuffled"),
    )
    highest = max(int(np.flatnonzero(each[0]).max(initial=0)) for each in lines)
    for counts, colour, style, label in lines:
        if counts.sum():
            shares = 100 * counts[: highest + 1] / counts.sum()
            axes.plot(shares, color=colour, ls=style, marker=".", ms=4, label=label)
    axes.set_yscale("log")
    label_log_axis(axes.yaxis)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set(xlabel="strong weights of a neuron", ylabel="neurons (%)")
    panel_title(axes, "degree")
    axes.legend(loc="upper right")
