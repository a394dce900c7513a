"""What training recorded, against its updates."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from popcode.report.figures.canvas import BLACK, BLUE, GREY, blank, panel_title
from popcode.report.figures.scales import power_of_ten, powers, times

History = dict[str, NDArray[np.float64]]


def draw_convergence(history: History, n_hidden: int) -> Figure:
    """Six small panels over the same axis of updates.

    Parameters
    ----------
    history : dict of str to ndarray
        The columns of ``history.csv``.
    n_hidden : int

    Returns
    -------
    Figure
    """
    figure = blank(4.0)
    axes = figure.subplots(2, 3, sharex=True)
    _learning_rate(axes[0, 0], history)
    _penalty(axes[0, 1], history)
    _nllh(axes[0, 2], history)
    _activity(axes[1, 0], history)
    _weights(axes[1, 1], history)
    _alive(axes[1, 2], history, n_hidden)
    for each in axes[1]:
        each.set_xlabel("update")
        each.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        each.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    return figure


def _learning_rate(axes: Axes, history: History) -> None:
    axes.plot(history["update"], history["learning_rate"], color=BLACK)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(powers())
    axes.yaxis.set_minor_formatter(NullFormatter())
    panel_title(axes, "learning rate")
    axes.set_ylabel("step of RMSprop")


def _penalty(axes: Axes, history: History) -> None:
    exponent = power_of_ten(float(np.nanmax(history["l1"], initial=0.0)))
    axes.plot(history["update"], history["l1"] / 10.0**exponent, color=BLACK)
    axes.set_ylim(bottom=0)
    panel_title(axes, "l1 penalty")
    axes.set_ylabel(f"nats a bin{times(exponent)}")


def _nllh(axes: Axes, history: History) -> None:
    axes.plot(history["update"], history["nllh_median"], color=BLUE)
    panel_title(axes, "nLLH, training bins")
    axes.set_ylabel("median over neurons")


def _activity(axes: Axes, history: History) -> None:
    axes.plot(history["update"], 100 * history["chain_activity"], color=BLUE, label="chains")
    axes.plot(history["update"], 100 * history["data_activity"], color=GREY, ls="--", label="data")
    lowest, highest = axes.get_ylim()
    axes.set_ylim(min(0, lowest), highest * 1.3)
    panel_title(axes, "activity")
    axes.set_ylabel("active neurons (%)")
    axes.legend(loc="upper right", ncols=2, handlelength=1.4, columnspacing=1)


def _weights(axes: Axes, history: History) -> None:
    axes.plot(history["update"], 100 * history["weight_nonzero"], color=BLUE)
    axes.set_ylim(-4, 104)
    panel_title(axes, "weights not zero")
    axes.set_ylabel("share (%)")


def _alive(axes: Axes, history: History, n_hidden: int) -> None:
    axes.plot(history["update"], history["hidden_alive"], color=BLUE)
    axes.axhline(n_hidden, color=GREY, ls="--", lw=1)
    axes.set_ylim(-0.04 * n_hidden, 1.12 * n_hidden)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    panel_title(axes, "hidden units alive")
    axes.set_ylabel(f"units (of {n_hidden:,})")
