"""Effective couplings of pairs of neurons: their matrix, by area, by distance, by covariance."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from popcode.analysis.areas import Areas, AreaSurvey, DistanceCurve, LabelNull
from popcode.report.figures.canvas import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    VERMILION,
    blank,
    panel_title,
)
from popcode.report.figures.scales import power_of_ten, powers, times

Float = NDArray[np.float64]
_MOST_CELLS = 300
_CLIPPED = 0.995  # quantile at which colours end: a few strong pairs would leave all others white
_BINS = 80


def draw_coupling_matrix(couplings: NDArray, areas: Areas) -> Figure:
    """The matrix with neurons sorted by area; of a large one, means over squares of pairs.

    A neuron of several areas stands in the first of them.

    Parameters
    ----------
    couplings : ndarray, (n_neurons, n_neurons)
    areas : Areas

    Returns
    -------
    Figure
    """
    order, sizes = sorted_by_area(areas)
    values, width = in_squares(np.asarray(couplings, np.float64)[np.ix_(order, order)])
    ends = np.cumsum(sizes) / width - 0.5
    figure = blank(4.6, 5.2)
    axes = figure.subplots()
    most = float(np.quantile(np.abs(values), _CLIPPED)) or float(np.abs(values).max()) or 1.0
    exponent = power_of_ten(most)
    scale = 10.0**exponent
    image = axes.imshow(
        values / scale, cmap="RdBu_r", vmin=-most / scale, vmax=most / scale,
        interpolation="nearest", rasterized=True,
    )  # fmt: skip
    for end in ends[:-1]:
        axes.axhline(end, color=GREY, lw=0.5)
        axes.axvline(end, color=GREY, lw=0.5)
    _name_areas(axes, areas.names, (np.r_[-0.5, ends[:-1]] + ends) / 2)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, extend="both")
    mean = f", mean of {width} × {width} pairs" if width > 1 else ""
    bar.set_label(f"coupling{mean}{times(exponent)}")
    return figure


def sorted_by_area(areas: Areas) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Neurons area by area, and how many of each; those of no area are left out."""
    first = np.where(areas.member.any(axis=1), areas.member.argmax(axis=1), areas.n_areas)
    sizes = np.bincount(first, minlength=areas.n_areas + 1)[:-1]
    return np.argsort(first, kind="stable")[: sizes.sum()], sizes


def in_squares(values: Float, most: int = _MOST_CELLS) -> tuple[Float, int]:
    """Means over squares of pairs, the diagonal left out, so that at most `most` a side are left.

    Parameters
    ----------
    values : ndarray, (n, n)
    most : int

    Returns
    -------
    values : ndarray, (n_squares, n_squares)
    width : int
        Neurons along a square; what is left over at the end is a smaller one.
    """
    width = -(-len(values) // most)
    if width <= 1:
        return values, 1
    starts = np.arange(0, len(values), width)
    counted = 1.0 - np.eye(len(values))

    def summed(matrix: Float) -> Float:
        return np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1)

    return summed(values * counted) / np.maximum(summed(counted), 1), width


def draw_area_table(survey: AreaSurvey) -> Figure:
    """Mean couplings by pair of areas, with their z against shuffled labels beside them.

    Parameters
    ----------
    survey : AreaSurvey

    Returns
    -------
    Figure
    """
    null, names = survey.strictest.mean, survey.areas.names
    figure = blank(3.4)
    left, right = figure.subplots(1, 2)
    exponent = power_of_ten(float(np.nanmax(np.abs(null.table))))
    _heat(figure, left, null.table / 10.0**exponent, names, f"coupling{times(exponent)}")
    panel_title(left, "mean coupling")
    _heat(figure, right, null.z, names, "z")
    _mark(right, null)
    how = "within probes" if survey.within_probe else "among all neurons"
    panel_title(right, "against shuffled area labels")
    right.set_xlabel(f"shuffled {how}; • p < 0.05, •• p < 0.01\nover all pairs of areas")
    return figure


