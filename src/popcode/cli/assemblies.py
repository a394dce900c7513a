"""``popcode assemblies``: who belongs together in one fit, and what returns in several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.outputs import check_output
from popcode.errors import InputError


def assemblies(
    runs: Annotated[tuple[Path, ...], Parameter(name="RUN")],
    /,
    *,
    out: Path,
    leave_out_region: tuple[str, ...] = (),
    same: float = 0.7,
    least_share: float = 0.5,
    seed: int = 0,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Assemblies of a fit: members, overlaps, regions, places, dynamics; of several: what returns.

    Example: popcode assemblies run --out assemblies.npz

    Every number stands beside an interval or a control. Several runs must be fits to one
    recording, of other seeds, hidden units or penalties: told are the assemblies that return
    across them (and in fits with shuffled neurons), and how sizes and time scales follow hidden
    units and penalty where there are two of each.

    Parameters
    ----------
    runs : tuple of Path
        Folders of runs of popcode fit crbm whose training is over; their input must be there.
    out : Path
        File to make (.npz). Several runs also make a page beside it (.html).
    leave_out_region : tuple of str
        Region that holds others whole, not to be counted among the regions of an assembly.
    same : float
        Correlation of weights from which units of two runs are one assembly.
    least_share : float
        Of the runs, those in which an assembly must return to be of the consensus set; two at
        least.
    seed : int
        Of the controls and of the intervals.
    force : bool
        Replace the file where it is there.
    """
    from popcode.cli.assemblies_fits import open_fits

    check_output(out, force, (".npz",))
    if len(runs) > 1:
        check_output(out.with_suffix(".html"), force, (".html",))
    if not 0 <= seed < 2**63:
        raise InputError(f"--seed is {seed}", remedy="It must be from 0 to 2**63 - 1")
    fits = open_fits(runs)
    n_neurons = fits.recording.n_neurons
    told = ", ".join(f"{each.weights.shape[1]}" for each in fits.each)
    tell(f"assemblies of {n_neurons:,} neurons; hidden units: {told}")
    if len(fits.each) == 1:
        from popcode.cli.assemblies_of_one import tell_one

        tell_one(fits, out, leave_out_region, seed)
    else:
        from popcode.cli.assemblies_of_many import tell_many

        tell_many(fits, out, leave_out_region, same, least_share, seed)
    show(str(out))
