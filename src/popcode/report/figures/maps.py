"""Where the members of an assembly lie, seen along each axis."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from popcode.analysis import Assembly, NeuronFacts
from popcode.report.figures.canvas import BLACK, GREY, PALE

Pair = tuple[int, int]
_NARROWEST = 0.35


def projections(neurons: NeuronFacts) -> list[tuple[Pair, float]]:
    """Pairs of known axes (across, upright), and how wide each map is for its row's height.

    The longer axis stands upright, so that maps stand side by side in one scale.

    Parameters
    ----------
    neurons : NeuronFacts

    Returns
    -------
    list of (pair, share)
    """
    if neurons.positions_um is None:
        return []
    extents = np.nanmax(neurons.positions_um, 0) - np.nanmin(neurons.positions_um, 0)
    pairs = [
        (a, b) if extents[b] >= extents[a] else (b, a)
        for a, b in combinations(range(len(extents)), 2)
    ]
    tallest = max(extents[upright] for _, upright in pairs)
    return [(pair, max(float(extents[pair[0]] / tallest), _NARROWEST)) for pair in pairs]


def draw_map(axes: Axes, assembly: Assembly, neurons: NeuronFacts, pair: Pair) -> None:
    """Members in the colour of their weight over all other neurons, with a bar for scale.

    Parameters
    ----------
    axes : Axes
    assembly : Assembly
    neurons : NeuronFacts
        With positions.
    pair : (int, int)
        Axes across and upright.
    """
    positions = neurons.positions_um
    if positions is None:
        return
    x, y = positions[:, pair[0]], positions[:, pair[1]]
    axes.scatter(x, y, s=_dot(len(x)), color=PALE, lw=0, rasterized=True)
    # The strongest on top.
    members, weights = assembly.members[::-1], assembly.weights[::-1]
    most = float(np.abs(weights).max(initial=0)) or 1.0
    area = float(np.clip(1500 / max(1, len(members)), 1, 22))
    axes.scatter(
        x[members], y[members], c=weights, cmap="RdBu_r", vmin=-most, vmax=most,
        s=area, lw=0.25, edgecolors=GREY, rasterized=True, clip_on=False,
    )  # fmt: skip
    axes.set_aspect("equal", adjustable="box")
    axes.set(xlabel=neurons.axes[pair[0]], ylabel=neurons.axes[pair[1]], xticks=[], yticks=[])
    axes.spines[["left", "bottom"]].set_visible(False)
    _scale_bar(axes, positions)


def round_length(length: float) -> float:
    """The largest of 1, 2, 5, 10, ... that is not longer."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step for step in (1, 2, 5) if step * power <= length * (1 + 1e-9)) * power)


def _scale_bar(axes: Axes, positions: NDArray[np.float64]) -> None:
    """A bar along the upright side, of one length in all maps of the recording."""
    extents = np.nanmax(positions, 0) - np.nanmin(positions, 0)
    length = round_length(float(extents.max()) / 3)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    place = right + 0.12 * (right - left)
    if length > high - low:
        length = round_length(high - low)
    axes.plot([place, place], [low, low + length], color=BLACK, lw=1.8, clip_on=False)
    axes.annotate(
        f"{length:,.4g} µm", (place, low + length / 2), xytext=(3, 0), textcoords="offset points",
        rotation=90, va="center", ha="left", fontsize=8, annotation_clip=False,
    )  # fmt: skip
    axes.set(xlim=(left, right), ylim=(low, high))


def _dot(n_neurons: int) -> float:
    """Area of a neuron on the map, so that many do not hide each other."""
    return float(np.clip(4000 / max(1, n_neurons), 0.3, 6))