def _heat(figure: Figure, axes: Axes, table: Float, names: tuple[str, ...], label: str) -> None:
    most = float(np.nanmax(np.abs(table), initial=0.0)) or 1.0
    image = axes.imshow(table, cmap="RdBu_r", vmin=-most, vmax=most)
    _name_areas(axes, names, np.arange(len(names)))
    figure.colorbar(image, ax=axes, shrink=0.85).set_label(label)


def _mark(axes: Axes, null: LabelNull) -> None:
    """Dots on the pairs of areas that shuffled labels do not explain."""
    for (row, column), p in np.ndenumerate(null.p_family):
        if p < 0.05:
            strong = abs(null.z[row, column]) > 0.6 * np.nanmax(np.abs(null.z))
            axes.text(
                column, row, "••" if p < 0.01 else "•", ha="center", va="center", fontsize=8,
                color="white" if strong else BLACK,
            )  # fmt: skip


def _name_areas(axes: Axes, names: tuple[str, ...], places: NDArray) -> None:
    axes.set_xticks(places, names, rotation=45 if max(map(len, names)) > 3 else 0)
    axes.set_yticks(places, names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def draw_within_between(couplings: NDArray, areas: Areas) -> Figure:
    """Distributions of couplings within areas and between areas.

    Parameters
    ----------
    couplings : ndarray, (n_neurons, n_neurons)
    areas : Areas

    Returns
    -------
    Figure
    """
    figure = blank(2.6, 4.8)
    axes = figure.subplots()
    within, between = within_and_between(np.asarray(couplings, np.float64), areas)
    both = np.concatenate([within, between])
    edges = np.linspace(both.min(), both.max() + 1e-12, _BINS + 1)
    for values, colour, name in ((within, VERMILION, "within areas"), (between, BLUE, "between")):
        if values.size == 0:
            continue
        shares = np.histogram(values, edges)[0] / values.size
        label = f"{name}: mean {values.mean():.2g} ({values.size:,} pairs)"
        axes.stairs(shares, edges, color=colour, label=label, lw=1.3)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(powers())
    axes.axvline(0, color=PALE, lw=0.8, zorder=0)
    axes.set(xlabel="coupling", ylabel="share of pairs")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def draw_couplings(values: NDArray) -> Figure:
    """Distribution of the couplings of all pairs.

    Parameters
    ----------
    values : ndarray, (n_pairs,)

    Returns
    -------
    Figure
    """
    figure = blank(2.4, 4.8)
    axes = figure.subplots()
    if values.size:
        edges = np.linspace(values.min(), values.max() + 1e-12, _BINS + 1)
        axes.stairs(np.histogram(values, edges)[0] / values.size, edges, color=BLUE, lw=1.3)
        axes.set_yscale("log")
    axes.yaxis.set_major_formatter(powers())
    axes.axvline(0, color=PALE, lw=0.8, zorder=0)
    axes.set(xlabel="coupling (nats)", ylabel="share of pairs")
    return figure


def within_and_between(couplings: Float, areas: Areas) -> tuple[Float, Float]:
    """Couplings of pairs that share an area, and of pairs of different areas."""
    rows = areas.placed
    member = areas.member[rows].astype(np.float64)
    shared = member @ member.T > 0
    upper = np.triu(np.ones((rows.size, rows.size), bool), 1)
    values = couplings[np.ix_(rows, rows)]
    return values[shared & upper], values[~shared & upper]


def draw_distance_curve(curve: DistanceCurve) -> Figure:
    """Mean coupling by distance with its interval, and the mean over all pairs.

    Parameters
    ----------
    curve : DistanceCurve

    Returns
    -------
    Figure
    """
    figure = blank(2.6, 4.2)
    axes = figure.subplots()
    axes.fill_between(curve.distance_um, curve.low, curve.high, color=BLUE, alpha=0.2, lw=0)
    axes.plot(curve.distance_um, curve.mean, color=BLUE, marker="o", ms=3)
    axes.axhline(curve.all_pairs, color=VERMILION, ls=":", label="if distance did not matter")
    axes.axhline(0, color=PALE, lw=0.8, zorder=0)
    axes.set_xlim(left=0)
    axes.set(xlabel="distance of two neurons of one area and probe (µm)", ylabel="mean coupling")
    axes.legend(loc="upper right")
    return figure
