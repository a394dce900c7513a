"""The assemblies, the most important first: a table of all, cards of the first."""

from __future__ import annotations

from functools import partial

import numpy as np

from popcode.analysis import Assembly, NeuronFacts, find_assemblies, neuron_facts
from popcode.analysis.membership import survey_membership
from popcode.recording.text import plural
from popcode.report.blocks import Block, Card, Column, Section, Table, Text
from popcode.report.contents import RunContents
from popcode.report.figures.assembly import draw_assembly
from popcode.report.figures.canvas import drawn
from popcode.report.figures.timeline import Timeline, timeline_of
from popcode.report.numbers import DASH, decimal, percent, shortened, whole
from popcode.report.sections.assemblies_overview import overview

N_CARDS = 12
_HOW = (
    "A hidden unit is read as an assembly. Its members are the neurons whose |weight| reaches a "
    "third of the unit's level (the median of its ten largest) and 0.05. Units are ranked by the "
    "variance that they give the inputs of all neurons, Σ w² Var(E[h|v]). A unit is active in the "
    "bins in which E[h|v] lies above the midpoint of its two levels (two-means). A unit's sign is "
    "chosen so that its activity excites its members; one that rests in its upper level is on most "
    "of the time. Enrichment (×): the region's share of the members over its share of all neurons. "
    "Copies of an assembly in several units are marked."
)
_HOW_CARDS = (
    "The first {n}. Weights: all neurons, sorted; grey: too weak for membership. Activity: E[h|v] "
    "in standard deviations of h, training and test bins alike; dashed: active above; grey marks: "
    "borders of segments (at the top when many, none above 300). Maps: members coloured by weight "
    "(red excited, blue silenced, dark strong), other neurons in grey. Spread: root mean square "
    "distance of the members from their centre. Regions: share of the members; orange mark: share "
    "of all neurons."
)


def assemblies_section(contents: RunContents) -> Section:
    """Rank, table and cards."""
    title = "Assemblies"
    if contents.source is None or contents.hidden is None:
        return Section("assemblies", title, (Text(contents.missing["source"], "absent"),))
    recording = contents.source.recording
    neurons = neuron_facts(recording)
    found = find_assemblies(contents.weights, contents.hidden, neurons)
    alive = [assembly for assembly in found if assembly.size]
    blocks: list[Block] = [Text(_HOW), *_absences(neurons, len(found) - len(alive))]
    if alive:
        weights = contents.weights[:, sorted(assembly.unit for assembly in alive)]
        survey = survey_membership(weights, neurons, seed=contents.record.seed)
        blocks += overview(weights, survey)
        blocks.append(_table(alive, neurons))
        blocks.append(Text(_HOW_CARDS.format(n=min(N_CARDS, len(alive)))))
        time = timeline_of(recording)
        blocks += [
            _card(rank, assembly, contents, neurons, time)
            for rank, assembly in enumerate(alive[:N_CARDS], start=1)
        ]
    return Section("assemblies", title, tuple(blocks))


def _absences(neurons: NeuronFacts, n_empty: int) -> list[Block]:
    said = []
    if n_empty:
        said.append(f"{plural(n_empty, 'hidden unit')} without members, not listed.")
    if neurons.positions_um is None:
        said.append("The recording holds no positions; give neurons x_um, y_um, z_um to see a map.")
    if not neurons.region_names:
        said.append("The recording holds no regions; give neurons a region to see where they lie.")
    return [Text(" ".join(said), "absent")] if said else []


def _table(alive: list[Assembly], neurons: NeuronFacts) -> Table:
    located, placed = bool(neurons.region_names), neurons.positions_um is not None
    columns = [Column("rank"), Column("unit"), Column("neurons"), Column("+ / −")]
    columns += [Column("strongest members (id)", "text"), Column("time active")]
    columns += [Column("main regions (enrichment)", "text")] * located
    columns += [Column("spread (µm)")] * placed
    columns += [Column("same as unit", "text")] * any(each.duplicates for each in alive)
    rows = []
    for rank, each in enumerate(alive, start=1):
        row = [
            str(rank),
            str(each.unit),
            whole(each.size),
            f"{each.n_positive:,} / {each.n_negative:,}",
        ]
        row += [_strongest(each, neurons), percent(each.active_share)]
        row += [_main_regions(each)] * located
        row += [DASH if each.spread_um is None else whole(each.spread_um)] * placed
        row += [", ".join(map(str, each.duplicates))] * (len(columns) - len(row))
        rows.append(tuple(row))
    return Table(tuple(columns), tuple(rows))


def _strongest(assembly: Assembly, neurons: NeuronFacts) -> str:
    return ", ".join(shortened(neurons.ids[k], 24) for k in assembly.members[:3])


def _main_regions(assembly: Assembly) -> str:
    told = [
        f"{shortened(each.name)} {percent(each.share)} (×{decimal(each.enrichment, 1)})"
        for each in assembly.regions[:2]
    ]
    return ", ".join(told) or DASH


def _card(
    rank: int, assembly: Assembly, contents: RunContents, neurons: NeuronFacts, time: Timeline
) -> Card:
    weights = np.asarray(contents.weights[:, assembly.unit], np.float64)
    # The sign in which the assembly is read.
    if assembly.size and weights[assembly.members[0]] != assembly.weights[0]:
        weights = -weights
    image = drawn(
        f"assembly-{assembly.unit}",
        f"Weights, activity and places of the assembly of unit {assembly.unit}",
        partial(draw_assembly, assembly, weights, neurons, time),
    )
    return Card(f"{rank}. Unit {assembly.unit}", _facts(assembly, neurons), image, _notes(assembly))


def _facts(assembly: Assembly, neurons: NeuronFacts) -> tuple[str, ...]:
    facts = [
        f"{plural(assembly.size, 'neuron')} ({percent(assembly.share)} of all), "
        f"{assembly.n_positive:,} excited, {assembly.n_negative:,} silenced",
        f"active {percent(assembly.active_share)} of the time",
        f"|weight| of members ≥ {decimal(assembly.threshold)}",
        f"strongest: {_strongest(assembly, neurons)}",
    ]
    if assembly.regions:
        facts.append(f"mainly {_main_regions(assembly)}")
    if assembly.spread_um is not None:
        facts.append(f"spread {whole(assembly.spread_um)} µm")
    return tuple(facts)


def _notes(assembly: Assembly) -> tuple[str, ...]:
    if not assembly.duplicates:
        return ()
    others = ", ".join(map(str, assembly.duplicates))
    plural_s = "s" if len(assembly.duplicates) > 1 else ""
    return (
        f"Weights correlate by more than 0.8 in size with those of unit{plural_s} {others}: "
        "probably one assembly, split.",
    )
