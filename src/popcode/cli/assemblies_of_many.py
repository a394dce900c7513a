"""What ``popcode assemblies`` tells and writes of several runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from popcode.cli.assemblies_fits import Fits

if TYPE_CHECKING:
    from popcode.analysis.membership import GridEffects
    from popcode.report import FitsCompared


def tell_many(
    fits: Fits, out: Path, left_out: tuple[str, ...], same: float, least_share: float, seed: int
) -> None:
    """Compare runs; write the arrays and the page, and show the tables.

    Raises
    ------
    InputError
        Options out of range, an unknown region, a file that cannot be written.
    """
    from popcode.cli.assemblies_of_one import save_arrays
    from popcode.cli.assemblies_table import table_of_many
    from popcode.cli.console import show

    found = _compared(fits, left_out, same, least_share, seed)
    save_arrays(out, _arrays(fits, found))
    show(table_of_many(found))
    show(str(_write_page(found, out)))


def _compared(
    fits: Fits, left_out: tuple[str, ...], same: float, least_share: float, seed: int
) -> FitsCompared:
    from popcode.analysis import neuron_facts
    from popcode.analysis.membership import (
        describe_fit,
        find_consensus,
        fit_stability,
        grid_effects,
        shuffled_fits,
        survey_membership,
    )
    from popcode.report import FitsCompared

    weights, recording = [each.weights for each in fits.each], fits.recording
    shuffled, neurons = shuffled_fits(weights, seed), neuron_facts(recording)
    consensus = find_consensus(weights, same=same, least_share=least_share)
    starts, bin_s = recording.segment_starts, recording.bin_s
    facts = [
        describe_fit(each.weights, each.hidden, starts, l1=each.l1, bin_s=bin_s)
        for each in fits.each
    ]
    return FitsCompared(
        runs=tuple(str(each.run) for each in fits.each),
        seeds=tuple(each.seed for each in fits.each),
        same=same,
        least_share=least_share,
        facts=tuple(facts),
        stability=tuple(fit_stability(weights, same=same)),
        stability_shuffled=tuple(fit_stability(shuffled, same=same)),
        consensus=consensus,
        n_shuffled=find_consensus(shuffled, same=same, least_share=least_share).n_assemblies,
        members=survey_membership(consensus.weights, neurons, left_out=left_out, seed=seed)
        if consensus.n_assemblies
        else None,
        neurons=neurons,
        effects=grid_effects(facts),
    )


def _write_page(found: FitsCompared, out: Path) -> Path:
    from datetime import UTC, datetime

    from popcode.files import write_text
    from popcode.report import render_fits_compared

    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    page = out.with_suffix(".html")
    write_text(page, render_fits_compared(found, out.stem, now))
    return page


def _arrays(fits: Fits, found: FitsCompared) -> dict[str, Any]:
    import numpy as np

    from popcode.cli.assemblies_of_one import membership_arrays

    first = found.facts[0]
    columns = {
        name: np.array([getattr(each, name) for each in found.facts])
        for name in first._fields
        if name != "unit"
    }
    arrays = {
        "runs": np.array(found.runs), "fit_seeds": np.array(found.seeds), **columns,
        "time_unit": first.unit, "ids": np.array(found.neurons.ids),
        "n_living": [each.n_living for each in found.stability],
        "mean_return": [each.mean_return for each in found.stability],
        "mean_return_shuffled": [each.mean_return for each in found.stability_shuffled],
        "unit_run": np.repeat(np.arange(len(fits.each)), columns["n_hidden"]),
        "unit_return_share": np.concatenate([each.return_share for each in found.stability]),
        **{f"consensus_{name}": np.asarray(value)
           for name, value in found.consensus._asdict().items()},
        "consensus_n_assemblies_shuffled": found.n_shuffled,
        **_effects(found.effects),
    }  # fmt: skip
    if found.members is not None:
        weights = found.consensus.weights
        of_consensus = membership_arrays(weights, found.members)
        arrays |= {f"consensus_{name}": value for name, value in of_consensus.items()}
    return arrays


def _effects(found: GridEffects) -> dict[str, Any]:
    """Tables of variance: rows hidden units, penalty, interaction, rest."""
    import numpy as np

    known = {name: each for name, each in found._asdict().items() if each is not None}
    arrays: dict[str, Any] = {f"variance_{name}": np.array(each) for name, each in known.items()}
    for each in known.values():
        arrays["variance_rows"] = np.array(each._fields)
        arrays["variance_columns"] = np.array(each.first._fields)
    return arrays
