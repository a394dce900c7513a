"""A statistic of models against the same statistic of the test bins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from popcode.report.figures.canvas import VERMILION, WIDTH, panel_title
from popcode.report.figures.scales import power_of_ten, powers, times

_FEW = 1500  # squares that hold anything, below which they are drawn as dots
# Reversed, so that dense squares are dark as ink.
_COLOURS = "viridis_r"


# In inches.
_LEFT, _BOTTOM, _SIDE, _GAP, _HEIGHT = 0.85, 0.45, 1.6, 0.35, 2.45


class Panel(NamedTuple):
    """One panel: its title, a line of numbers under it, and what is counted in its squares."""

    title: str
    numbers: str
    counts: NDArray[np.int64]


def draw_densities(
    edges: NDArray[np.float64], panels: tuple[Panel, ...], quantity: str, unit: str
) -> Figure:
    """Panels side by side in the same axes, colour and squares.

    Parameters
    ----------
    edges : ndarray, (n_squares + 1,)
    panels : tuple of Panel
    quantity, unit : str
        Of both axes.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(WIDTH, _HEIGHT))
    axes = [_square(figure, place) for place in range(len(panels))]
    most = max(int(panel.counts.max()) for panel in panels)
    most = max(2, most)
    norm = LogNorm(1, most)
    low, high = _occupied(edges, panels)
    exponent = power_of_ten(max(abs(low), abs(high)))
    scale = 10.0**exponent
    # One kind of mark in all panels: dots beside squares would look denser than they are.
    few = all(np.count_nonzero(panel.counts) <= _FEW for panel in panels)
    for each, panel in zip(axes, panels, strict=True):
        mesh = _squares(each, edges / scale, panel, norm, few)
        each.set(xlim=(low / scale, high / scale), ylim=(low / scale, high / scale))
        each.set_xlabel("test bins")
    axes[0].set_ylabel(f"{quantity}\n{unit}{times(exponent)}")
    bar = figure.colorbar(mesh, cax=_bar_place(figure, len(panels)))
    bar.set_label("values in a square")
    bar.ax.yaxis.set_major_formatter(powers())
    bar.ax.minorticks_off()
    if most < 10:
        bar.set_ticks([1, most], labels=["1", str(most)])
    return figure


def _square(figure: Figure, place: int) -> Axes:
    """A square panel; laid out by hand, since all figures of this kind must align on the page."""
    left = _LEFT + place * (_SIDE + _GAP)
    sides = (left / WIDTH, _BOTTOM / _HEIGHT, _SIDE / WIDTH, _SIDE / _HEIGHT)
    axes = figure.add_axes(sides)
    axes.tick_params(labelleft=place == 0)
    return axes


def _bar_place(figure: Figure, n_panels: int) -> Axes:
    left = _LEFT + n_panels * (_SIDE + _GAP) - _GAP + 0.1
    return figure.add_axes((left / WIDTH, _BOTTOM / _HEIGHT, 0.1 / WIDTH, _SIDE / _HEIGHT))


def _squares(
    axes: Axes, edges: NDArray[np.float64], panel: Panel, norm: LogNorm, few: bool
) -> ScalarMappable:
    axes.axline((edges[0], edges[0]), slope=1, color=VERMILION, lw=0.9, zorder=2)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    panel_title(axes, f"{panel.title}\n")
    axes.annotate(
        panel.numbers, (0, 1), xytext=(0, 5), xycoords="axes fraction", textcoords="offset points",
        fontsize=8, va="bottom",
    )  # fmt: skip
    if few:
        return _dots(axes, edges, panel.counts, norm)
    shown = np.ma.masked_less(panel.counts.T, 1)
    return axes.pcolormesh(edges, edges, shown, norm=norm, cmap=_COLOURS, rasterized=True, zorder=1)


def _dots(
    axes: Axes, edges: NDArray[np.float64], counts: NDArray[np.int64], norm: LogNorm
) -> PathCollection:
    """Single squares would be too small to see: a dot in the middle of each."""
    middles = (edges[1:] + edges[:-1]) / 2
    x, y = np.nonzero(counts)
    return axes.scatter(
        middles[x],
        middles[y],
        c=counts[x, y],
        norm=norm,
        cmap=_COLOURS,
        s=9,
        lw=0,
        zorder=1,
        rasterized=True,
    )


def _occupied(edges: NDArray[np.float64], panels: tuple[Panel, ...]) -> tuple[float, float]:
    """The square around all that is counted, with a square to spare."""
    total = np.sum([panel.counts for panel in panels], axis=0)
    used = np.flatnonzero(total.sum(axis=0) + total.sum(axis=1))
    if used.size == 0:
        return float(edges[0]), float(edges[-1])
    first, last = max(0, used[0] - 1), min(len(edges) - 1, used[-1] + 2)
    return float(edges[first]), float(edges[last])
