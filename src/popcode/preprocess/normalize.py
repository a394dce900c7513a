"""Every neuron on one scale."""

from dataclasses import replace

import numpy as np

from popcode.preprocess.moments import moments_of
from popcode.recording import Recording
from popcode.recording.kinds import row_blocks
from popcode.recording.memory import refuse_beyond_memory
from popcode.recording.provenance import with_step
from popcode.recording.text import plural


def zscored(recording: Recording) -> Recording:
    """Subtract the mean of every neuron and divide by its standard deviation.

    Over all bins and all segments at once, with the standard deviation over n_bins.

    Parameters
    ----------
    recording : Recording
        Of any kind.

    Returns
    -------
    Recording
        Of kind "dff" where it was dF/F, else "rate". A neuron that never changes becomes zeros;
        the provenance says how many do.

    Raises
    ------
    InputError
        Not enough memory.
    """
    mean, sd, constant = moments_of(recording.activity)
    refuse_beyond_memory(recording.activity.size * np.dtype(np.float32).itemsize)
    scores = np.empty(recording.shape, dtype=np.float32)
    divisor = np.where(constant, 1.0, sd)
    for rows in row_blocks(*recording.shape):
        scores[rows] = (recording.activity[rows] - mean) / divisor
    # The mean of equal values may round to beside them.
    scores[:, constant] = 0
    n_constant = int(constant.sum())
    notes = [f"{plural(n_constant, 'neuron')} never changing: all zeros"] if n_constant else []
    return replace(
        recording,
        activity=scores,
        kind="dff" if recording.kind == "dff" else "rate",
        provenance=with_step(
            recording, "z-scored", former_kind=recording.kind, constant=n_constant, notes=notes
        ),
    )
