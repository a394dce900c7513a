"""Connectivity between regions: against structure, and the law of its strengths."""

from __future__ import annotations

import numpy as np

from popcode.analysis.connectivity import ConnectivitySurvey, Measured
from popcode.report.blocks import Block, Bullets, Column, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.connectivity import draw_law
from popcode.report.figures.connectivity_structure import draw_structure
from popcode.report.numbers import DASH, decimal, significant, whole, with_interval

_HOW_LAW = (
    "Distance: largest difference between the distribution of the strengths and the law. A sample "
    "of the log-normal law itself stays below the third number 95 times of 100. Gain: nats a "
    "strength by which the log-normal law is more likely than the normal one; entries that share "
    "a region are not independent, which the interval does not know."
)
_HOW_STRUCTURE = (
    "Functional strengths of pairs of regions with a structural connection; both distributions; "
    "and how much more likely a strength is among connected pairs than among unconnected ones, "
    "each taken as normal in log10."
)
_HOW_TABLE = (
    "Spearman correlation over connected pairs, as in the article (0.39 for its models, 0.18 for "
    "covariances, 0.26 for correlations, zebrafish against tracings); in brackets 95 % over "
    "regions drawn anew. KS: distance between the strengths of connected and unconnected pairs; "
    "both p are of shuffled names of regions, as pairs that share a region are not independent. "
    "Last column: by how much the first method's Spearman correlation is larger, over the same "
    "draws of regions; an interval that holds 0 is no difference."
)


def structure_section(survey: ConnectivitySurvey, own: Measured) -> Section:
    """What the first method has to do with the structure; only where there is one."""
    structure = survey.structure
    assert structure is not None
    image = drawn(
        "structure",
        "Functional against structural strengths",
        lambda: draw_structure(own.average.values, structure.values, survey.evidence),
    )
    names = ("", "Spearman", "shuffled below", "p", "all pairs", "KS", "p of KS", "first − this")
    columns = tuple(Column(name, "label" if not name else "number") for name in names)
    rows = tuple(_structural_row(name, each) for name, each in survey.methods.items())
    found = own.structural
    assert found is not None
    blocks: list[Block] = [
        Text(
            f"Structure: {structure.source}. {found.n_entries:,} pairs of regions are connected, "
            f"{found.n_zero:,} are not."
        ),
        Picture("Functional and structural", image, _HOW_STRUCTURE),
        Table(columns, rows, _HOW_TABLE),
    ]
    if structure.notes:
        blocks.append(Bullets("Of the structure", structure.notes))
    return Section("structure", "Structure", tuple(blocks))


def _structural_row(name: str, measured: Measured) -> tuple[str, ...]:
    found, gain = measured.structural, measured.gain
    assert found is not None
    return (
        name,
        with_interval(found.spearman, *found.interval),
        decimal(found.chance),
        significant(found.p, 2),
        decimal(found.spearman_all),
        decimal(found.distance, 2),
        significant(found.distance_p, 2),
        DASH if gain is None else with_interval(gain.difference, *gain.interval),
    )


def law_section(survey: ConnectivitySurvey, own: Measured) -> Section:
    """Whether strengths are log-normal."""
    law, title = own.law, "Law of the strengths"
    if law is None:
        why = Text("Too few strengths above 0 to tell a law.", "absent")
        return Section("law", title, (why,))
    values = own.average.values[np.tril_indices(len(own.average.values))]
    image = drawn("law", "Distribution of the strengths", lambda: draw_law(values, law))
    names = ("", "log-normal", "normal", "a log-normal sample", "gain (nats)", "entries")
    columns = tuple(Column(name, "label" if not name else "number") for name in names)
    rows = tuple(
        (
            name,
            decimal(each.law.distance),
            decimal(each.law.distance_normal),
            decimal(each.law.distance_expected),
            with_interval(each.law.gain, *each.law.gain_interval, digits=2),
            whole(each.law.n_entries),
        )
        for name, each in survey.methods.items()
        if each.law is not None
    )
    return Section("law", title, (Picture("Strengths", image, ""), Table(columns, rows, _HOW_LAW)))
