"""The part of a sweep's page on assemblies: their number, size and pace against the two choices."""

from __future__ import annotations

import numpy as np

from popcode.analysis.membership import FitFacts, grid_effects
from popcode.analysis.membership.variance import Effect, TwoWay
from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.selection import Judged, Panel, draw_selection
from popcode.report.numbers import DASH, percent, significant, whole
from popcode.sweep.choice import Point

_HOW = (
    "Assemblies: hidden units less those without a weight of 0.05 and less copies; where more "
    "units add no more of them the recording holds no more. Copies: units beyond the first of a "
    "group whose weights correlate by more than 0.8. Size: share of all neurons in an assembly "
    "(|weight| of a third of its own level), mean over units. Period: from one onset of a unit's "
    "activity to the next, median of a unit, mean over units. Means over seeds with their standard "
    "errors."
)
_ANOVA = (
    "Two-way analysis of variance (type II) of the fits by hidden units and l1. Share: of the sum "
    "of squares. The yardstick is the scatter over seeds, so p speaks of fits of this recording, "
    "not of other recordings; with one seed the interaction is the yardstick."
)
_NAMES = {"n_effective": "assemblies", "mean_size": "size", "mean_period": "period"}


def assemblies_section(points: list[Point], taken: tuple[int, float]) -> Section:
    """Draw the section.

    Parameters
    ----------
    points : list of Point
    taken : (int, float)
        Hidden units and penalty of the model recommended.
    """
    facts = [fit for point in points for fit in point.facts]
    if not facts:
        absent = Text("The assemblies of these fits were not counted.", "absent")
        return Section("assemblies", "Assemblies", (absent,))
    panels = (
        _panel(points, "n_effective", "Different assemblies", "number"),
        _panel(points, "n_copies", "Copies", "units"),
        _panel(points, "mean_size", "Size", "share of neurons"),
        _panel(points, "mean_period", "Period", facts[0].unit),
    )
    image = drawn("assemblies", "Assemblies of the fits", lambda: draw_selection(panels, taken))
    blocks: list[Block] = [Picture("What the fits hold", image, _HOW)]
    if rows := _effects(facts):
        columns = ("of", "by", "degrees of freedom", "F", "p", "share")
        kinds = ("text", "text", *["number"] * 4)
        table = tuple(Column(*each) for each in zip(columns, kinds, strict=True))
        blocks.append(Table(table, rows, _ANOVA))
    return Section("assemblies", "Assemblies", tuple(blocks))


def _panel(points: list[Point], name: str, title: str, label: str) -> Panel:
    judged = tuple(
        Judged(
            point.n_hidden,
            point.l1,
            np.array([getattr(fit, name) for fit in point.facts], np.float64),
        )
        for point in points
    )
    return Panel(title, label, judged)


def _effects(facts: list[FitFacts]) -> tuple[tuple[str, ...], ...]:
    effects = grid_effects(facts)
    return tuple(
        row
        for name, label in _NAMES.items()
        if (found := getattr(effects, name)) is not None
        for row in _rows(label, found)
    )


def _rows(label: str, found: TwoWay) -> list[tuple[str, ...]]:
    by = {"hidden units": found.first, "l1": found.second, "both together": found.interaction}
    left = found.residual.degrees or found.interaction.degrees
    return [(label, name, *_cells(effect, left)) for name, effect in by.items()]


def _cells(effect: Effect, left: int) -> tuple[str, str, str, str]:
    """Degrees of freedom, F, p and share of an effect; dashes where nothing judges it."""
    share = percent(effect.share)
    if np.isnan(effect.f):
        return whole(effect.degrees), DASH, DASH, share
    ratio = "∞" if np.isinf(effect.f) else significant(effect.f)
    p = "< 0.0001" if effect.p < 1e-4 else significant(effect.p, 2)
    return f"{whole(effect.degrees)}, {whole(left)}", ratio, p, share
