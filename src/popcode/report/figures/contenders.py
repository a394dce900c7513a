"""Models of every kind beside each other: what they predict, and how their samples score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from popcode.report.figures.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PALE,
    PURPLE,
    VERMILION,
    blank,
    panel_title,
)

_COLOURS = (BLUE, GREEN, VERMILION, PURPLE, GREY)
_MARKERS = "osD^v"
_LOWEST, _HIGHEST = -0.6, 1.4


class Shown(NamedTuple):
    """One model: its bits a spike with their interval, and the score of every statistic."""

    title: str
    bits: tuple[float, float, float]
    scores: dict[str, float | None]


def draw_contenders(models: Sequence[Shown]) -> Figure:
    """Withheld neurons at the left, scores of samples at the right, a row a model.

    Parameters
    ----------
    models : sequence of Shown
        From top to bottom.

    Returns
    -------
    Figure
    """
    figure = blank(0.9 + 0.27 * len(models))
    left, right = figure.subplots(1, 2, sharey=True)
    _bits(left, models)
    _scores(right, models)
    left.set_yticks(range(len(models)), [each.title for each in models])
    left.set_ylim(len(models) - 0.5, -0.5)
    return figure


def _bits(axes: Axes, models: Sequence[Shown]) -> None:
    for row, each in enumerate(models):
        value, low, high = each.bits
        axes.plot([low, high], [row, row], color=BLUE, lw=1.6)
        axes.plot(value, row, "o", color=BLUE, ms=4)
    axes.axvline(0, color=BLACK, lw=0.7)
    axes.set_xlabel("withheld neurons (bits a spike)")
    panel_title(axes, "What is predicted")


def _scores(axes: Axes, models: Sequence[Shown]) -> None:
    axes.axvline(1, color=PALE, lw=4)
    axes.axvline(0, color=BLACK, lw=0.7)
    names = list(models[0].scores) if models else []
    for name, colour, marker in zip(names, _COLOURS, _MARKERS, strict=False):
        known = [(row, each.scores[name]) for row, each in enumerate(models)]
        rows = [row for row, value in known if value is not None]
        values = [min(max(value, _LOWEST), _HIGHEST) for _, value in known if value is not None]
        axes.plot(values, rows, marker, color=colour, ms=4, ls="none", alpha=0.8, label=name)
    axes.set(xlim=(_LOWEST - 0.05, _HIGHEST + 0.05), xlabel="score of samples")
    panel_title(axes, "What is generated")
    if names:
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), handletextpad=0.2)
