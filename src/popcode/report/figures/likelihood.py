"""The likelihood along the training of a Bernoulli RBM."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from popcode.report.figures.canvas import BLACK, BLUE, GREY, blank, panel_title

History = dict[str, NDArray[np.float64]]


def draw_likelihood(history: History, independent: float | None) -> Figure:
    """Likelihood of both parts with its error, and the activity of the chains.

    Parameters
    ----------
    history : dict of str to ndarray
        The columns of ``history.csv``.
    independent : float or None
        Nats a bin of independent neurons on the withheld bins.

    Returns
    -------
    Figure
    """
    figure = blank(2.6)
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    updates, error = history["update"], history["log_partition_error"]
    for column, label, color in (
        ("log_likelihood_train", "training bins", BLACK),
        ("log_likelihood_validation", "withheld bins", BLUE),
    ):
        values = history[column]
        if np.isfinite(values).any():
            left.plot(updates, values, color=color, label=label)
            left.fill_between(updates, values - error, values + error, color=color, alpha=0.2, lw=0)
    if independent is not None:
        left.axhline(independent, color=GREY, ls="--", label="independent neurons")
    lowest, highest = left.get_ylim()
    left.set_ylim(lowest, highest + 0.3 * (highest - lowest))
    left.legend(loc="upper left", ncols=3)
    panel_title(left, "log-likelihood")
    left.set_ylabel("nats a bin")
    right.plot(updates, 100 * history["chain_activity"], color=BLUE, label="chains")
    right.plot(updates, 100 * history["data_activity"], color=GREY, ls="--", label="data")
    right.set_ylim(bottom=0)
    right.legend(loc="lower right")
    panel_title(right, "activity")
    right.set_ylabel("active neurons (%)")
    for axes in (left, right):
        axes.set_xlabel("update")
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    return figure
