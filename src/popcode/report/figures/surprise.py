"""How much bins surprise the model: their distribution, and when."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray

from popcode.metrics.equilibrium.evidence import SurpriseSeries
from popcode.report.figures.canvas import BLACK, BLUE, GREY, PALE, VERMILION, blank, panel_title
from popcode.report.figures.scales import powers
from popcode.report.figures.sets import look_of
from popcode.report.figures.timeline import Timeline

_MOST_POINTS = 600


def draw_calibration(found: SurpriseSeries) -> Figure:
    """Distributions of the surprise of bins and samples, and one against the other.

    Parameters
    ----------
    found : SurpriseSeries

    Returns
    -------
    Figure
    """
    figure = blank(2.6)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    middles = (found.edges[1:] + found.edges[:-1]) / 2
    for name in ("test", "train", "model"):
        counts, look = found.counts[name], look_of(name)
        shares = np.where(counts > 0, counts / counts.sum(), np.nan)
        label = "samples of the model" if name == "model" else look.short
        left.plot(middles, shares, color=look.colour, ls=look.style, label=label)
    left.set_yscale("log")
    left.yaxis.set_major_formatter(powers())
    left.yaxis.set_minor_formatter(NullFormatter())
    left.set(xlabel="surprise −ln P(v) (nats)", ylabel="share of bins")
    left.legend(loc="lower center")
    panel_title(left, "surprise")
    _ranks(right, found)
    return figure


def _ranks(axes: Axes, found: SurpriseSeries) -> None:
    """Share of bins beyond each share of samples: on the line for a calibrated model."""
    tails = 1 - found.levels
    axes.axline((1, 1), (1e-3, 1e-3), color=VERMILION, lw=0.9)
    for name, values in (("test", found.test), ("train", found.train)):
        look = look_of(name)
        above = np.array([(values > each).mean() for each in found.quantiles])
        known = above > 0
        axes.plot(
            tails[known], above[known], color=look.colour, ls=look.style, marker="o", ms=3,
            label=look.short,
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="share of samples above", ylabel="share of bins")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(powers())
        axis.set_minor_formatter(NullFormatter())
    axes.legend(loc="upper left")
    panel_title(axes, "tails")


def draw_series(
    surprise: NDArray[np.float32],
    is_test: NDArray[np.bool_],
    found: SurpriseSeries,
    timeline: Timeline,
) -> Figure:
    """Mean and largest surprise over time.

    Parameters
    ----------
    surprise : ndarray, (n_bins,)
        Of every bin of the recording, in the order of time; nan for one that was not judged.
    is_test : ndarray of bool, (n_bins,)
    found : SurpriseSeries
    timeline : Timeline

    Returns
    -------
    Figure
    """
    figure = blank(2.6)
    axes = figure.subplots()
    width = -(-len(surprise) // _MOST_POINTS)
    starts = np.arange(0, len(surprise), width)
    middles = (starts + np.minimum(starts + width, len(surprise))) / 2 * timeline.bin_width
    known = np.nan_to_num(surprise.astype(np.float64))
    counts = np.add.reduceat(np.isfinite(surprise).astype(np.float64), starts)
    means = np.add.reduceat(known, starts) / np.where(counts > 0, counts, np.nan)
    largest = np.maximum.reduceat(known, starts)
    _withheld(axes, is_test, timeline)
    axes.plot(middles, largest, color=GREY, lw=0.6, label=f"largest of {width:,} bins")
    axes.plot(middles, means, color=BLACK, lw=1.1, label="mean")
    for level, style in ((0.5, "--"), (0.999, ":")):
        at = found.quantiles[np.argmin(np.abs(found.levels - level))]
        label = "samples: median" if level == 0.5 else "samples: 1 in 1,000 above"
        axes.axhline(at, color=BLUE, lw=0.9, ls=style, label=label)
    axes.set_xlim(0, len(surprise) * timeline.bin_width)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0), high + 0.3 * (high - min(low, 0)))
    axes.xaxis.set_major_locator(MaxNLocator(8))
    axes.set(xlabel=timeline.label, ylabel="surprise (nats)")
    axes.legend(loc="upper center", ncols=4)
    return figure


def _withheld(axes: Axes, is_test: NDArray[np.bool_], timeline: Timeline) -> None:
    """Pale bands behind stretches that were withheld."""
    padded = np.concatenate([[False], is_test, [False]]).astype(np.int8)
    changes = np.flatnonzero(np.diff(padded))
    for start, stop in zip(changes[::2], changes[1::2], strict=True):
        left, right = start * timeline.bin_width, stop * timeline.bin_width
        axes.axvspan(left, right, color=PALE, alpha=0.45, lw=0)
