"""``popcode spectrum``: whether a recording looks like a critical symmetric network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from popcode.cli.reading import AS_IT_IS, Flag, Reading


def spectrum(
    input_path: Annotated[str, Parameter(name="INPUT")],
    /,
    *,
    out: Path,
    ranks: str = "11-500",
    network_neurons: int | None = None,
    reading: Reading = AS_IT_IS,
    seed: int = 0,
    force: Annotated[bool, Flag] = False,
) -> None:
    """Spectra, timescales and dynamics of a recording, and the critical network that fits them.

    Example: popcode spectrum recording.npz --out spectrum

    The exponent of the spectrum by four methods, with intervals and beside neurons shifted out of
    step; timescales of the components; eigenvalues of the dynamics (DMD), their rotations and the
    asymmetry of time; the spectrum against the width of the bins; and the radius, asymmetry and
    time constant of the random linear network that fits best, with 95 % intervals. report.html
    draws them; metrics.json holds them. Counts, dF/F and rates are taken as they are. Parts that
    are finished are kept when it is interrupted: run the same command again, or popcode resume OUT.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    out : Path
        Folder of the run; it must be new or empty, or hold this same run unfinished.
    ranks : str
        First and last rank of the power laws. Where the spectrum ends before the last, ranks up
        to half its length are taken; exponents of other ranges differ.
    network_neurons : int
        Size of the network that the theory is fitted with. The radius depends on it, and the
        recording does not tell: by default as many as were recorded, and ten times as many beside.
    seed : int
        The same seed gives the same bits, whatever the number of threads.
    force : bool
        Replace the run that is in the folder.
    """
    from popcode.cli.spectrum_options import options_of
    from popcode.cli.spectrum_runs import spectrum_into

    spectrum_into(out, options_of(input_path, ranks, network_neurons, reading, seed), force)
