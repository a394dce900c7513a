"""``popcode convert``: any recording to the native form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from popcode.cli.options import check_bin_s
from popcode.cli.outputs import check_output, save_recording


def convert(
    input_path: Annotated[str, Parameter(name="INPUT")],
    out: Annotated[Path, Parameter(name="OUT")],
    /,
    *,
    bin_s: float | None = None,
    binarize: Annotated[bool, Parameter(negative="")] = False,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Write a recording in the native form: .npz, or .h5 (packed, compressed) where it is large.

    Example: popcode convert traces.npy active.npz --bin-s 0.5 --binarize

    Parameters
    ----------
    input_path : str
        A recording: .npz, .h5 or .npy (rows are bins).
    out : Path
        File to make; the ending says which form.
    bin_s : float
        Bin width in seconds: states it where the input does not know, else merges whole bins.
    binarize : bool
        Make the activity binary: counts by v >= 1, real values neuron by neuron.
    force : bool
        Replace the file where it is there.
    """
    from popcode.cli.preparation import binary
    from popcode.io import load

    check_bin_s(bin_s)
    check_output(out, force)
    recording = load(input_path, bin_s=bin_s)
    if binarize:
        recording = binary(recording, binarize, input_path)
    save_recording(recording, out)
