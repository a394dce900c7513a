"""One assembly: who, when, where."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from popcode.analysis import Assembly, NeuronFacts
from popcode.report.figures.canvas import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    VERMILION,
    WIDTH,
    blank,
    panel_title,
)
from popcode.report.figures.decimation import min_max
from popcode.report.figures.maps import draw_map, projections
from popcode.report.figures.timeline import Timeline, mark_segments
from popcode.report.numbers import shortened

_MOST_REGIONS = 6
_MAP_INCHES = 1.7  # height of a map


def draw_assembly(
    assembly: Assembly, weights: NDArray[np.floating], neurons: NeuronFacts, time: Timeline
) -> Figure:
    """Weights and trace in a row; maps and regions in a second one where they are known.

    Parameters
    ----------
    assembly : Assembly
    weights : ndarray, (n_neurons,)
        Of its unit, in the sign of the assembly.
    neurons : NeuronFacts
    time : Timeline

    Returns
    -------
    Figure
    """
    maps = projections(neurons)
    n_extra = len(maps) + bool(assembly.regions)
    if n_extra <= 1:
        # One more panel stands beside the others: a row of its own would be nearly empty.
        figure = blank(1.8)
        axes = figure.subplots(1, 2 + n_extra, width_ratios=(1, 2.2, 1.25)[: 2 + n_extra])
        last = axes[2:]
    else:
        figure = blank(3.8)
        rows: Any = figure.subfigures(2, 1, height_ratios=(1.5, 2.3))
        above, below = rows
        axes = above.subplots(1, 2, width_ratios=(1, 2.6))
        last = _row_of_maps(below, [share for _, share in maps], bool(assembly.regions))
    _weights(axes[0], weights, assembly)
    _trace(axes[1], assembly, time)
    for each, (pair, _) in zip(last, maps, strict=False):
        draw_map(each, assembly, neurons, pair)
    if assembly.regions:
        _regions(last[-1], assembly)
    return figure


def _row_of_maps(figure: FigureBase, shares: list[float], has_regions: bool) -> NDArray:
    """Axes of maps in one scale, each as wide as it is, and of regions in what is left."""
    widths = [_MAP_INCHES * share + 0.3 for share in shares]
    rest = WIDTH - sum(widths)
    if has_regions:
        return figure.subplots(1, len(shares) + 1, width_ratios=(*widths, max(rest, 2.0)))
    axes = figure.subplots(1, len(shares) + 2, width_ratios=(rest / 2, *widths, rest / 2))
    axes[0].set_axis_off()
    axes[-1].set_axis_off()
    return axes[1:-1]


def _weights(axes: Axes, weights: NDArray[np.floating], assembly: Assembly) -> None:
    ordered = np.sort(weights)[::-1]
    kept, values = min_max(ordered, 1000)
    axes.axhspan(-assembly.threshold, assembly.threshold, color=PALE, alpha=0.45, lw=0)
    axes.plot(kept + 1, values, color=BLUE, marker="." if len(kept) <= 60 else "", ms=3)
    axes.axhline(0, color=GREY, lw=0.7)
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    axes.set(xlabel="neuron, by weight", ylabel="weight (log-odds)")
    panel_title(axes, "weights")


def _trace(axes: Axes, assembly: Assembly, time: Timeline) -> None:
    kept, values = min_max(assembly.trace)
    axes.plot(kept * time.bin_width, values, color=BLACK, lw=0.6)
    axes.axhline(assembly.active_above, color=VERMILION, lw=0.9, ls="--")
    mark_segments(axes, time)
    axes.margins(x=0.005)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set(xlabel=time.label, ylabel="E[h|v] (s.d.)")
    panel_title(axes, "activity")


def _regions(axes: Axes, assembly: Assembly) -> None:
    shown = assembly.regions[:_MOST_REGIONS]
    places = np.arange(len(shown))
    axes.barh(places, [100 * each.share for each in shown], color=BLUE, height=0.6)
    expected = [100 * each.expected for each in shown]
    axes.vlines(expected, places - 0.42, places + 0.42, color=VERMILION, lw=1.8)
    axes.set_yticks(places, [shortened(each.name, 18) for each in shown])
    axes.set_ylim(max(len(shown), 3) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.set_xlabel("members (%)")
    panel_title(axes, "regions")
