"""Functional strengths against structural ones: connected pairs, unconnected pairs, evidence."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from popcode.analysis.connectivity import Evidence
from popcode.report.figures.canvas import BLACK, BLUE, GREY, PALE, VERMILION, blank, panel_title
from popcode.report.figures.scales import label_log_axis

Float = NDArray[np.float64]


def draw_structure(functional: Float, structural: Float, evidence: Evidence | None) -> Figure:
    """Strengths of connected pairs, their distribution beside unconnected ones, the evidence.

    Parameters
    ----------
    functional, structural : ndarray, (n_regions, n_regions)
        nan where unknown.
    evidence : Evidence or None
        The third panel is left out without.

    Returns
    -------
    Figure
    """
    triangle = np.tril_indices(len(structural))
    x, y = structural[triangle], functional[triangle]
    known = np.isfinite(x) & np.isfinite(y) & (y > 0)
    x, y = x[known], y[known]
    figure = blank(2.6)
    panels = figure.subplots(1, 2 if evidence is None else 3)
    _connected(panels[0], x[x > 0], y[x > 0])
    _both(panels[1], y[x > 0], y[x == 0])
    if evidence is not None:
        _evidence(panels[2], evidence)
    return figure


def _connected(axes: Axes, structural: Float, functional: Float) -> None:
    axes.loglog(structural, functional, ".", color=BLUE, ms=3.5, mew=0, alpha=0.7)
    axes.set(xlabel="structural strength", ylabel="functional strength")
    if structural.size:
        label_log_axis(axes.xaxis)
        label_log_axis(axes.yaxis)
    panel_title(axes, "connected pairs")


def _both(axes: Axes, connected: Float, unconnected: Float) -> None:
    both = np.log10(np.concatenate([connected, unconnected]))
    if both.size:
        edges = np.linspace(both.min(), both.max() + 1e-9, 25)
        groups = ((connected, BLUE, "connected"), (unconnected, VERMILION, "unconnected"))
        for values, colour, name in groups:
            if values.size:
                shares = np.histogram(np.log10(values), edges)[0] / values.size
                axes.stairs(shares, edges, color=colour, label=f"{name} ({values.size:,})")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.05, 1.08), borderpad=0)
    axes.set(xlabel="log10 functional strength", ylabel="share of pairs")


def _evidence(axes: Axes, evidence: Evidence) -> None:
    axes.axhspan(-1, 1, color=PALE, alpha=0.4, lw=0)
    axes.axhline(0, color=BLACK, lw=0.7)
    axes.plot(evidence.log10_strength, evidence.log10_ratio, color=BLUE)
    axes.set(xlabel="log10 functional strength", ylabel="log10 ratio of densities")
    axes.text(
        0.03, 0.92, "grey: less than 10 : 1", color=GREY, fontsize=7.5, transform=axes.transAxes
    )
    panel_title(axes, "evidence for a connection")
