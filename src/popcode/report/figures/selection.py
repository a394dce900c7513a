"""Scores of many models against their hidden units and their penalty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import NDArray

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
from popcode.report.figures.scales import label_log_axis

_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, BLACK)
_MARKS = "osD^vP*X"
_SPREAD = 0.012  # between the lines of one panel, of the width of the axis


class Judged(NamedTuple):
    """A model over its seeds, by one score.

    Attributes
    ----------
    n_hidden : int
    l1 : float
    values : ndarray, (n_seeds,)
        nan is not defined.
    """

    n_hidden: int
    l1: float
    values: NDArray[np.float64]


class Panel(NamedTuple):
    """One score of every model, with what to hold it against (nan: nothing).

    Attributes
    ----------
    title, label : str
    judged : tuple of Judged
    perfect, independent : float
        Score of the training bins resampled, and of independent neurons.
    """

    title: str
    label: str
    judged: tuple[Judged, ...]
    perfect: float = float("nan")
    independent: float = float("nan")


def draw_selection(
    panels: tuple[Panel, ...], taken: tuple[int, float], n_columns: int = 2
) -> Figure:
    """Each score against the hidden units, a line a penalty: mean over seeds and standard error.

    Parameters
    ----------
    panels : tuple of Panel
    taken : (int, float)
        Hidden units and penalty of the model to be ringed.
    n_columns : int

    Returns
    -------
    Figure
    """
    n_rows = -(-len(panels) // n_columns)
    figure = blank(2.7 * n_rows + 0.3)
    grid = figure.subplots(n_rows, n_columns, squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        _draw(axes, panel, taken)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    handles, labels = grid.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(6, len(labels)))
    return figure


def _draw(axes: Axes, panel: Panel, taken: tuple[int, float]) -> None:
    penalties = sorted({each.l1 for each in panel.judged})
    for k, l1 in enumerate(penalties):
        row = sorted((each for each in panel.judged if each.l1 == l1), key=lambda x: x.n_hidden)
        at = np.array([each.n_hidden for each in row]) * np.exp(_offset(k, len(penalties)))
        means = np.array([_mean(each.values) for each in row])
        errors = [_error(each.values) for each in row]
        axes.errorbar(
            at,
            means,
            errors,
            color=_COLOURS[k % len(_COLOURS)],
            marker=_MARKS[k % len(_MARKS)],
            ms=4,
            capsize=2,
            label=f"l1 = {l1:g}",
        )
        chosen = [j for j, each in enumerate(row) if (each.n_hidden, each.l1) == taken]
        axes.plot(at[chosen], means[chosen], "o", ms=11, mfc="none", mec=BLACK, mew=1.2)
    _reference(axes, panel)
    counts = sorted({each.n_hidden for each in panel.judged})
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator([float(count) for count in counts]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{count:,}" for count in counts])
    axes.set(xlabel="hidden units", ylabel=panel.label)
    panel_title(axes, panel.title)


def _reference(axes: Axes, panel: Panel) -> None:
    if np.isfinite(panel.perfect):
        axes.axhline(panel.perfect, color=GREY, lw=1, ls="--", label="perfect (training bins)")
    if np.isfinite(panel.independent):
        axes.axhline(panel.independent, color=GREY, lw=1, ls=":", label="independent neurons")


def draw_grid(panel: Panel, taken: tuple[int, float]) -> Figure:
    """One score over hidden units and penalty: mean over seeds as colour, with its numbers.

    Parameters
    ----------
    panel : Panel
    taken : (int, float)
        The model to be framed.

    Returns
    -------
    Figure
    """
    counts = sorted({each.n_hidden for each in panel.judged})
    penalties = sorted({each.l1 for each in panel.judged})
    means = np.full((len(penalties), len(counts)), np.nan)
    figure = blank(0.9 + 0.42 * len(penalties))
    axes = figure.subplots()
    for each in panel.judged:
        means[penalties.index(each.l1), counts.index(each.n_hidden)] = _mean(each.values)
    bright = 0.4 * np.nanmin(means) + 0.6 * np.nanmax(means)
    image = axes.imshow(means, cmap="viridis", origin="lower", aspect="auto")
    for each in panel.judged:
        place = counts.index(each.n_hidden), penalties.index(each.l1)
        _write(axes, place, each, dark=_mean(each.values) < bright)
    corner = counts.index(taken[0]) - 0.5, penalties.index(taken[1]) - 0.5
    axes.add_patch(Rectangle(corner, 1, 1, fill=False, ec=VERMILION, lw=3, clip_on=False))
    _label_grid(axes, counts, penalties)
    figure.colorbar(image, ax=axes, label=panel.label)
    panel_title(axes, panel.title)
    return figure


def _label_grid(axes: Axes, counts: list[int], penalties: list[float]) -> None:
    axes.set_xticks(range(len(counts)), [f"{count:,}" for count in counts])
    axes.set_yticks(range(len(penalties)), [f"{l1:g}" for l1 in penalties])
    axes.set(xlabel="hidden units", ylabel="l1")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _write(axes: Axes, place: tuple[int, int], judged: Judged, dark: bool) -> None:
    """The numbers of a cell; nothing where there is no value."""
    mean, error = _mean(judged.values), _error(judged.values)
    if not np.isfinite(mean):
        return
    text = f"{mean:.3f}" + (f" ± {error:.3f}" if error else "")
    axes.text(*place, text, ha="center", va="center", color="white" if dark else BLACK)


def draw_search(panel: Panel, taken: tuple[int, float]) -> Figure:
    """Every model that a search tried: hidden units, penalty, and the score as colour.

    Parameters
    ----------
    panel : Panel
    taken : (int, float)

    Returns
    -------
    Figure
    """
    figure = blank(3.2)
    axes = figure.subplots()
    at = np.array([(each.n_hidden, each.l1) for each in panel.judged], dtype=np.float64)
    means = [_mean(each.values) for each in panel.judged]
    dots = axes.scatter(at[:, 0], at[:, 1], c=means, cmap="viridis", s=42, ec=BLACK, lw=0.4)
    axes.plot(*taken, "o", ms=13, mfc="none", mec=VERMILION, mew=1.6)
    if at[:, 1].min() > 0:
        axes.set_yscale("log")
        label_log_axis(axes.yaxis)
    axes.set(xlabel="hidden units", ylabel="l1")
    figure.colorbar(dots, ax=axes, label=panel.label)
    panel_title(axes, panel.title)
    return figure


def _offset(k: int, n: int) -> float:
    return _SPREAD * (k - (n - 1) / 2)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _error(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else 0.0
