"""What pairs do not tell: third moments, and the shape of the cloud of bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from popcode.metrics.equilibrium.evidence import Squares
from popcode.report.blocks import Block, Picture, Section, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.densities import Panel, draw_densities
from popcode.report.figures.projections import draw_projections
from popcode.report.figures.sets import look_of, rivals_of
from popcode.report.numbers import decimal, percent, whole, with_interval
from popcode.report.sections.equilibrium import absent_section, part_of, why_missing

_TITLE = "Higher order"
_PILED = 0.003  # share of values in the outermost rows that is too much to go unsaid
_INTRODUCTION = (
    "No model here is fitted to third moments directly, so they are a test of all. The line is "
    "equality; a cloud that is flatter than the line is a model whose third moments are too small, "
    "one that is steeper a model that exaggerates them."
)
_WHICH = {
    "random": ("Random triplets", "Most triplets of a large population have hardly any."),
    "strongest": (
        "The strongest triplets",
        "Chosen in the training bins, whose moments are therefore too large and leave a gap "
        "around 0; the test bins had no say, so models are compared fairly.",
    ),
}


def higher_order_section(contents: RunContents) -> Section:
    """Triplets, random and strongest, and projections on principal axes."""
    evidence = contents.equilibrium
    if evidence is None:
        return absent_section(contents, "higher-order", _TITLE, "higher_order")
    blocks: list[Block] = [Text(_INTRODUCTION)]
    found = part_of(contents, "higher_order")
    for which in _WHICH:
        squares = getattr(evidence, f"{which}_triplets")
        if found is None or squares is None or not np.any(squares.counts["model"]):
            blocks.append(Text(why_missing(contents, "higher_order"), "absent"))
        else:
            blocks.append(_triplets(which, squares, found[which]))
    blocks.append(_projections(contents))
    return Section("higher-order", _TITLE, tuple(blocks))


def _triplets(which: str, squares: Squares, found: dict[str, Any]) -> Block:
    title, what = _WHICH[which]
    rival = rivals_of(squares.counts)[0]
    panels = tuple(
        Panel(label, _numbers(found["models"][name]), squares.counts[name])
        for name, label in (
            ("model", "this model"),
            (rival, look_of(rival).short),
            ("train", "training bins"),
        )
    )
    image = drawn(
        f"triplets-{which}",
        f"{title}: third moments of models against those of the test bins",
        lambda: draw_densities(squares.edges, panels, "third moment of neurons", "probability"),
    )
    return Picture(title, image, f"{_caption(found)} {what}{_beyond(squares)}")


def _beyond(squares: Squares) -> str:
    """Models whose values pile up at the border, where those beyond are counted."""
    shares = {
        name: counts[:, [0, -1]].sum() / max(counts.sum(), 1)
        for name, counts in squares.counts.items()
        if name in ("model", *rivals_of(squares.counts))
    }
    told = [
        f"{look_of(name).name} {percent(round(float(share), 3))}"
        for name, share in shares.items()
        if share > _PILED
    ]
    if not told:
        return ""
    return f" The lowest and highest row hold all that lies beyond the figure: {', '.join(told)}."


def _numbers(found: dict[str, Any]) -> str:
    return f"r {decimal(found['pearson'], 2)}, slope {decimal(found['slope'], 2)}"


def _caption(found: dict[str, Any]) -> str:
    told = ", ".join(
        f"{look_of(name).name} {_with(found['models'][name])}"
        for name in ("model", *rivals_of(found["models"]))
    )
    return (
        f"{whole(found['n_triplets'])} triplets. Pearson r with the test bins: {told}. The two "
        f"halves of the test bins agree to {decimal(found['pearson_split_half'])}, which "
        f"lets a model without error reach {decimal(found['pearson_ceiling'])}."
    )


def _with(found: dict[str, Any]) -> str:
    return with_interval(found["pearson"], found["pearson_low"], found["pearson_high"])


def _projections(contents: RunContents) -> Block:
    found = part_of(contents, "projections")
    shown = None if contents.equilibrium is None else contents.equilibrium.projections
    if found is None or shown is None or not len(shown.edges):
        return Text(why_missing(contents, "projections"), "absent")
    image = drawn(
        "projections",
        "Distributions of bins and samples along the principal axes of the training bins",
        lambda: draw_projections(shown),
    )
    return Picture("Along the principal axes", image, _distances(found))


def _distances(found: dict[str, Any]) -> str:
    models = found["models"]
    order = ["model", *rivals_of(models), "train"]
    told = "; ".join(
        f"{look_of(name).name} {', '.join(decimal(each, 3) for each in models[name]['distance'])}"
        for name in order
    )
    return (
        "Where the recording has two humps or a tail, the samples must have them, too; a hump of "
        "the data that samples miss is a state that the chains do not find. Wasserstein distance "
        f"to the test bins in their standard deviations, axes 1 to {found['n_axes']}: {told}. "
        "The training bins' is the ceiling."
    )
