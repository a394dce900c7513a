"""Data and samples along the principal axes of the training bins."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray

from popcode.metrics.equilibrium.evidence import Histograms
from popcode.report.figures.canvas import blank, panel_title
from popcode.report.figures.scales import powers
from popcode.report.figures.sets import look_of, rivals_of

_MOST_AXES = 3


def draw_projections(found: Histograms) -> Figure:
    """Distributions along the first three axes, on a logarithmic scale.

    Parameters
    ----------
    found : Histograms

    Returns
    -------
    Figure
    """
    n_axes = min(len(found.edges), _MOST_AXES)
    figure = blank(2.6)
    panels = np.atleast_1d(figure.subplots(1, n_axes, sharey=True))
    own = [name for name in ("test", "train", "model") if name in found.counts]
    names = [*own, *rivals_of(found.counts)]
    for axis, axes in enumerate(panels):
        for name in names:
            _line(axes, found.edges[axis], found.counts[name][axis], name)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(powers())
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.set_xlabel("coordinate of a bin")
        panel_title(axes, f"axis {axis + 1}")
    panels[0].set_ylabel("share of bins")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(names))
    return figure


def _line(axes: Axes, edges: NDArray[np.float64], counts: NDArray[np.int64], name: str) -> None:
    look = look_of(name)
    shares = np.where(counts > 0, counts / max(counts.sum(), 1), np.nan)
    middles = (edges[1:] + edges[:-1]) / 2
    axes.plot(middles, shares, color=look.colour, ls=look.style, label=look.short, lw=1.1)
