"""Assemblies as text: each number beside its control, and how to read it."""

from __future__ import annotations

import io
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from popcode.recording.text import plural

if TYPE_CHECKING:
    from popcode.analysis.dynamics import DynamicsSurvey, SlowerTest
    from popcode.analysis.membership import (
        Effect,
        Extents,
        GridEffects,
        Interval,
        MembershipSurvey,
        Occupancy,
    )
    from popcode.report import FitsCompared

Row = tuple[str, str, str, str]
_HEAD = ("", "found", "control")
_NARROWEST, _WIDEST = 80, 130


def table_of_one(
    weights: NDArray[np.floating], members: MembershipSurvey, dynamics: DynamicsSurvey
) -> str:
    """One fit in a table.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    members : MembershipSurvey
    dynamics : DynamicsSurvey
        Of the units with weights.
    """
    return explained([*_membership_rows(weights, members), *_dynamics_rows(dynamics)])


def explained(rows: Sequence[Row]) -> str:
    """Numbers beside their controls, and below a sentence on how to read each."""
    how = [
        textwrap.fill(f"{name}: {sentence}", _width(), subsequent_indent="  ")
        for name, _, _, sentence in rows
    ]
    return "\n".join([as_table(_HEAD, [row[:3] for row in rows]), "", *how])


def as_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns that keep to the width of the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*head, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=_width(), markup=False, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip().splitlines())


def _width() -> int:
    columns = shutil.get_terminal_size((100, 24)).columns
    return min(max(columns, _NARROWEST), _WIDEST)


def _membership_rows(weights: NDArray[np.floating], found: MembershipSurvey) -> list[Row]:
    from popcode.analysis.membership import living_units

    living = living_units(weights)
    rows = [
        *_size_rows(weights, living, found),
        (
            "embedded",
            *_embedded(found),
            "Neurons with a weight above .01 in at least 1 and 3 units.",
        ),
        (
            "neurons without",
            *_against(found.uniformity.without),
            "Share without a strong weight, where one a neuron is strong on average, beside "
            "shuffled weights (95 %): above them, weights gather on fewer neurons.",
        ),
    ]
    if found.occupancy is not None:
        rows.append(_regions_row(found.occupancy, living))
    if found.extents is not None:
        rows.append(_spread_row(found.extents, living))
    return rows


def _size_rows(
    weights: NDArray[np.floating], living: NDArray[np.bool_], found: MembershipSurvey
) -> list[Row]:
    from popcode.analysis.membership import members_beyond, same_weights

    overlaps, copies = found.overlaps, int(np.triu(same_weights(weights)).any(axis=0).sum())
    return [
        (
            "hidden units",
            f"{living.sum()} of {living.size}",
            f"copies {copies}",
            "Units with a weight of 0.05; copies correlate by more than .8 with another's weights.",
        ),
        (
            "members",
            spread(overlaps.sizes[living]),
            f"|w| > .01: {spread(members_beyond(weights, 0.01).sum(axis=0)[living])}",
            "Median (10 to 90 %) over units; neurons at a third of the unit's own level.",
        ),
        (
            "overlaps",
            f"{overlaps.n_beyond_chance:,} of {plural(overlaps.n_pairs, 'pair')}",
            "chance: none in 19 of 20 fits",
            "Pairs of assemblies that share more neurons than independent draws would "
            "(hypergeometric, 5 % over all pairs).",
        ),
    ]


def _spread_row(found: Extents, living: NDArray[np.bool_]) -> Row:
    compact = int((found.p_compact[living] < 0.05).sum())
    return (
        "spread",
        f"{spread(found.spread_um[living])} µm",
        f"random {spread(found.chance_um[living])}; compact {compact}",
        "Root mean square distance from the centre beside as many random neurons; compact at "
        f"p < .05, where {0.05 * living.sum():.1f} are by chance.",
    )


def _embedded(found: MembershipSurvey) -> tuple[str, str]:
    shares = found.embedding.shares[found.embedding.thresholds.index(0.01)]
    any_weight = found.embedding.shares[found.embedding.thresholds.index(0.0)]
    return f"{shares[0]:.0%}, {shares[1]:.0%}", f"any weight {any_weight[0]:.0%}"


def _regions_row(found: Occupancy, living: NDArray[np.bool_]) -> Row:
    fewer = int((found.n_regions < found.shuffled_low)[living].sum())
    return (
        "regions",
        f"{spread(found.n_regions[living])} of {len(found.names)}",
        f"shuffled {spread(found.shuffled[living])}; fewer {fewer}",
        "Effective number of regions of an assembly (participation ratio), beside the same weights "
        "on shuffled neurons; fewer than 97.5 % of the shuffles.",
    )


