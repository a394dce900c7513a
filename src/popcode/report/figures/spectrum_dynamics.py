"""Timescales of components, and eigenvalues of the dynamics beside their controls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from popcode.report.figures.canvas import BLACK, BLUE, GREY, PALE, VERMILION, blank, panel_title
from popcode.report.figures.scales import label_log_axis

Part = Mapping[str, Any]
_PLANES = {"recording": "recording", "shifted": "neurons shifted", "shuffled": "bins shuffled"}
_PERCENTILES = (5, 25, 50, 75, 95)


def draw_timescales(part: Part) -> Figure:
    """Correlograms, their early value and the timescale against rank.

    Parameters
    ----------
    part : mapping
        As the run keeps it.
    """
    figure = blank(2.7)
    grams, early, lasting = figure.subplots(1, 3)
    _correlograms(grams, part)
    ranks = np.arange(1, len(part["early"]) + 1)
    kept = np.array(part["correlated"], bool)
    value, low, high = (_floats(part[name]) for name in ("early", "early_low", "early_high"))
    kept &= value > 0
    early.vlines(ranks[kept], np.maximum(low[kept], 1e-3), high[kept], color=PALE, lw=0.7)
    early.plot(ranks[kept], value[kept], ".", ms=3, color=BLUE)
    early.set(xscale="log", yscale="log", xlabel="rank", ylabel="early correlation")
    if kept.any():
        early.set_ylim(0.5 * value[kept].min(), 1.5)
    for axis in (early.xaxis, early.yaxis):
        label_log_axis(axis)
    panel_title(early, "at the early lags")
    _lasting(lasting, part, ranks)
    return figure


def _floats(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if each is None else each for each in values], float)


def _correlograms(axes: Axes, part: Part) -> None:
    unit = part["bin_s"] or 1.0
    shades = np.linspace(1.0, 0.25, max(len(part["shown"]), 2))
    axes.axhline(0, color=BLACK, lw=0.6)
    for rank, shade, curve in zip(part["shown"], shades, part["correlograms"], strict=False):
        values = _floats(curve)
        lags = np.arange(values.size) * unit
        axes.plot(lags, values, color=BLUE, alpha=shade, lw=1, label=f"{rank}")
    axes.set(ylim=(-0.5, 1.05))
    axes.set_xlabel(f"lag ({part['unit']})")
    axes.set_ylabel("correlation")
    if part["shown"]:
        axes.legend(title="rank", ncols=2, loc="upper right", handlelength=0.8, columnspacing=0.8)
    panel_title(axes, "correlograms")


def _lasting(axes: Axes, part: Part, ranks: np.ndarray) -> None:
    value, low, high = (_floats(part[name]) for name in ("timescale", "low", "high"))
    told = np.isfinite(value)
    top = np.where(np.isfinite(high), high, part["limit"])
    axes.vlines(ranks[told], low[told], top[told], color=PALE, lw=0.7)
    axes.plot(ranks[told], value[told], ".", ms=3, color=VERMILION)
    beyond = np.array(part["beyond"], bool)
    axes.plot(ranks[beyond], np.full(beyond.sum(), part["limit"]), "^", ms=4, mfc="none",
              color=GREY)  # fmt: skip
    axes.axhline(part["limit"], color=GREY, lw=0.7, ls=(0, (1, 2)))
    axes.set(xscale="log", yscale="log", xlabel="rank")
    axes.set_ylabel(f"timescale ({part['unit']})")
    for axis in (axes.xaxis, axes.yaxis):
        label_log_axis(axis)
    panel_title(axes, "decays")


def draw_dmd(part: Part) -> Figure:
    """Eigenvalues in the complex plane: of the recording, and of two controls."""
    figure = blank(2.7)
    planes = {"recording": part["eigenvalues"], **part["controls"]}
    panels = figure.subplots(1, 3, sharex=True, sharey=True)
    for axes, (name, title) in zip(panels, _PLANES.items(), strict=True):
        values = np.array(planes[name], float).reshape(-1, 2)
        axes.add_patch(Circle((0, 0), 1, fill=False, color=GREY, lw=0.7))
        axes.axhline(0, color=PALE, lw=0.6)
        axes.axvline(0, color=PALE, lw=0.6)
        axes.plot(values[:, 0], values[:, 1], ".", ms=3, color=BLUE)
        axes.set(xlim=(-1.08, 1.08), ylim=(-1.08, 1.08), aspect="equal", xlabel="real part")
        panel_title(axes, title)
    panels[0].set_ylabel("imaginary part")
    return figure


def draw_rotations(part: Part) -> Figure:
    """Turns a ten-fold attenuation, and the antisymmetric share, each beside its control."""
    figure = blank(2.5)
    turns, direction = figure.subplots(1, 2, width_ratios=(1.6, 1))
    x = np.arange(len(_PERCENTILES))
    value, low, high = (_floats(part[name]["turns"]) for name in ("value", "low", "high"))
    control = [_floats(part[f"reversed_{end}"]["turns"]) for end in ("low", "high")]
    turns.bar(x, control[1] - control[0], 0.6, control[0], color=PALE, label="time undirected")
    errors = np.nan_to_num([value - low, high - value])
    turns.errorbar(x, value, yerr=errors, fmt="o", ms=4, color=BLUE, label="recording")
    turns.set_xticks(x, [f"{each} %" for each in _PERCENTILES])
    turns.set(xlabel="percentile of eigenvalues", ylabel="turns a ten-fold")
    turns.legend(loc="upper left")
    panel_title(turns, "rotations")
    _direction(direction, part["asymmetry"])
    return figure


def _direction(axes: Axes, found: Part) -> None:
    low, high = found["reversed_low"], found["reversed_high"]
    axes.bar([0], [high - low], 0.5, [low], color=PALE)
    ends = np.maximum([[found["value"] - found["low"]], [found["high"] - found["value"]]], 0)
    axes.errorbar(0, found["value"], yerr=ends, fmt="o", ms=4, color=BLUE)
    axes.axhline(0, color=BLACK, lw=0.6)
    axes.set(xlim=(-1, 1), xticks=[], ylabel="antisymmetric share")
    panel_title(axes, "direction of time")
