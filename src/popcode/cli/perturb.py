"""``popcode perturb``: hold or take out units of a fitted model, and see what follows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.outputs import check_output
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.rbm.perturbation import Effects, Perturbation
    from popcode.recording import Recording

_COLUMNS = (
    "neuron", "id", "region", "before", "after", "difference", "low", "high",
    "sham", "sham_low", "sham_high",
)  # fmt: skip
_SHOWN = 10


def perturb(
    run: Annotated[Path, Parameter(name="RUN")],
    /,
    *,
    out: Path,
    clamp_hidden: tuple[str, ...] = (),
    clamp_region: tuple[str, ...] = (),
    clamp_neuron: tuple[str, ...] = (),
    ablate: tuple[str, ...] = (),
    chains: int = 400,
    burn_in: int = 500,
    sweeps: int = 500,
    seed: int = 0,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Hold units of a model, or take them out, and write what that does to every neuron.

    Example: popcode perturb run --clamp-hidden 3=on --out effects.csv

    A row a neuron: its probability to be active before and after, the difference with its 95 %
    interval over independent chains, and the same of no perturbation (sham). The interval leaves
    out what another fit would change.

    Parameters
    ----------
    run : Path
        Folder of a run of popcode fit rbm or crbm whose training is over.
    out : Path
        File to make (.csv).
    clamp_hidden : tuple of str
        Hidden unit, counted from 0, and where it is held: 3=on, 3=off, or a value as 3=1.5. On
        and off are the means of the two groups that its values in the chains of the fit fall into.
    clamp_region : tuple of str
        Region whose neurons are all held active (tectum=1) or silent (tectum=0).
    clamp_neuron : tuple of str
        Neuron, counted from 0, held active (12=1) or silent (12=0).
    ablate : tuple of str
        What is taken out: hidden:3, neuron:12 or region:tectum.
    chains : int
        Independent chains of the model as it is, and perturbed.
    burn_in : int
        Gibbs sweeps before the first state that counts.
    sweeps : int
        Gibbs sweeps that count.
    seed : int
        The same seed gives the same effects.
    force : bool
        Replace the file where it is there.
    """
    from popcode.cli.models import model_of, source_of
    from popcode.cli.perturbations import perturbation_of
    from popcode.files import read_record, write_text

    check_output(out, force, (".csv",))
    if not 0 <= seed < 2**62:
        raise InputError(f"--seed is {seed}", remedy="It must be from 0 to 2**62 - 1")
    model: Any = model_of(run)
    if not hasattr(model, "weights_"):
        raise InputError(
            f"a {type(model).__name__} has no hidden units to perturb",
            where=str(run),
            remedy="Give a run of popcode fit rbm or crbm",
        )
    source = source_of(read_record(run))
    asked = perturbation_of(model, source, clamp_hidden, clamp_region, clamp_neuron, ablate)
    tell(_asked_line(asked, chains, burn_in + sweeps))
    found = model.perturb(asked, n_chains=chains, burn_in=burn_in, n_sweeps=sweeps, seed=seed)
    write_text(out, _as_csv(found, source))
    show(_summary(found, asked))
    show(str(out))


def _asked_line(asked: Perturbation, chains: int, sweeps: int) -> str:
    held = ", ".join(
        f"{unit} at {value:.3g}" for unit, value in zip(asked.hidden, asked.values, strict=True)
    )
    return (
        f"held: {int((asked.states == 1).sum()):,} neurons active and "
        f"{int((asked.states == 0).sum()):,} silent, {asked.hidden.size} hidden units"
        f"{f' ({held})' if held else ''}; taken out: {asked.without.size} hidden units; "
        f"{chains} chains of {sweeps} sweeps"
    )


def _as_csv(found: Effects, source: Recording | None) -> str:
    n_neurons = found.before.size
    ids = range(n_neurons) if source is None else source.neurons["id"]
    labelled = source is not None and "region" in source.neurons
    regions = source.neurons["region"] if source is not None and labelled else [""] * n_neurons
    columns = [getattr(found, name) for name in _COLUMNS[3:]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for k, (name, region, *values) in enumerate(zip(ids, regions, *columns, strict=True)):
        writer.writerow([k, name, region, *(f"{value:.6g}" for value in values)])
    return text.getvalue()


def _summary(found: Effects, asked: Perturbation) -> str:
    import numpy as np

    free = np.setdiff1d(np.arange(found.before.size), asked.neurons)
    clear = int(((found.low > 0) | (found.high < 0))[free].sum())
    sham = int(((found.sham_low > 0) | (found.sham_high < 0))[free].sum())
    size = float(np.abs(found.difference[free]).mean()) if free.size else 0.0
    of_sham = float(np.abs(found.sham[free]).mean()) if free.size else 0.0
    lines = [
        f"mean change of the free neurons {size:.3g}; without a perturbation {of_sham:.3g}",
        f"{clear:,} of {free.size:,} free neurons change beyond their interval; without a "
        f"perturbation {sham:,} do (more chains and sweeps find smaller changes)",
        f"drift within the sweeps: {found.drift:.2g} perturbed, {found.sham_drift:.2g} before "
        "(alike at equilibrium)",
    ]
    if found.drift > 3 * found.sham_drift + 1e-3:
        lines.append("the perturbed chains still move: raise --burn-in")
    order = free[np.argsort(-np.abs(found.difference[free]), kind="stable")][:_SHOWN]
    lines += [
        f"  neuron {k}: {found.before[k]:.3f} -> {found.after[k]:.3f} "
        f"({found.difference[k]:+.3f}, {found.low[k]:+.3f} to {found.high[k]:+.3f})"
        for k in order
    ]
    return "\n".join(lines)