def _dynamics_rows(found: DynamicsSurvey) -> list[Row]:
    correlations, n_units = found.correlations, len(found.chance)
    rows: list[Row] = [
        (
            "bimodal",
            f"{int(found.bimodal.sum())} of {plural(n_units, 'unit')}",
            f"at most {0.05 * n_units:.1f} by chance",
            "A valley of half the lower peak between two fitted Gaussians, and more gain over one "
            "than 19 Gaussian traces of the same spectrum.",
        ),
        *([] if found.slower is None else _slower_rows(found.slower, found.hidden.unit)),
    ]
    if np.isfinite(correlations.beyond_chance):
        rows.append(
            (
                "correlated pairs",
                f"{correlations.beyond_chance:.0%}",
                f"5 % (|r| > {correlations.chance:.2f})",
                "Pairs of units beyond what traces shifted in time exceed once in 20.",
            )
        )
    if found.components is not None:
        first = slice(0, 3)
        shares, chance = found.components.shares[first], found.components.chance[first]
        rows.append(
            (
                "components",
                f"{found.components.n_beyond_chance}, first {shares.size} {shares.sum():.0%}",
                f"shifted {chance.sum():.0%}",
                "Principal components of the traces beyond those of shifted ones, and the share "
                "of variance in the first.",
            )
        )
    return rows


def _slower_rows(found: SlowerTest, unit: str) -> list[Row]:
    return [
        (
            "period",
            f"{found.hidden_median:.3g} {unit}",
            f"neurons {found.neuron_median:.3g} {unit}",
            "Median time from one onset to the next, complete intervals within segments.",
        ),
        (
            "units slower",
            f"{found.superiority:.2f} ({found.low:.2f} to {found.high:.2f})",
            f"0.5; p = {found.p:.1g}",
            "Chance that a unit's period is longer than a neuron's (95 %); Mann-Whitney, "
            "one-sided.",
        ),
    ]


def _against(found: Interval) -> tuple[str, str]:
    control = f"{found.shuffled:.1%} ({found.shuffled_low:.1%} to {found.shuffled_high:.1%})"
    return f"{found.value:.1%}", control


def spread(values: NDArray) -> str:
    """Median and the middle 80 % of values, those that are not defined left out."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    if not known.size:
        return "none"
    low, middle, high = np.quantile(known, (0.1, 0.5, 0.9))
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def table_of_many(found: FitsCompared) -> str:
    """Several fits in a table, the consensus set, and what sizes and time scales follow."""
    head = ("run", "hidden", "l1", "seed", "living", "copies", "size", "period", "returns",
            "shuffled")  # fmt: skip
    each = zip(
        found.runs, found.facts, found.seeds, found.stability, found.stability_shuffled,
        strict=True,
    )  # fmt: skip
    rows = [
        (
            run, str(facts.n_hidden), f"{facts.l1:.3g}", str(seed), str(stable.n_living),
            str(facts.n_copies), f"{facts.mean_size:.1%}", f"{facts.mean_period:.3g} {facts.unit}",
            f"{stable.mean_return:.0%}", f"{shuffled.mean_return:.0%}",
        )
        for run, facts, seed, stable, shuffled in each
    ]  # fmt: skip
    how = (
        "size: mean share of the neurons in a living unit's assembly. period: mean over units of "
        "the median time between onsets. returns: mean share of the other runs that hold a living "
        f"unit again, |r| of weights at least {found.same:g}, beside runs with shuffled neurons."
    )
    lines = [as_table(head, rows), "", *_consensus_lines(found), *_effect_lines(found.effects)]
    return "\n".join([*lines, textwrap.fill(how, _width())])


def _consensus_lines(found: FitsCompared) -> list[str]:
    consensus = found.consensus
    line = (
        f"consensus set: {consensus.n_assemblies} in {found.least_share:.0%} or more of the "
        f"{consensus.n_fits} runs; {found.n_shuffled} with shuffled neurons"
    )
    if not consensus.n_assemblies:
        return [line]
    return [
        line,
        f"  returned in {consensus.returned.min()} to {consensus.returned.max()} runs; weights "
        f"agree by r = {spread(consensus.agreement)}; {consensus.copies.sum()} further units are "
        "copies within a run",
    ]


def _effect_lines(effects: GridEffects) -> list[str]:
    names = (
        ("size", effects.mean_size),
        ("period", effects.mean_period),
        ("number of assemblies", effects.n_effective),
    )
    told = [
        f"{name}: {_effect('hidden units', two.first)}; {_effect('l1', two.second)}; "
        f"{_effect('both', two.interaction)}; {plural(two.residual.degrees, 'degree')} of freedom "
        "left"
        for name, two in names
        if two is not None
    ]
    return told or [
        "what hidden units and l1 do to sizes and periods cannot be told apart by these runs: give "
        "runs at two or more of each, crossed"
    ]


def _effect(name: str, found: Effect) -> str:
    """Share of the variance with its test, where there is one."""
    tested = "" if np.isnan(found.p) else f" (p = {found.p:.1g})"
    return f"{name} {found.share:.0%} of the variance{tested}"
