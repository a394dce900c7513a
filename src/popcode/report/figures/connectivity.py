"""Connection strengths between regions: matrices, methods, animals, their law."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import NDArray
from scipy.stats import norm

from popcode.analysis.connectivity import RegionalMatrix, StrengthLaw
from popcode.report.figures.canvas import BLACK, BLUE, GREY, PALE, VERMILION, blank, panel_title
from popcode.report.figures.scales import label_log_axis, raised
from popcode.report.numbers import shortened

Float = NDArray[np.float64]
_MOST_NAMES = 40  # beside a matrix; of more regions every second, third, ... is named
_MOST_PAIRS = 6
_COLUMNS = 3
_LOW, _HIGH = 0.02, 0.995  # quantiles at which colours end


class Rated(NamedTuple):
    """A value with its interval and what chance stays below; None where it is unknown."""

    value: float
    interval: tuple[float, float]
    chance: float


def draw_matrices(names: Sequence[str], matrices: Sequence[tuple[str, Float]]) -> Figure:
    """Matrices of the same regions side by side, log10 of their strengths in colour.

    Parameters
    ----------
    names : sequence of str
        Of the regions.
    matrices : sequence of (title, ndarray (n_regions, n_regions))

    Returns
    -------
    Figure
    """
    n_rows = -(-len(matrices) // 2)
    figure = blank(3.3 * n_rows)
    panels = np.atleast_1d(figure.subplots(n_rows, 2)).ravel()
    for k, (title, values) in enumerate(matrices):
        _heat(figure, panels[k], values)
        panel_title(panels[k], title)
        _name_regions(panels[k], names, across=k >= len(matrices) - 2, upright=k % 2 == 0)
    for axes in panels[len(matrices) :]:
        axes.set_visible(False)
    return figure


def _name_regions(axes: Axes, names: Sequence[str], *, across: bool, upright: bool) -> None:
    """Names below and at the left, where they are wanted: every few of many regions."""
    every = -(-len(names) // _MOST_NAMES)
    places, shown = range(0, len(names), every), [shortened(name, 16) for name in names[::every]]
    size = 6.5 if len(shown) <= 25 else 4.5
    axes.set_xticks(places if across else [], shown if across else [], rotation=90, fontsize=size)
    axes.set_yticks(places if upright else [], shown if upright else [], fontsize=size)
    axes.tick_params(length=0)


def _heat(figure: Figure, axes: Axes, values: Float) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log10(np.where(values > 0, values, np.nan))
    known = logs[np.isfinite(logs)]
    low, high = np.quantile(known, (_LOW, _HIGH)) if known.size else (0.0, 1.0)
    axes.set_facecolor(PALE)
    image = axes.imshow(logs, cmap="viridis", vmin=low, vmax=max(high, low + 1e-9))
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.75, extend="both")
    at = _log_ticks(low, high)
    bar.ax.yaxis.set_major_locator(FixedLocator(at))
    bar.ax.set_yticklabels([_power(each) for each in at])
    bar.ax.yaxis.set_minor_locator(NullLocator())


def _log_ticks(low: float, high: float) -> list[float]:
    """Exponents of ticks in a range of log10: whole ones, else with 2 and 5, else all digits."""
    whole = np.arange(np.ceil(low), np.floor(high) + 1)
    if whole.size >= 2:
        return whole[:: -(-whole.size // 5)].tolist()
    decades = np.arange(np.floor(low), np.ceil(high) + 1)[:, None]
    for digits in ([1, 2, 5], range(1, 10)):
        at = (decades + np.log10(digits)).ravel()
        at = at[(at >= low) & (at <= high)]
        if at.size >= 2:
            break
    return at.tolist()


def _power(exponent: float) -> str:
    if np.isclose(exponent, round(exponent)) and not -3 <= exponent <= 3:
        return raised(round(exponent))
    return f"{10**exponent:.3g}"


def draw_methods(panels: Sequence[tuple[str, dict[str, Rated | None]]]) -> Figure:
    """A row a method: its value, its 95 % interval, and the chance level as a tick.

    Parameters
    ----------
    panels : sequence of (title, methods)
        All of the same methods.

    Returns
    -------
    Figure
    """
    names = list(panels[0][1])
    figure = blank(0.8 + 0.27 * len(names))
    row = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
    for axes, (title, rated) in zip(row, panels, strict=True):
        for at, name in enumerate(names):
            _draw_rated(axes, at, rated[name], BLUE if at == 0 else GREY)
        axes.axvline(0, color=BLACK, lw=0.7)
        axes.set_xlim(right=1.02)
        axes.set_xlabel(title)
    row[0].set_yticks(range(len(names)), names)
    row[0].set_ylim(len(names) - 0.5, -0.5)
    return figure


def _draw_rated(axes: Axes, at: int, rated: Rated | None, colour: str) -> None:
    if rated is None or not np.isfinite(rated.value):
        return
    axes.plot(rated.interval, [at, at], color=colour, lw=1.6)
    axes.plot(rated.value, at, "o", color=colour, ms=4.5)
    axes.plot(rated.chance, at, "|", color=VERMILION, ms=9, mew=1.4)


def draw_animals(
    animals: Sequence[RegionalMatrix], labels: Sequence[str], pearson: Float
) -> Figure:
    """Strengths of one animal against those of another, a panel a pair of animals.

    Parameters
    ----------
    animals : sequence of RegionalMatrix
        Of the same regions; at most six pairs are drawn.
    labels : sequence of str
    pearson : ndarray, (n_animals, n_animals)
        Of their log10 strengths.

    Returns
    -------
    Figure
    """
    pairs = list(combinations(range(len(animals)), 2))[:_MOST_PAIRS]
    n_rows = -(-len(pairs) // _COLUMNS)
    figure = blank(2.3 * n_rows + 0.5, 2.2 * _COLUMNS + 1)
    panels = np.atleast_1d(figure.subplots(n_rows, _COLUMNS)).ravel()  # few pairs are small, too
    triangle = np.tril_indices(len(animals[0].values))
    for axes, (a, b) in zip(panels, pairs, strict=False):
        x, y = (animals[k].values[triangle] for k in (a, b))
        own = triangle[0] == triangle[1]
        axes.loglog(x[~own], y[~own], ".", color=BLUE, ms=3, mew=0, alpha=0.7)
        axes.loglog(x[own], y[own], ".", color=VERMILION, ms=4.5, mew=0)
        axes.set(xlabel=shortened(labels[a], 22), ylabel=shortened(labels[b], 22))
        label_log_axis(axes.xaxis)
        label_log_axis(axes.yaxis)
        panel_title(axes, f"r = {pearson[a, b]:.2f}")
    for axes in panels[len(pairs) :]:
        axes.set_visible(False)
    return figure


def draw_law(values: Float, law: StrengthLaw) -> Figure:
    """Distribution of log10 strengths with the log-normal law and the normal one.

    Parameters
    ----------
    values : ndarray
        Strengths of any shape.
    law : StrengthLaw

    Returns
    -------
    Figure
    """
    strengths = values[np.isfinite(values) & (values > 0)]
    logs = np.log10(strengths)
    figure = blank(2.2)
    axes = figure.subplots()
    edges = np.linspace(logs.min(), logs.max(), max(8, min(40, logs.size // 8)) + 1)
    axes.hist(logs, edges.tolist(), density=True, color=PALE, label="strengths")
    at = np.linspace(edges[0], edges[-1], 200)
    axes.plot(at, norm.pdf(at, law.mean_log10, law.sd_log10), color=BLUE, label="log-normal")
    normal = norm.pdf(10**at, strengths.mean(), strengths.std()) * 10**at * np.log(10)
    axes.plot(at, normal, color=VERMILION, ls="--", label="normal")
    ticks = _log_ticks(edges[0], edges[-1])
    axes.set_xticks(ticks, [_power(each) for each in ticks])
    axes.set(xlabel="strength", ylabel="density in log10")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure
