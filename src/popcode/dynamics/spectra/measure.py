"""One call from a recording to a spectrum, and what it is made of."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.halves import Halves, halves_with_rule
from popcode.dynamics.spectra.cvpca import cvpca_of_repeats, cvpca_of_time, presentations_of
from popcode.dynamics.spectra.decompositions import Search
from popcode.dynamics.spectra.direct import direct
from popcode.dynamics.spectra.result import Spectrum
from popcode.dynamics.spectra.svca import svca
from popcode.dynamics.spectra.svca2 import svca2
from popcode.dynamics.standardised import Standardised, standardised
from popcode.dynamics.streams import Stream, as_stream
from popcode.dynamics.time_pieces import Piece, alternating, time_pieces, train_and_test
from popcode.errors import InputError
from popcode.recording import Recording

Method = Literal["direct", "svca", "svca2", "cvpca"]
DEFAULT: Method = "svca2"


class Divided(NamedTuple):
    """A recording, standardised, with the neurons and the time that a method compares.

    Attributes
    ----------
    activity : Standardised
    method : str
    halves : Halves or None
        Of the neurons that are used.
    parts : tuple of lists of (start, stop)
        One part of time, or the two that are compared.
    """

    activity: Standardised
    method: Method
    halves: Halves | None
    parts: tuple[list[Piece], ...]


def spectrum(
    x: Any,
    method: Method = DEFAULT,
    *,
    n_components: int | None = None,
    stimulus: str | None = None,
    seed: int = 0,
) -> Spectrum:
    """Variance along the components of a recording, largest first.

    Every neuron is standardised over all bins. No order in time is looked at but to divide it
    (within segments); units and the order of neurons change nothing.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), or path of a .npy or native .h5 file
        Files and memory maps are read a block of bins at a time.
    method : {"svca2", "svca", "direct", "cvpca"}
        "svca2" (the default): variance shared by two halves of the neurons. "svca": the same on
        held-out time. "direct": eigenvalues of the correlation matrix, with the noise of single
        neurons. "cvpca": variance that repeats over presentations of `stimulus`, or without one
        variance on other stretches of time.
    n_components : int, optional
        How many values. By default all where they are exact (up to 2,500 neurons, neurons in a
        half, or bins), else the leading 600, by randomised passes over the bins: `errors` of the
        result says how exact each is.
    stimulus : str, optional
        Covariate that names what was presented in each bin; for "cvpca" only.
    seed : int
        Of halves, divisions of time and random starts.

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        NaN; fewer than two bins or neurons that change; no two halves; more components than there
        are; a recording too short to be divided; an unknown method or covariate.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026); Stringer et al., Science 364, eaav7893 (2019) and Nature 571, 361-365 (2019).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> shared = rng.normal(size=(2000, 1)) * [2.0, 1.0, 0.5, 1.5]
    >>> found = spectrum(shared + rng.normal(size=(2000, 4)), "direct")
    >>> found.values.round(1).tolist()
    [2.6, 0.7, 0.4, 0.2]
    """
    search = Search(n_components, checked_seed(seed))
    if stimulus is not None:
        return _of_repeats(x, method, stimulus, search)
    divided = divided_recording(x, method, search.seed)
    return spectrum_of(divided, divided.parts, search)


def divided_recording(x: Any, method: Method, seed: int) -> Divided:
    """Standardise a recording, and divide it as `method` needs.

    Raises
    ------
    InputError
        As `spectrum`.
    """
    if method not in get_args(Method):
        raise InputError(
            f"unknown method {method!r}", remedy=f"Use one of {', '.join(get_args(Method))}"
        )
    return divided_stream(as_stream(x), method, seed)


def divided_stream(stream: Stream, method: Method, seed: int) -> Divided:
    """As `divided_recording`, of a stream."""
    activity = standardised(stream)
    return Divided(
        activity, method, _halves(activity, method, seed), _parts(activity, method, seed)
    )


def spectrum_of(divided: Divided, parts: tuple[list[Piece], ...], search: Search) -> Spectrum:
    """The spectrum of given stretches of time."""
    first, last = (divided.activity.over(part) for part in (parts[0], parts[-1]))
    if divided.halves is None:
        return (
            direct(first, search)
            if divided.method == "direct"
            else cvpca_of_time(first, last, search)
        )
    if divided.method == "svca2":
        return svca2(first, divided.halves, search)
    return svca(first, last, divided.halves, search)


def checked_seed(seed: Any) -> int:
    """A seed.

    Raises
    ------
    InputError
        Not a whole number of at least 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed is {seed!r}", remedy="Give a whole number of at least 0")
    return int(seed)


def _halves(activity: Standardised, method: Method, seed: int) -> Halves | None:
    if method not in ("svca", "svca2"):
        return None
    places = activity.stream.positions_um
    own = None if places is None else places[activity.neurons]
    return halves_with_rule(own, activity.n_neurons, seed)


def _parts(activity: Standardised, method: Method, seed: int) -> tuple[list[Piece], ...]:
    stream = activity.stream
    if method in ("direct", "svca2"):
        return ([(0, stream.n_bins)],)
    cut = time_pieces(stream.segment_starts, stream.n_bins)
    return train_and_test(cut, seed) if method == "svca" else alternating(cut)


def _of_repeats(x: Any, method: Method, stimulus: str, search: Search) -> Spectrum:
    if method != "cvpca" or not isinstance(x, Recording):
        raise InputError(
            "a stimulus is given, which is for the method 'cvpca' on a Recording",
            remedy="Load the recording (popcode.load), or leave the stimulus out",
        )
    if stimulus not in x.covariates:
        raise InputError(
            f"no covariate is called {stimulus!r}",
            remedy=f"There are {', '.join(x.covariates) or 'none'}",
        )
    shown = presentations_of(_one_value_a_bin(x.covariates[stimulus]), x.segment_starts)
    return cvpca_of_repeats(standardised(as_stream(x)), shown, search, stimulus)


def _one_value_a_bin(values: NDArray) -> NDArray[np.int64]:
    """Number the values of a covariate; rows of several columns are one value each."""
    flat = values.reshape(len(values), -1)
    return np.unique(flat, axis=0, return_inverse=True)[1].ravel()
