"""Settings of a network that can be refused before it is drawn."""

from __future__ import annotations

from numbers import Integral, Real

from popcode.errors import InputError


def check_network(n_neurons: object, asymmetry: object, radius: object, seed: object) -> None:
    """Refuse by name what no network has.

    Raises
    ------
    InputError
        Naming the setting and its value.
    """
    if not isinstance(n_neurons, Integral) or int(n_neurons) < 2:
        raise InputError(f"n_neurons is {n_neurons!r}", remedy="Give a whole number of at least 2")
    if not isinstance(asymmetry, Real) or not 0 <= float(asymmetry) <= 1:
        raise InputError(f"asymmetry is {asymmetry!r}", remedy="Give a number from 0 to 1")
    if not isinstance(radius, Real) or not 0 < float(radius) < 1:
        raise InputError(
            f"radius is {radius!r}", remedy="Give a number between 0 and 1, such as 0.999"
        )
    if not isinstance(seed, Integral) or int(seed) < 0:
        raise InputError(f"seed is {seed!r}", remedy="Give a whole number of at least 0")


def check_runs(n_bins: object, n_runs: object) -> None:
    """Refuse a number of bins or runs that is not whole.

    Raises
    ------
    InputError
    """
    if not all(isinstance(n, Integral) and int(n) >= 1 for n in (n_bins, n_runs)):
        raise InputError(
            f"{n_bins!r} bins in {n_runs!r} runs", remedy="Give whole numbers of at least 1"
        )


def checked_n_values(n_values: int | None, n_neurons: int) -> int:
    """How many eigenvalues of a network are asked for; all where None.

    Raises
    ------
    InputError
        Fewer than 1 or more than there are.
    """
    if n_values is None:
        return n_neurons
    if not 1 <= n_values <= n_neurons:
        raise InputError(
            f"n_values is {n_values!r} of {n_neurons} neurons",
            remedy="Give at least 1 and at most all",
        )
    return int(n_values)
