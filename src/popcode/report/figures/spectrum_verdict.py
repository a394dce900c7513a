"""The networks that fit a recording, and how well each of its statistics fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from popcode.dynamics.verdict.signature import LAGS, RANKS
from popcode.report.figures.canvas import BLACK, BLUE, GREY, PALE, VERMILION, blank, panel_title
from popcode.report.figures.scales import label_log_axis

Part = Mapping[str, Any]
_COLOURS = (BLUE, VERMILION)
_GROUPS = ("singular value, rank", "persistence, lag (bins)", "irreversibility, lag (bins)")


def draw_verdict(part: Part) -> Figure:
    """Radius, asymmetry and time constant for each size, and the residuals of the statistics.

    Parameters
    ----------
    part : mapping
        The verdict as the run keeps it.
    """
    figure = blank(4.6)
    grid = figure.add_gridspec(2, 1)
    above, below = (figure.add_subfigure(grid[k]) for k in range(2))
    axes = above.subplots(1, 4)
    unit = "s" if part["bin_is_known"] else "bins"
    residuals = below.subplots()
    for k, fit in enumerate(part["fits"]):
        colour = _COLOURS[k % 2]
        distance = {name: _distance(fit["radius"], name) for name in fit["radius"]}
        _interval(axes[0], k, distance, colour)
        axes[0].plot(k, 1 - fit["critical_radius"], "_", ms=14, color=GREY)
        for each, name in zip(axes[1:], ("asymmetry", "tau_s", "own_noise"), strict=True):
            _interval(each, k, fit[name], colour)
        _residuals(residuals, fit, colour, k)
    titles = ("1 − radius", "asymmetry", f"time constant ({unit})", "own noise")
    for each, title in zip(axes, titles, strict=True):
        _size_axis(each, [f"{fit['n_neurons']:,}" for fit in part["fits"]])
        panel_title(each, title)
    for each in (axes[0], axes[2]):
        each.set(yscale="log")
        label_log_axis(each.yaxis)
    for each in (axes[1], axes[3]):
        each.set(ylim=(-0.05, 1.05))
    return figure


def _size_axis(axes: Axes, names: list[str]) -> None:
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_xlabel("network size")


def _distance(radius: Part, name: str) -> Any:
    """1 - radius, whose ends change places."""
    other = {"low": "high", "high": "low", "low_is_open": "high_is_open",
             "high_is_open": "low_is_open"}.get(name, name)  # fmt: skip
    return radius[other] if "open" in name else 1 - radius[other]


def _interval(axes: Axes, place: int, found: Part, colour: str) -> None:
    """A value with its interval; ends that are open are arrows."""
    axes.vlines(place, found["low"], found["high"], color=colour, lw=1.3)
    axes.plot(place, found["value"], "o", ms=4, color=colour)
    if found["low_is_open"]:
        axes.plot(place, found["low"], "v", ms=4, color=colour, mfc="none")
    if found["high_is_open"]:
        axes.plot(place, found["high"], "^", ms=4, color=colour, mfc="none")


def _residuals(axes: Axes, fit: Part, colour: str, k: int) -> None:
    """Statistics less those of the best network, in standard deviations."""
    labels = [*map(str, RANKS), *map(str, LAGS), *map(str, LAGS)]
    x = np.arange(len(labels))
    value, fitted, spread = (
        np.array([np.nan if each is None else each for each in fit[name][: len(labels)]], float)
        for name in ("statistics", "fitted", "spread")
    )
    if k == 0:
        axes.axhspan(-2, 2, color=PALE, alpha=0.35, lw=0)
        axes.axhline(0, color=BLACK, lw=0.6)
        edges = np.cumsum([len(RANKS), len(LAGS)])
        for edge in edges:
            axes.axvline(edge - 0.5, color=GREY, lw=0.6)
        axes.set_xticks(x, labels)
        for start, title in zip((0, *edges), _GROUPS, strict=True):
            axes.text(start - 0.4, 1.0, title, transform=axes.get_xaxis_transform(),
                      va="bottom")  # fmt: skip
        axes.set_ylabel("residual (s.d.)")
    axes.plot(x + 0.15 * k, (value - fitted) / spread, "o", ms=3.5, color=colour,
              label=f"{fit['n_neurons']:,}")  # fmt: skip
    axes.set_ylim(-6, 6)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), title="network size")
