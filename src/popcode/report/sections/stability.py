"""A page on several fits to one recording: which assemblies return, and what settings change."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

import popcode
from popcode.analysis import NeuronFacts
from popcode.analysis.membership import (
    Consensus,
    Effect,
    FitFacts,
    FitStability,
    GridEffects,
    MembershipSurvey,
    TwoWay,
)
from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.stability import draw_returns, draw_settings
from popcode.report.numbers import DASH, decimal, percent, shortened, significant, whole
from popcode.report.pages import render_sections
from popcode.report.sections.assemblies_overview import overview


class FitsCompared(NamedTuple):
    """Several fits to one recording.

    Attributes
    ----------
    runs : tuple of str
    seeds : tuple of int
        Of the fits.
    same : float
        |Correlation| of weights from which two units are one assembly.
    least_share : float
        Of the runs, those in which an assembly must return.
    facts : tuple of FitFacts
    stability, stability_shuffled : tuple of FitStability
        Of the fits, and of the same fits to shuffled neurons.
    consensus : Consensus
    n_shuffled : int
        Assemblies of the consensus set of fits to shuffled neurons.
    members : MembershipSurvey or None
        Of the consensus set; None where it is empty.
    neurons : NeuronFacts
    effects : GridEffects
    """

    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    same: float
    least_share: float
    facts: tuple[FitFacts, ...]
    stability: tuple[FitStability, ...]
    stability_shuffled: tuple[FitStability, ...]
    consensus: Consensus
    n_shuffled: int
    members: MembershipSurvey | None
    neurons: NeuronFacts
    effects: GridEffects


def render_fits_compared(found: FitsCompared, title: str, date: str) -> str:
    """Draw the page of several fits.

    Parameters
    ----------
    found : FitsCompared
    title, date : str

    Returns
    -------
    str
        One HTML document without references to anything outside of it.
    """
    sections = (_runs(found), _consensus(found), _settings(found))
    return render_sections(title, "assemblies across fits", popcode.__version__, date, sections)


def _runs(found: FitsCompared) -> Section:
    unit = found.facts[0].unit
    names = ("hidden units", "l1", "seed", "living", "copies", "mean size", f"period ({unit})",
             "returns", "shuffled")  # fmt: skip
    columns = (Column("run", "text"), *(Column(name) for name in names))
    rows = tuple(
        (
            shortened(run, 40), whole(facts.n_hidden), significant(facts.l1), str(seed),
            whole(stable.n_living), whole(facts.n_copies), percent(facts.mean_size),
            significant(facts.mean_period), percent(stable.mean_return),
            percent(control.mean_return),
        )
        for run, facts, seed, stable, control in zip(
            found.runs, found.facts, found.seeds, found.stability, found.stability_shuffled,
            strict=True,
        )
    )  # fmt: skip
    how = (
        "Living: units with a weight of 0.05. Copies: living units whose weights correlate by more "
        "than .8 with another's. Size: share of the neurons in an assembly, mean over living "
        "units. Period: median time between onsets of a unit, mean over units. Returns: share of "
        f"the other runs in which a living unit has a match of |r| ≥ {found.same:g} (one-to-one), "
        "mean over units; shuffled: the same where the neurons of every run are shuffled."
    )
    return Section("runs", "Runs", (Table(columns, rows), Text(how)))


def _consensus(found: FitsCompared) -> Section:
    consensus = found.consensus
    told = (
        f"{consensus.n_assemblies} assemblies return in {percent(found.least_share)} or more of "
        f"{consensus.n_fits} runs, and in two at least; with shuffled neurons {found.n_shuffled} "
        "do. Units of all runs are grouped by |r| of their weights (average linkage at "
        f"{found.same:g}), so that none is in the set twice."
    )
    blocks: list[Block] = [Text(told)]
    if any(each.correlations.any() for each in found.stability):
        image = drawn(
            "returns",
            "Correlations of matched units beside shuffled fits, and agreement of the set",
            partial(draw_returns, found.stability, found.stability_shuffled, consensus),
        )
        caption = (
            "Left: |correlation| of the weights of units matched one-to-one between two runs. "
            "Right: mean correlation between the units of an assembly in different runs, and the "
            "share of runs in which it returned."
        )
        blocks.append(Picture("What returns", image, caption))
    if consensus.n_assemblies and found.members is not None:
        blocks += overview(consensus.weights, found.members)
        blocks.append(_set_table(consensus, found.members))
    return Section("consensus", "Consensus set", tuple(blocks))


def _set_table(consensus: Consensus, members: MembershipSurvey) -> Table:
    occupancy, extents = members.occupancy, members.extents
    columns = [Column(name) for name in ("assembly", "neurons", "runs", "agreement", "copies")]
    columns += [Column("main region", "text"), Column("regions")] * (occupancy is not None)
    columns += [Column("spread (µm)")] * (extents is not None)
    rows = []
    for k in range(consensus.n_assemblies):
        row = [
            str(k + 1), whole(members.overlaps.sizes[k]),
            f"{consensus.returned[k]} of {consensus.n_fits}", decimal(consensus.agreement[k]),
            whole(consensus.copies[k]),
        ]  # fmt: skip
        if occupancy is not None:
            share = occupancy.shares[k]
            name = shortened(occupancy.names[int(share.argmax())]) if share.any() else DASH
            row += [name, decimal(occupancy.n_regions[k], 1)]
        if extents is not None:
            row.append(whole(extents.spread_um[k]))
        rows.append(tuple(row))
    return Table(tuple(columns), tuple(rows), "The assemblies that return most often first.")


def _settings(found: FitsCompared) -> Section:
    title, known = "Hidden units and penalty", _known(found.effects)
    cells = {(fit.n_hidden, fit.l1) for fit in found.facts}
    blocks: list[Block] = []
    if len(cells) > 1:
        image = drawn(
            "settings",
            "Size, period and number of assemblies against penalty and hidden units",
            partial(draw_settings, found.facts),
        )
        caption = "A point is a run, a line joins the means of runs with as many hidden units."
        blocks.append(Picture("What the settings change", image, caption))
    if known:
        blocks.append(_variance(known))
    else:
        text = (
            "No analysis of variance: it takes at least two numbers of hidden units and two "
            "penalties."
        )
        blocks.append(Text(text, "absent"))
    return Section("settings", title, tuple(blocks))


def _known(effects: GridEffects) -> list[tuple[str, TwoWay]]:
    names = (
        ("size", effects.mean_size),
        ("period", effects.mean_period),
        ("assemblies", effects.n_effective),
    )
    return [(name, two) for name, two in names if two is not None]


def _variance(known: list[tuple[str, TwoWay]]) -> Table:
    columns = (Column("of", "text"), Column("effect", "text"), Column("share of variance"),
               Column("F"), Column("degrees"), Column("p"))  # fmt: skip
    rows = tuple(
        _effect_row(name, label, effect)
        for name, two in known
        for label, effect in zip(("hidden units", "l1", "both together", "rest"), two, strict=True)
    )
    caption = (
        "Two-way analysis of variance over runs (type II). Without a second run in any cell the "
        "interaction cannot be told from noise and has no test. Where cells hold different numbers "
        "of runs the shares need not sum to 1."
    )
    return Table(columns, rows, caption)


def _effect_row(name: str, label: str, found: Effect) -> tuple[str, ...]:
    f = "∞" if np.isinf(found.f) else significant(found.f)
    return name, label, percent(found.share), f, str(found.degrees), significant(found.p, 2)
