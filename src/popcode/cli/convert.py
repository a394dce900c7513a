"""``popcode convert``: any recording to the native form, changed on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from popcode.cli.changes import Changes
from popcode.cli.options import check_bin_s
from popcode.cli.outputs import check_output, save_recording
from popcode.cli.reading import AS_IT_IS, Flag, Reading

UNCHANGED = Changes()


def convert(
    input_path: Annotated[str, Parameter(name="INPUT")],
    out: Annotated[Path, Parameter(name="OUT")],
    /,
    *,
    reading: Reading = AS_IT_IS,
    changes: Changes = UNCHANGED,
    force: Annotated[bool, Flag] = False,
) -> None:
    """Write a recording in the native form: .npz, or .h5 (packed, compressed) where it is large.

    Example: popcode convert session.nwb active.npz --bin-s 0.02 --regions VISp,CA1 --binarize

    What is asked for is done in one order: read, minimum rate, regions, epochs, dF/F, deconvolve,
    bin, smooth, z-score, make binary, shuffle. Bins are merged while reading, or after dF/F and
    deconvolution.
    What every step dropped is told, and kept in the provenance of the file.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    out : Path
        File to make; the ending says which form.
    force : bool
        Replace the file where it is there.
    """
    from popcode.cli.changing import converted

    check_bin_s(reading.bin_s)
    check_output(out, force)
    save_recording(converted(input_path, reading, changes), out)
