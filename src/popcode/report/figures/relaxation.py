"""Relaxation of the recording beside that of the model's chains, whose time is scaled."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from popcode.metrics.equilibrium.evidence import RelaxationCurves
from popcode.report.figures.canvas import BLACK, BLUE, GREY, PALE, blank, panel_title

_COLUMNS = 4


def draw_relaxation(found: RelaxationCurves, bin_s: float | None) -> Figure:
    """All neurons at a large scale.

    Parameters
    ----------
    found : RelaxationCurves
    bin_s : float or None
        None where unknown: lags are in bins.

    Returns
    -------
    Figure
    """
    figure = blank(3.0)
    axes = figure.subplots()
    _panel(axes, found, 0, bin_s)
    lags = np.arange(len(found.shuffled)) * (bin_s or 1.0)
    axes.plot(lags[1:], found.shuffled[1:], color=GREY, lw=0.9, label="bins in random order")
    axes.set_ylabel("autocorrelation of active neurons")
    axes.set_xlabel(_lag_label(bin_s))
    axes.legend(loc="upper right")
    return figure


def draw_regions(found: RelaxationCurves, bin_s: float | None) -> Figure:
    """A panel for each region.

    Parameters
    ----------
    found : RelaxationCurves
        Of at least one region.
    bin_s : float or None

    Returns
    -------
    Figure
    """
    n_regions = len(found.names) - 1
    rows = math.ceil(n_regions / _COLUMNS)
    figure = blank(0.5 + 1.6 * rows)
    panels = figure.subplots(rows, _COLUMNS, sharey=True, sharex=True, squeeze=False).ravel()
    for k, axes in enumerate(panels):
        if k >= n_regions:
            axes.set_visible(False)
            continue
        _panel(axes, found, k + 1, bin_s)
        panel_title(axes, str(found.names[k + 1]))
        axes.xaxis.set_tick_params(labelbottom=k + _COLUMNS >= n_regions)
    figure.supxlabel(_lag_label(bin_s), fontsize=8.5)
    figure.supylabel("autocorrelation", fontsize=8.5)
    return figure


def _panel(axes: Axes, found: RelaxationCurves, group: int, bin_s: float | None) -> None:
    width = bin_s or 1.0
    value, error = found.recording[group], found.recording_error[group]
    lags = np.arange(len(value)) * width
    low, high = found.null_low[group], found.null_high[group]
    axes.fill_between(lags[1:], low[1:], high[1:], color=PALE, alpha=0.6, lw=0)
    axes.fill_between(lags, value - error, value + error, color=BLACK, alpha=0.2, lw=0)
    axes.plot(lags, value, color=BLACK, label="recording")
    factor = found.factor[group]
    if np.isfinite(factor):
        times = np.arange(found.model.shape[1]) / factor * width
        shown = times <= lags[-1]
        model, spread = found.model[group][shown], found.model_error[group][shown]
        axes.fill_between(times[shown], model - spread, model + spread, color=BLUE, alpha=0.2, lw=0)
        label = f"model, {factor:.2g} sweeps a bin"
        axes.plot(times[shown], model, color=BLUE, ls="--", label=label)
    if 0 < found.window[group] < len(value) - 1:
        axes.axvline(found.window[group] * width, color=GREY, lw=0.7, ls=":")
    axes.set_ylim(min(-0.05, float(np.nanmin(value)) - 0.02), 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _lag_label(bin_s: float | None) -> str:
    return "lag (bins)" if bin_s is None else "lag (s)"
