"""``popcode fit crbm``: the compositional restricted Boltzmann machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from popcode.cli.crbm_options import DEFAULTS, Training
from popcode.cli.fitting import fit_into
from popcode.cli.reading import AS_IT_IS, Flag, Reading

Auto = Literal["auto"]


def crbm(
    input_path: Annotated[str, Parameter(name="INPUT")],
    /,
    *,
    out: Path,
    hidden: int | Auto = "auto",
    l1: float | Auto = "auto",
    training: Training = DEFAULTS,
    reading: Reading = AS_IT_IS,
    force: Annotated[bool, Flag] = False,
) -> None:
    """Fit a compositional restricted Boltzmann machine: sparse assemblies of neurons.

    Example: popcode fit crbm recording.npz --out run

    Prints what it will take before it starts, and the scores on withheld bins at its end. Ctrl-C
    writes a checkpoint; popcode resume RUN goes on from there, to the same bits.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    out : Path
        Folder of the run; it must be new or empty.
    hidden : int
        Hidden units, or auto: by the number of active neurons, at most 200.
    l1 : float
        Penalty on every weight, or auto: by the noise of a weight's statistic, and well below the
        most that leaves the units alive.
    force : bool
        Replace the run that is in the folder.
    """
    options = training.options(reading, n_hidden=hidden, l1=l1)
    options.check()
    fit_into(out, input_path, options, force)
