"""The control without shared variance: neurons out of step, each as it was by itself."""

from __future__ import annotations

from typing import Any

from popcode.dynamics.spectra.measure import DEFAULT, Method, spectrum
from popcode.dynamics.spectra.result import Spectrum
from popcode.preprocess import shift_halves
from popcode.recording import Recording
from popcode.recording.coerce import as_recording

N_SHIFTS = 500


def shifted_recording(x: Any, *, n_shifts: int = N_SHIFTS, seed: int = 0) -> Recording:
    """Shift random halves of the neurons circularly in time, 500 times over.

    Two neurons stay in step only where they fell into the same half every time, so that neurons
    are independent while each keeps its own values and its own course in time, but for one cut a
    segment. See `popcode.preprocess.shift_halves`.

    Parameters
    ----------
    x : Recording or array-like, (n_bins, n_neurons)
        In memory.
    n_shifts : int
    seed : int

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        As `popcode.preprocess.shift_halves`.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026).
    """
    return shift_halves(as_recording(x), seed, n_times=n_shifts)


def shifted_spectrum(
    x: Any,
    method: Method = DEFAULT,
    *,
    n_components: int | None = None,
    n_shifts: int = N_SHIFTS,
    seed: int = 0,
) -> Spectrum:
    """Spectrum of the control: what a method finds where neurons share nothing.

    Slow neurons share variance by chance in any finite recording; this is how much. Halves of
    neurons and divisions of time are those of `popcode.spectrum` with the same seed.

    Parameters
    ----------
    x : Recording or array-like, (n_bins, n_neurons)
    method, n_components, seed
        As `popcode.spectrum`.
    n_shifts : int

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        As `popcode.spectrum` and `shifted_recording`.
    """
    control = shifted_recording(x, n_shifts=n_shifts, seed=seed)
    return spectrum(control, method, n_components=n_components, seed=seed)
