"""A model beside others: the population as a whole, and single neurons from all others."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray

from popcode.report.figures.canvas import BLUE, VERMILION, blank, panel_title
from popcode.report.figures.population import merged_shares
from popcode.report.figures.scales import powers
from popcode.report.figures.sets import look_of, rivals_of

_MOST_POINTS = 60


def draw_rivals(
    population: dict[str, NDArray[np.int64]], neuron_bits: dict[str, NDArray[np.float64]]
) -> Figure:
    """P(K) of all models; where a rival predicts neurons too, each neuron by both.

    Parameters
    ----------
    population : dict of str to ndarray, (n_neurons + 1,)
    neuron_bits : dict of str to ndarray, (n_neurons,)
        Bits a spike of each neuron predicted from all others.

    Returns
    -------
    Figure
    """
    figure = blank(2.9)
    rivals = rivals_of(neuron_bits)
    if "model" not in neuron_bits:
        _population(figure.subplots(), population)
        return figure
    left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
    _population(left, population)
    if rivals:
        _scatter(right, neuron_bits["model"], neuron_bits[rivals[0]], look_of(rivals[0]).short)
    else:
        _histogram(right, neuron_bits["model"])
    panel_title(right, "neurons from all others")
    return figure


def _population(axes: Axes, population: dict[str, NDArray[np.int64]]) -> None:
    own = [name for name in ("test", "train", "model") if name in population]
    shown = [*own, *rivals_of(population)]
    highest = max(int(np.flatnonzero(population[name]).max(initial=0)) for name in shown)
    width = 1 + highest // _MOST_POINTS
    for name in shown:
        look = look_of(name)
        counts = population[name][: highest + 1].astype(np.float64)
        if counts.sum() == 0:
            continue
        middles, shares = merged_shares(counts, width)
        axes.plot(middles, shares, color=look.colour, ls=look.style, label=look.short)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(powers())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    merged = f", {width} values of K together" if width > 1 else ""
    axes.set(xlabel=f"active neurons in a bin, K{merged}", ylabel="share of bins for one K")
    panel_title(axes, "P(K)")
    axes.legend(loc="upper right")


def _scatter(axes: Axes, model: NDArray[np.float64], rival: NDArray[np.float64], name: str) -> None:
    known = np.isfinite(model) & np.isfinite(rival)
    axes.scatter(rival[known], model[known], s=7, color=BLUE, alpha=0.6, lw=0)
    axes.axline((0, 0), slope=1, color=VERMILION, lw=0.9)
    axes.set(xlabel=f"{name} (bits a spike)", ylabel="this model (bits a spike)")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _histogram(axes: Axes, model: NDArray[np.float64]) -> None:
    known = model[np.isfinite(model)]
    axes.hist(known, bins=min(40, max(8, int(np.sqrt(known.size)))), color=BLUE)
    axes.set(xlabel="this model (bits a spike)", ylabel="neurons")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
