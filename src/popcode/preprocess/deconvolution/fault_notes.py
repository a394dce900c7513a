"""What is said about the faults of traces."""

import numpy as np

from popcode.preprocess.deconvolution.faults import ARTEFACT_NOISE, CUT_SHARE


def artefact_notes(n_artefacts: np.ndarray) -> list[str]:
    """What was taken out, in at most one sentence; `n_artefacts` (n_neurons,) counts frames."""
    n_neurons = int((n_artefacts > 0).sum())
    if not n_neurons:
        return []
    return [
        f"{n_artefacts.sum():,} frames of {_of(n_neurons, n_artefacts.size)} are artefacts and "
        f"were interpolated: beyond {ARTEFACT_NOISE:g} times the noise, and back within a frame, "
        "as no calcium is"
    ]


def doubts(cut: np.ndarray, inverted: np.ndarray) -> list[str]:
    """Why events may be no spikes, in short sentences; both are bool (n_neurons,)."""
    found = []
    if cut.any():
        found.append(
            f"{_of(int(cut.sum()), cut.size)} ({_first(cut)}) hold one and the same value "
            f"in {100 * CUT_SHARE:g} % of the frames or more, as traces cut at a threshold do: "
            "their noise cannot be known and their spikes are doubtful; give the uncut traces"
        )
    if inverted.any():
        found.append(
            f"{_of(int(inverted.sum()), inverted.size)} ({_first(inverted)}) look upside "
            "down, with transients below the baseline: their events are not spikes; turn the "
            "sign of traces of an indicator that darkens with calcium"
        )
    return found


def _of(n: int, n_neurons: int) -> str:
    return f"{n:,} of {n_neurons:,} neurons"


def _first(chosen: np.ndarray) -> str:
    return f"the first is neuron {np.flatnonzero(chosen)[0]}"
