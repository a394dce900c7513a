"""Accuracy of a decoder against the time since the stimulus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from popcode.report.figures.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    VERMILION,
    blank,
    panel_title,
)

Part = Mapping[str, Any]
TITLES = {"symmetric": "symmetric", "nonsymmetric": "non-symmetric", "echo": "echo-state"}
_COLOURS = {"symmetric": BLUE, "nonsymmetric": VERMILION, "echo": GREEN}
_PANELS = {"known": "delay known", "unknown": "delay unknown"}
_TICKS_S = (0.12, 0.25, 0.5, 1, 2, 4, 8)


class Look(NamedTuple):
    """How the curve of a network is drawn."""

    label: str
    colour: str
    style: str


def looks_of(networks: Mapping[str, Part]) -> dict[str, Look]:
    """A look for every network; of two of a kind the smaller one is dashed."""
    largest = {
        each["kind"]: max(one["n_neurons"] for one in networks.values() if _alike(one, each))
        for each in networks.values()
    }
    return {
        name: Look(
            f"{TITLES[each['kind']]}, {each['n_neurons']:,}",
            _COLOURS[each["kind"]],
            "-" if each["n_neurons"] == largest[each["kind"]] else "--",
        )
        for name, each in networks.items()
    }


def draw_memory(task: Part) -> Figure:
    """Curves of all networks in a task, with the delay known and unknown to the decoder.

    Parameters
    ----------
    task : mapping
        A task of ``memory`` in ``metrics.json``.

    Returns
    -------
    Figure
    """
    figure = blank(3.3)
    panels = figure.subplots(1, 2, sharey=True)
    delays, looks = np.asarray(task["delays_s"]), looks_of(task["networks"])
    for axes, (time, title) in zip(panels, _PANELS.items(), strict=True):
        axes.axhline(task["chance"], color=BLACK, lw=0.8, ls=(0, (1, 1)), label="chance")
        for name, network in task["networks"].items():
            _curve(axes, delays, network[time], looks[name])
        _shuffled(axes, delays, [each[time]["shuffled"] for each in task["networks"].values()])
        _delay_axis(axes, delays)
        axes.set_xlabel("delay (s)" if time == "known" else "longest delay (s)")
        panel_title(axes, title)
    bottom = 0.4 if task["chance"] == 0.5 else 0.0
    panels[0].set(ylabel="accuracy", ylim=(bottom, 1.03))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _alike(one: Part, other: Part) -> bool:
    return bool(one["kind"] == other["kind"])


def _curve(axes: Axes, delays: np.ndarray, curve: Part, look: Look) -> None:
    colour, style = look.colour, look.style
    axes.plot(delays, curve["accuracy"], color=colour, ls=style, label=look.label)
    if curve["low"][0] is not None:
        axes.fill_between(delays, curve["low"], curve["high"], color=colour, alpha=0.18, lw=0)
    if curve["noiseless"] is not None:
        axes.plot(delays, curve["noiseless"], color=colour, ls=style, lw=0.6, alpha=0.7)


def _shuffled(axes: Axes, delays: np.ndarray, curves: Sequence[Sequence[float]]) -> None:
    for k, each in enumerate(curves):
        label = "stimuli shuffled" if k == 0 else None
        axes.plot(delays, each, color=GREY, lw=0.6, label=label)


def _delay_axis(axes: Axes, delays: np.ndarray) -> None:
    axes.set_xscale("log")
    axes.set_xlim(delays[0] * 0.93, delays[-1] * 1.07)
    ticks = [each for each in _TICKS_S if delays[0] * 0.95 <= each <= delays[-1] * 1.05]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
