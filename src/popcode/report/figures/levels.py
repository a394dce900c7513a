"""The two levels of hidden units: a few of them, and how deep the valley is in all."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from popcode.analysis.dynamics import DynamicsSurvey, TwoLevels
from popcode.report.figures.canvas import BLACK, BLUE, GREY, VERMILION, blank, panel_title

N_EXAMPLES = 6
_DEEP = 0.5


def draw_examples(
    traces: NDArray[np.floating], levels: TwoLevels, units: NDArray[np.int64]
) -> Figure:
    """Values of a few units, from the deepest valley to none.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_hidden)
    levels : TwoLevels
        Of the traces.
    units : ndarray of int, (n_hidden,)
        Their numbers in the model.

    Returns
    -------
    Figure
    """
    chosen = examples(levels)
    rows = -(-len(chosen) // 3)
    figure = blank(1.75 * rows)
    panels = figure.subplots(rows, min(3, len(chosen)), squeeze=False).ravel()
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    for axes, k in zip(panels, chosen, strict=False):
        _values(axes, np.asarray(traces[:, k], np.float64), levels, int(k))
        panel_title(axes, f"unit {units[k]}, valley {levels.valley[k]:.2f}")
    return figure


def examples(levels: TwoLevels) -> NDArray[np.int64]:
    """Up to six units that vary, spread evenly from the deepest valley to the shallowest."""
    known = np.flatnonzero(np.isfinite(levels.valley))
    ordered = known[np.argsort(levels.valley[known], kind="stable")]
    n = min(N_EXAMPLES, len(ordered))
    return ordered[np.linspace(0, len(ordered) - 1, n).round().astype(np.int64)]


def _values(axes: Axes, trace: NDArray[np.float64], levels: TwoLevels, k: int) -> None:
    axes.hist(trace, 50, density=True, color=BLUE, alpha=0.55, lw=0)
    x = np.linspace(trace.min(), trace.max(), 200)
    weights = (1 - levels.high_share[k], levels.high_share[k])
    parts = [
        weight / deviation * np.exp(-(((x - mean) / deviation) ** 2) / 2) / np.sqrt(2 * np.pi)
        for weight, mean, deviation in zip(
            weights,
            (levels.low[k], levels.high[k]),
            (levels.low_deviation[k], levels.high_deviation[k]),
            strict=True,
        )
    ]
    axes.plot(x, parts[0] + parts[1], color=BLACK, lw=1)
    axes.axvline(levels.transition[k], color=VERMILION, ls="--", lw=1)
    highest = float(np.histogram(trace, 50, density=True)[0].max())
    axes.set(xlabel="E[h|v]", yticks=[], ylim=(0, 1.1 * highest))
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def draw_levels(found: DynamicsSurvey) -> Figure:
    """Valleys of all units, and their gain beside chance.

    Parameters
    ----------
    found : DynamicsSurvey
        With a unit that varies.

    Returns
    -------
    Figure
    """
    figure = blank(2.4)
    left, right = figure.subplots(1, 2)
    valley = found.levels.valley[np.isfinite(found.levels.valley)]
    left.hist(valley, np.linspace(0, 1, 21).tolist(), color=BLUE)
    left.axvline(_DEEP, color=VERMILION, ls="--", lw=1)
    left.set(xlabel="valley (1: none)", ylabel="units")
    left.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    panel_title(left, "valley")
    gain, chance = found.levels.gain, found.chance
    right.scatter(chance, gain, s=9, color=BLUE, lw=0)
    most = float(np.nanmax([np.nanmax(chance), np.nanmax(gain)]))
    right.plot([0, most], [0, most], color=GREY, ls="--", lw=0.8)
    right.set(xlabel="by chance (nats a bin)", ylabel="gain of two levels")
    right.set_xlim(0, 1.15 * float(np.nanmax(chance)) + 1e-6)
    right.xaxis.set_major_locator(MaxNLocator(4))
    right.yaxis.set_major_locator(MaxNLocator(4))
    panel_title(right, "gain over one Gaussian")
    return figure
