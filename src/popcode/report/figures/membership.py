"""How large assemblies are, how many neurons they share, and in how many a neuron is."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from popcode.analysis.membership import (
    Embedding,
    Extents,
    Occupancy,
    Overlaps,
    expected_degrees,
)
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
from popcode.report.numbers import shortened

Float = NDArray[np.float64]
MOST_REGIONS = 40
_LEVEL = 0.05
_STYLES = ((BLACK, "-"), (GREEN, "--"), (BLUE, "-"), (PURPLE, ":"))


def draw_sizes(overlaps: Overlaps, above: NDArray[np.int64]) -> Figure:
    """Sizes at the left, neurons shared by pairs beside chance at the right.

    Parameters
    ----------
    overlaps : Overlaps
    above : ndarray of int, (n_hidden,)
        Sizes by |weight| > 0.01, the article's.

    Returns
    -------
    Figure
    """
    figure = blank(2.7)
    if len(overlaps.sizes) < 2:
        _sizes(figure.subplots(), overlaps.sizes, above)
        return figure
    left, right = figure.subplots(1, 2)
    _sizes(left, overlaps.sizes, above)
    _shared(right, overlaps)
    return figure


def _sizes(axes: Axes, sizes: NDArray[np.int64], above: NDArray[np.int64]) -> None:
    most = max(int(above.max(initial=1)), int(sizes.max(initial=1)))
    edges = np.linspace(0, most + 1, min(40, most + 2)).tolist()
    axes.hist(above, edges, histtype="step", color=GREY, ls="--", label="|w| > 0.01")
    axes.hist(sizes, edges, color=BLUE, alpha=0.85, label="a third of its level")
    axes.set(xlabel="neurons of an assembly", ylabel="assemblies")
    _whole(axes)
    panel_title(axes, "sizes")
    axes.legend(loc="best")


def _shared(axes: Axes, overlaps: Overlaps) -> None:
    upper = np.triu_indices(len(overlaps.sizes), 1)
    shared, expected, p = (
        table[upper] for table in (overlaps.shared, overlaps.expected, overlaps.p_more)
    )
    beyond = p * max(1, overlaps.n_pairs) < _LEVEL
    for chosen, colour, label in (
        (~beyond, GREY, "within chance"),
        (beyond, VERMILION, f"beyond chance ({beyond.sum():,})"),
    ):
        axes.scatter(
            expected[chosen], shared[chosen], s=7, c=colour, lw=0, alpha=0.6, label=label,
            rasterized=True,
        )  # fmt: skip
    most = float(expected.max(initial=1.0))
    axes.plot([0, most], [0, most], color=BLACK, lw=0.8, ls="--", label="as expected")
    axes.set(xlabel="neurons shared by chance", ylabel="neurons shared by a pair")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    panel_title(axes, "overlaps")
    axes.legend(loc="upper left")


def draw_embedding(member: NDArray[np.bool_], embedding: Embedding) -> Figure:
    """Assemblies of a neuron beside chance, and at several thresholds.

    Parameters
    ----------
    member : ndarray of bool, (n_neurons, n_hidden)
    embedding : Embedding

    Returns
    -------
    Figure
    """
    figure = blank(2.6)
    left, right = figure.subplots(1, 2)
    _degrees(left, member)
    _thresholds(right, embedding)
    return figure


def _degrees(axes: Axes, member: NDArray[np.bool_]) -> None:
    counts = np.bincount(member.sum(axis=1))
    chance = 100 * expected_degrees(member.sum(axis=0), len(member))
    most = max(len(counts), int(np.flatnonzero(chance > 0.1).max(initial=0)) + 1)
    axes.bar(np.arange(len(counts)), 100 * counts / len(member), color=BLUE, width=0.8)
    shown = chance[:most]
    axes.plot(np.arange(len(shown)), shown, color=VERMILION, marker=".", ms=5, label="by chance")
    axes.set(xlabel="assemblies of a neuron", ylabel="neurons (%)")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    panel_title(axes, "membership")
    axes.legend(loc="upper right")


def _thresholds(axes: Axes, embedding: Embedding) -> None:
    for threshold, shares, (colour, style) in zip(
        embedding.thresholds, embedding.shares, _STYLES, strict=False
    ):
        label = "any weight" if threshold == 0 else f"|w| > {threshold:g}"
        axes.plot(embedding.at_least, 100 * shares, color=colour, ls=style, label=label, marker=".")
    axes.set_xticks(embedding.at_least)
    axes.set(xlabel="in so many units or more", ylabel="neurons (%)", ylim=(0, 104))
    panel_title(axes, "embedding")
    axes.legend(loc="best")


def draw_occupancy(found: Occupancy) -> Figure:
    """Effective number of regions of every assembly, and the share of each region.

    Parameters
    ----------
    found : Occupancy
        Of the assemblies shown; those in no region are left out.

    Returns
    -------
    Figure
    """
    rows = shown_regions(found)
    placed = np.flatnonzero(np.isfinite(found.n_regions))
    order = placed[_by_region(found.shares[placed][:, rows])]
    figure = blank(1.9 + max(1.0, 0.15 * len(rows)))
    upper, lower = figure.subplots(
        2, 1, sharex=True, height_ratios=(1.3, max(1.0, 0.15 * len(rows)))
    )
    places = np.arange(len(order))
    _beside_range(upper, places, found.n_regions[order], found.shuffled_low[order],
                  found.shuffled_high[order])  # fmt: skip
    upper.set(ylabel="regions", ylim=(0, None))
    upper.legend(loc="upper left", ncols=2, bbox_to_anchor=(0, 1.35), borderaxespad=0)
    image = lower.imshow(
        found.shares[order][:, rows].T, aspect="auto", cmap="magma_r", vmin=0,
        interpolation="nearest",
    )  # fmt: skip
    lower.set_yticks(np.arange(len(rows)), [shortened(found.names[k], 24) for k in rows])
    lower.tick_params(axis="y", labelsize=7, length=0)
    lower.set_xlabel("assemblies, by the region that holds most of each")
    lower.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    figure.colorbar(image, ax=lower, label="share", shrink=0.8, aspect=14, pad=0.01)
    return figure


def shown_regions(found: Occupancy) -> NDArray[np.int64]:
    """Regions of the figure, at most 40: those with the largest share in any assembly."""
    largest = found.shares.max(axis=0)
    return np.sort(np.argsort(-largest, kind="stable")[:MOST_REGIONS])


def _by_region(shares: Float) -> NDArray[np.int64]:
    """Order in which assemblies of one main region lie together, the purest first."""
    return np.lexsort((-shares.max(axis=1), shares.argmax(axis=1)))


def draw_extents(found: Extents) -> Figure:
    """Spread of every assembly beside random neurons.

    Parameters
    ----------
    found : Extents
        At least one of them known.

    Returns
    -------
    Figure
    """
    known = np.flatnonzero(np.isfinite(found.spread_um))
    order = known[np.argsort(found.spread_um[known])]
    figure = blank(2.3)
    axes = figure.subplots()
    _beside_range(axes, np.arange(len(order)) + 1, found.spread_um[order],
                  found.chance_low_um[order], found.chance_high_um[order])  # fmt: skip
    axes.set(xlabel="assemblies, the most compact first", ylabel="spread (µm)", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.legend(loc="lower right")
    return figure


def _beside_range(axes: Axes, places: NDArray, values: Float, low: Float, high: Float) -> None:
    """Points, and behind each the range that its control takes in 95 of 100 draws."""
    width = float(np.clip(300 / max(1, len(places)), 1, 6))
    axes.vlines(places, low, high, color=PALE, lw=width, label="by chance (95 %)")
    axes.plot(places, values, ".", color=BLUE, ms=4, label="assemblies")


def _whole(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
