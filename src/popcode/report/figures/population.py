"""How many neurons are active together, and how well single neurons are reconstructed."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray

from popcode.metrics.evidence import Population
from popcode.report.figures.canvas import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    VERMILION,
    blank,
    panel_title,
)
from popcode.report.figures.scales import powers

_MOST_POINTS = 60
_LINES = {
    "test": (BLACK, "-", "test bins"),
    "train": (GREY, "--", "training bins"),
    "model": (BLUE, "-", "model"),
    "independent": (VERMILION, ":", "independent"),
}


def draw_population(population: Population, nllh: NDArray[np.float64]) -> Figure:
    """P(K) at the left, nLLH of neurons at the right where any has one.

    Parameters
    ----------
    population : Population
    nllh : ndarray, (n_neurons,)

    Returns
    -------
    Figure
    """
    known = nllh[np.isfinite(nllh)]
    figure = blank(2.7)
    if known.size == 0:
        _counts(figure.subplots(), population)
        return figure
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    _counts(left, population)
    _nllh(right, known)
    return figure


def _counts(axes: Axes, population: Population) -> None:
    highest = max(int(np.flatnonzero(each).max(initial=0)) for each in population)
    width = 1 + highest // _MOST_POINTS
    for name, (colour, style, label) in _LINES.items():
        counts = np.asarray(getattr(population, name), np.float64)[: highest + 1]
        if counts.sum() == 0:
            continue
        middles, shares = merged_shares(counts, width)
        axes.plot(middles, shares, color=colour, ls=style, label=label, lw=1.3)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(powers())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    merged = f", {width} values of K together" if width > 1 else ""
    axes.set(xlabel=f"active neurons in a bin, K{merged}", ylabel="share of bins for one K")
    panel_title(axes, "P(K)")
    axes.legend(loc="upper right")


def merged_shares(
    counts: NDArray[np.float64], width: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of all bins for one K, averaged over `width` neighbouring ones; nan for none.

    Parameters
    ----------
    counts : ndarray, (n,)
        Number of bins with K = 0 ... n - 1.
    width : int

    Returns
    -------
    middles, shares : ndarray
    """
    starts = np.arange(0, len(counts), width)
    sums = np.add.reduceat(counts, starts)
    lengths = np.diff(starts, append=len(counts))
    middles = starts + (lengths - 1) / 2
    return middles, np.where(sums > 0, sums / lengths / counts.sum(), np.nan)


def _nllh(axes: Axes, nllh: NDArray[np.float64]) -> None:
    p10, median, p90 = np.quantile(nllh, (0.1, 0.5, 0.9))
    axes.axvspan(p10, p90, color=PALE, alpha=0.45, lw=0)
    # A few neurons far below would squeeze all others into one bar.
    lowest = median - 3 * max(p90 - p10, 0.01)
    n_below = int((nllh < lowest).sum())
    axes.hist(
        np.clip(nllh, lowest, None), bins=min(40, max(8, int(np.sqrt(nllh.size)))), color=BLUE
    )
    axes.axvline(median, color=BLACK, lw=1.3)
    below = f" (leftmost: {n_below:,} at or below)" if n_below else ""
    axes.set(xlabel=f"nLLH of a neuron{below}", ylabel="neurons")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    panel_title(axes, "reconstruction")
