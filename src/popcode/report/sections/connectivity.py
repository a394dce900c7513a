"""Connectivity between regions: methods side by side, across animals and against structure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from popcode.analysis.connectivity import ConnectivitySurvey, Measured
from popcode.report.blocks import Block, Bullets, Column, Facts, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.connectivity import (
    Rated,
    draw_animals,
    draw_matrices,
    draw_methods,
)
from popcode.report.numbers import decimal, significant, whole, with_interval
from popcode.report.sections.connectivity_structure import law_section, structure_section

_WHAT = (
    "Strength of two regions: mean absolute effective coupling of their pairs of neurons, "
    "J_ij = sum over hidden units of w_i w_j Var(h), the variance averaged over the recording "
    "(van der Plas et al., eLife 12:e83139, 2023, equation 17; L2: its root mean square). Models "
    "of one animal are averaged first, then animals by bins × (neurons of both regions)² "
    "(equation 22)."
)
_HOW_METHODS = (
    "Dots with 95 % over regions drawn anew, for all methods alike; a red tick is what 95 % of "
    "shuffles of the regions' names stay below. Correlation, shifted: every neuron moved in time "
    "by itself, which takes all couplings out; what is left comes of rates and autocorrelations, "
    "and agreement between animals up to there says nothing of couplings."
)
_HOW_MATRICES = (
    "Log10 of the average over animals in colour, each matrix on a scale of its own; grey is "
    "unknown or 0. The diagonal is a region with itself."
)
_HOW_ANIMALS = (
    "Every dot is a pair of regions (red: a region with itself); r is the Pearson correlation of "
    "log10 strengths. The article finds 0.69 between eight zebrafish."
)
_LIMITS = (
    "Effective couplings are symmetric and of one bin: neither direction nor delay.",
    "Two regions driven alike by a third, or by what the animal sees or does, are coupled too: "
    "a coupling is not a synapse.",
    "Intervals are over regions, not over animals: with few animals, what another animal would "
    "show is less certain than they say.",
    "A region of few neurons has uncertain strengths; its row is not weighed down in correlations.",
)
_UNCERTAIN = 0.05


class AnimalFacts(NamedTuple):
    """What stands behind the matrix of one animal.

    Attributes
    ----------
    name : str
    n_neurons, n_bins, n_regions : int
    n_used : int
        Models that count.
    agreement : float
        Pearson of log10 strengths between its models; nan for a single one.
    second_order : (float, float)
        Pearson correlation and slope of exact couplings against those of second order; nan where
        too few pairs of neurons share a hidden unit.
    failures : tuple of str
        Runs set aside, each with its reason.
    """

    name: str
    n_neurons: int
    n_bins: int
    n_regions: int
    n_used: int
    agreement: float
    second_order: tuple[float, float]
    failures: tuple[str, ...]


def connectivity_sections(
    survey: ConnectivitySurvey, animals: Sequence[AnimalFacts]
) -> tuple[Section, ...]:
    """Sections of the page, those without content left out.

    Parameters
    ----------
    survey : ConnectivitySurvey
    animals : sequence of AnimalFacts

    Returns
    -------
    tuple of Section
    """
    own = next(iter(survey.methods.values()))
    sections = [_summary(survey, animals), _matrices(survey)]
    if own.between is not None:
        sections.append(_animals(survey, own, animals))
    if survey.structure is not None:
        sections.append(structure_section(survey, own))
    return (*sections, law_section(survey, own), _models(survey, animals))


def _summary(survey: ConnectivitySurvey, animals: Sequence[AnimalFacts]) -> Section:
    first, own = next(iter(survey.methods.items()))
    facts = [("animals", whole(len(animals))), ("regions", whole(len(survey.names)))]
    if own.between is not None:
        each = own.between
        facts.append((f"{first}, between animals", with_interval(each.mean, *each.interval)))
    if own.structural is not None:
        found = own.structural
        facts.append((f"{first} with structure", with_interval(found.spearman, *found.interval)))
    blocks: list[Block] = [Text(_WHAT), Facts(tuple(facts)), *_warnings(survey)]
    if len(animals) == 1:
        blocks.append(
            Text("One animal only: whether others are connected alike is unknown.", "note")
        )
    panels = _panels(survey)
    if panels:
        image = drawn("methods", "Every method with its interval", lambda: draw_methods(panels))
        blocks.append(Picture("All methods", image, _HOW_METHODS))
    return Section("summary", "At a glance", tuple(blocks))


def _warnings(survey: ConnectivitySurvey) -> list[Text]:
    """What speaks against the first method."""
    first, own = next(iter(survey.methods.items()))
    notes = []
    if own.between is not None and own.between.p >= _UNCERTAIN:
        notes.append(f"{first} agrees between animals no better than shuffled regions do.")
    if own.structural is not None and own.structural.p >= _UNCERTAIN:
        notes.append(f"{first} goes with the structure no better than shuffled regions do.")
    empty = survey.methods[survey.control].between if survey.control else None
    if own.between is not None and empty is not None and own.between.mean <= empty.mean:
        notes.append(
            f"{first} agrees between animals ({decimal(own.between.mean)}) no better than "
            f"{survey.control} ({decimal(empty.mean)}), which knows of no couplings: the agreement "
            "may be one of rates alone."
        )
    if own.between is not None:
        agreeing = [
            name
            for name, each in survey.methods.items()
            if name not in (first, survey.control)
            and each.between is not None
            and each.between.mean >= own.between.mean
        ]
        if agreeing:
            notes.append(
                f"{' and '.join(agreeing)} agree between animals as well as {first}, or better."
            )
    rivals = [(name, each.gain) for name, each in survey.methods.items() if name != survey.control]
    unclear = [name for name, gain in rivals if gain is not None and gain.interval[0] <= 0]
    if unclear:
        notes.append(
            f"With the structure {first} is not certainly better than {', '.join(unclear)}: the "
            "intervals of the differences hold 0, or lie below it."
        )
    return [Text(note, "note") for note in notes]


def _panels(survey: ConnectivitySurvey) -> list[tuple[str, dict[str, Rated | None]]]:
    methods, panels = survey.methods, []
    if any(each.between for each in methods.values()):
        panels.append(
            ("between animals (Pearson, log10)", {k: _between(v) for k, v in methods.items()})
        )
    if survey.structure is not None:
        panels.append(
            ("with structure (Spearman)", {k: _structural(v) for k, v in methods.items()})
        )
    return panels


def _between(measured: Measured) -> Rated | None:
    found = measured.between
    return None if found is None else Rated(found.mean, found.interval, found.chance)


def _structural(measured: Measured) -> Rated | None:
    found = measured.structural
    return None if found is None else Rated(found.spearman, found.interval, found.chance)


def _matrices(survey: ConnectivitySurvey) -> Section:
    shown = [(name, each.average.values) for name, each in survey.methods.items()]
    if survey.structure is not None:
        shown.insert(1, ("structure", survey.structure.values))
    image = drawn("matrices", "Matrices of all methods", lambda: draw_matrices(survey.names, shown))
    return Section("matrices", "Matrices", (Picture("Region by region", image, _HOW_MATRICES),))


def _animals(survey: ConnectivitySurvey, own: Measured, animals: Sequence[AnimalFacts]) -> Section:
    between, labels = own.between, [each.name for each in animals]
    assert between is not None  # a single animal has no such section
    image = drawn(
        "animals",
        "Strengths of one animal against those of another",
        lambda: draw_animals(own.animals, labels, between.pearson),
    )
    columns = tuple(
        Column(name, "label" if not name else "number")
        for name in ("", "mean r", "least and largest", "shuffled names below", "p", "entries")
    )
    rows = tuple(_between_row(name, each) for name, each in survey.methods.items() if each.between)
    blocks = (
        Picture("Pairs of animals", image, _HOW_ANIMALS),
        Table(columns, rows, "All methods, with 95 % over regions drawn anew."),
    )
    return Section("animals", "Between animals", blocks)


def _between_row(name: str, measured: Measured) -> tuple[str, ...]:
    found = measured.between
    assert found is not None
    values = found.pearson[np.tril_indices(len(found.pearson), -1)]
    return (
        name,
        with_interval(found.mean, *found.interval),
        f"{decimal(float(np.nanmin(values)))} to {decimal(float(np.nanmax(values)))}",
        decimal(found.chance),
        significant(found.p, 2),
        whole(found.n_entries),
    )


def _models(survey: ConnectivitySurvey, animals: Sequence[AnimalFacts]) -> Section:
    names = ("", "neurons", "bins", "regions", "models", "agreement", "exact: r", "slope")
    columns = tuple(Column(name, "label" if not name else "number") for name in names)
    rows = tuple(
        (
            each.name,
            whole(each.n_neurons),
            whole(each.n_bins),
            whole(each.n_regions),
            whole(each.n_used),
            decimal(each.agreement),
            decimal(each.second_order[0]),
            decimal(each.second_order[1], 2),
        )
        for each in animals
    )
    caption = (
        "Agreement: Pearson of log10 strengths between models of one animal, beyond which no "
        "agreement between animals is to be expected; unknown for a single model. Exact: couplings "
        "averaged over bins without the approximation, against those of second order, of those of "
        "2,000 pairs of neurons drawn at random that share a hidden unit (equations 15 and 17)."
    )
    blocks: list[Block] = [Table(columns, rows, caption)]
    if aside := tuple(text for each in animals for text in each.failures):
        blocks.append(Bullets("Runs set aside", aside))
    blocks.append(Bullets("What these numbers cannot say", _LIMITS))
    return Section("models", "Animals and models", tuple(blocks))
