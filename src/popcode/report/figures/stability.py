"""Several fits beside each other: units that return, sizes and time scales by setting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from popcode.analysis.membership import Consensus, FitFacts, FitStability
from popcode.report.figures.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    VERMILION,
    blank,
    panel_title,
)

_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, BLACK, GREY)
_STYLES = ("-", "--", ":", "-.")


def draw_returns(
    stability: Sequence[FitStability], shuffled: Sequence[FitStability], consensus: Consensus
) -> Figure:
    """How often units return beside shuffled fits, and how closely the consensus set agrees.

    Parameters
    ----------
    stability, shuffled : sequence of FitStability
    consensus : Consensus

    Returns
    -------
    Figure
    """
    figure = blank(2.6)
    left, right = figure.subplots(1, 2)
    edges = np.linspace(0, 1, 21)
    for fits, colour, style, label in (
        (shuffled, VERMILION, "--", "shuffled neurons"),
        (stability, BLUE, "-", "fits"),
    ):
        values = best_correlations(fits)
        if values.size:
            shares = 100 * np.histogram(values, edges)[0] / values.size
            left.stairs(shares, edges, color=colour, ls=style, label=label, lw=1.4)
    left.set(xlabel="|r| with the matched unit of another run", ylabel="pairs of units (%)")
    left.set_ylim(bottom=0)
    panel_title(left, "units of two runs")
    left.legend(loc="upper center")
    _agreement(right, consensus)
    return figure


def best_correlations(fits: Sequence[FitStability]) -> NDArray[np.float64]:
    """|Correlations| of matched pairs; 0, a unit without a partner, is left out."""
    values = np.concatenate([each.correlations.ravel() for each in fits])
    return values[values > 0]


def _agreement(axes: Axes, consensus: Consensus) -> None:
    ranks = np.arange(consensus.n_assemblies) + 1
    axes.plot(ranks, consensus.agreement, ".", color=BLUE, ms=5, label="agreement (r)")
    axes.plot(
        ranks, consensus.returned / consensus.n_fits, color=GREY, drawstyle="steps-mid",
        label="share of runs",
    )  # fmt: skip
    axes.set(xlabel="assemblies of the consensus set", ylim=(0, 1.04))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    panel_title(axes, "consensus set")
    axes.legend(loc="lower left")


def draw_settings(facts: Sequence[FitFacts]) -> Figure:
    """Sizes, periods and numbers of assemblies against the penalty, a line a number of units.

    Parameters
    ----------
    facts : sequence of FitFacts

    Returns
    -------
    Figure
    """
    figure = blank(2.6)
    names = (
        ("mean_size", "mean size (% of neurons)", 100.0),
        ("mean_period", f"mean period ({facts[0].unit})", 1.0),
        ("n_effective", "assemblies", 1.0),
    )
    panels = figure.subplots(1, len(names))
    for axes, (name, label, scale) in zip(panels, names, strict=True):
        _against_penalty(axes, facts, name, scale)
        axes.set(xlabel="l1", ylabel=label)
    panels[0].legend(loc="best", title="hidden units")
    return figure


def _against_penalty(axes: Axes, facts: Sequence[FitFacts], name: str, scale: float) -> None:
    penalties = sorted({fit.l1 for fit in facts})
    places = {l1: place for place, l1 in enumerate(penalties)}
    for k, n_hidden in enumerate(sorted({fit.n_hidden for fit in facts})):
        colour, style = _COLOURS[k % len(_COLOURS)], _STYLES[k % len(_STYLES)]
        own = [fit for fit in facts if fit.n_hidden == n_hidden]
        x = np.array([places[fit.l1] for fit in own])
        y = scale * np.array([getattr(fit, name) for fit in own], np.float64)
        axes.plot(x, y, ".", color=colour, ms=6)
        levels = np.unique(x)
        means = [float(np.mean(y[x == level])) for level in levels]
        axes.plot(levels, means, color=colour, ls=style, lw=1.2, label=f"{n_hidden}")
    axes.set_xticks(np.arange(len(penalties)), [f"{l1:.3g}" for l1 in penalties])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(-0.4, len(penalties) - 0.6)
    axes.yaxis.set_major_locator(MaxNLocator(4))
