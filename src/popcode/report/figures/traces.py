"""Hidden units over time: all traces in one order, what they share, how long they last."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from popcode.analysis.dynamics import TimeConstants, TraceComponents
from popcode.report.figures.canvas import BLACK, BLUE, GREY, VERMILION, blank, panel_title
from popcode.report.figures.scales import label_log_axis
from popcode.report.figures.timeline import Timeline, mark_segments

Float = NDArray[np.float64]
_MOST_COLUMNS = 1200
_MOST_COMPONENTS = 30
_CLIP = 2.5  # standard deviations


def draw_traces(
    traces: NDArray[np.floating], order: NDArray[np.int64], correlations: Float, time: Timeline
) -> Figure:
    """Traces over time, and their correlations in the same order where there are two or more.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_hidden)
    order : ndarray of int, (n_hidden,)
    correlations : ndarray, (n_hidden, n_hidden)
    time : Timeline

    Returns
    -------
    Figure
    """
    n_hidden = len(order)
    figure = blank(float(np.clip(1.2 + 0.06 * n_hidden, 1.6, 4.2)))
    if n_hidden < 2:
        _raster(figure, figure.subplots(), traces, order, time)
        return figure
    left, right = figure.subplots(1, 2, width_ratios=(1.75, 1))
    _raster(figure, left, traces, order, time)
    image = right.imshow(
        correlations[np.ix_(order, order)], cmap="RdBu_r", vmin=-1, vmax=1, aspect="equal",
        interpolation="nearest",
    )  # fmt: skip
    right.set(xlabel="units in this order", yticks=[])
    right.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    figure.colorbar(image, ax=right, label="correlation", shrink=0.6, aspect=14, pad=0.02)
    panel_title(right, "correlations")
    return figure


def _raster(
    figure: Figure, axes: Axes, traces: NDArray, order: NDArray[np.int64], time: Timeline
) -> None:
    edges, means = block_means(np.asarray(traces[:, order], np.float64), time.segment_starts)
    deviation = traces[:, order].std(axis=0)
    scaled = (means - traces[:, order].mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    image = axes.pcolormesh(
        edges * time.bin_width, np.arange(len(order) + 1) - 0.5, scaled.T, cmap="RdBu_r",
        vmin=-_CLIP, vmax=_CLIP, rasterized=True,
    )  # fmt: skip
    axes.invert_yaxis()
    mark_segments(axes, time, zorder=3)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set(xlabel=time.label, ylabel="units, in Ward's order")
    figure.colorbar(image, ax=axes, label="s.d. from mean", shrink=0.6, aspect=14, pad=0.02)
    panel_title(axes, "E[h|v]")


def block_means(values: Float, segment_starts: NDArray[np.int64]) -> tuple[NDArray, Float]:
    """Means over short blocks of bins, none of which holds bins of two segments.

    Parameters
    ----------
    values : ndarray, (n_bins, n_traces)
    segment_starts : ndarray of int, (n_segments,)

    Returns
    -------
    edges : ndarray of int, (n_blocks + 1,)
    means : ndarray, (n_blocks, n_traces)
    """
    n_bins = len(values)
    width = -(-n_bins // _MOST_COLUMNS)
    ends = np.append(segment_starts[1:], n_bins)
    starts = np.concatenate(
        [np.arange(a, b, width) for a, b in zip(segment_starts, ends, strict=True)]
    )
    edges = np.append(starts, n_bins)
    return edges, np.add.reduceat(values, starts, axis=0) / np.diff(edges)[:, None]


def draw_time_constants(hidden: TimeConstants, neurons: TimeConstants) -> Figure:
    """Periods and active intervals of hidden units and of neurons.

    Parameters
    ----------
    hidden, neurons : TimeConstants
        Of the same recording; both with a period.

    Returns
    -------
    Figure
    """
    figure = blank(2.5)
    left, right = figure.subplots(1, 2)
    unit = hidden.unit
    _durations(left, hidden.period, neurons.period)
    left.set(xlabel=f"median time between onsets ({unit})", ylabel="units or neurons (%)")
    panel_title(left, "period")
    left.legend(loc="upper right")
    _durations(right, hidden.active, neurons.active)
    right.set(xlabel=f"median time active ({unit})")
    panel_title(right, "active")
    return figure


def _durations(axes: Axes, hidden: Float, neurons: Float) -> None:
    groups = [each[np.isfinite(each)] for each in (neurons, hidden)]
    both = np.concatenate(groups)
    if not both.size:
        axes.set_axis_off()
        return
    edges = np.geomspace(both.min() * 0.9, both.max() * 1.1, 25)
    for values, colour, style, label in zip(
        groups, (GREY, BLUE), ("--", "-"), ("neurons", "hidden units"), strict=True
    ):
        if not values.size:
            continue
        shares = 100 * np.histogram(values, edges)[0] / values.size
        axes.stairs(shares, edges, color=colour, ls=style, label=label, lw=1.4)
        axes.axvline(float(np.median(values)), color=colour, ls=style, lw=0.8)
    axes.set_xscale("log")
    label_log_axis(axes.xaxis)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(4))


def draw_components(found: TraceComponents) -> Figure:
    """Variance of the first principal components beside that of shifted traces.

    Parameters
    ----------
    found : TraceComponents

    Returns
    -------
    Figure
    """
    figure = blank(2.4)
    left, right = figure.subplots(1, 2)
    first = slice(0, min(_MOST_COMPONENTS, len(found.shares)))
    ranks = np.arange(len(found.shares[first])) + 1
    left.plot(ranks, 100 * found.shares[first], color=BLUE, marker=".", label="traces")
    left.plot(
        ranks, 100 * found.chance_high[first], color=VERMILION, ls="--",
        label="shifted in time (95 %)",
    )  # fmt: skip
    left.set_yscale("log")
    label_log_axis(left.yaxis)
    left.set(xlabel="component", ylabel="variance (%)")
    panel_title(left, "each")
    left.legend(loc="upper right")
    right.plot(ranks, 100 * np.cumsum(found.shares)[first], color=BLUE, marker=".")
    right.plot(ranks, 100 * np.cumsum(found.chance)[first], color=VERMILION, ls="--")
    right.set(xlabel="components", ylim=(0, 103))
    right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    right.axhline(100, color=BLACK, lw=0.5)
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panel_title(right, "together")
    return figure
