"""Which neurons belong to which area, and which can be said something about."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

# Fewer make the mean of an area pair the matter of one or two neurons.
LEAST_NEURONS = 8


class Areas(NamedTuple):
    """Neurons by area.

    Attributes
    ----------
    names : tuple of str
    member : ndarray of bool, (n_neurons, n_areas)
        Areas may overlap; a neuron without an area is in none.
    notes : tuple of str
        Who was left out and why.
    """

    names: tuple[str, ...]
    member: NDArray[np.bool_]
    notes: tuple[str, ...]

    @property
    def n_areas(self) -> int:
        """Number of areas."""
        return len(self.names)

    @property
    def placed(self) -> NDArray[np.int64]:
        """Neurons that are in an area."""
        return np.flatnonzero(self.member.any(axis=1))


def usable_areas(
    names: tuple[str, ...], member: NDArray[np.bool_], least: int = LEAST_NEURONS
) -> Areas:
    """Keep the areas that hold enough neurons.

    Parameters
    ----------
    names : tuple of str
    member : ndarray of bool, (n_neurons, n_areas)
    least : int
        Neurons of an area that is kept.

    Returns
    -------
    Areas

    Raises
    ------
    InputError
        No area is left.
    """
    sizes = member.sum(axis=0)
    kept = sizes >= least
    if not kept.any():
        raise _none_left(names, sizes, least)
    notes = []
    if not kept.all():
        small = ", ".join(f"{names[k]} ({sizes[k]})" for k in np.flatnonzero(~kept))
        notes.append(f"left out, of fewer than {least} neurons: {small}")
    n_homeless = int((~member[:, kept].any(axis=1)).sum())
    if n_homeless:
        notes.append(f"{n_homeless:,} of {len(member):,} neurons are in none of the areas compared")
    chosen = tuple(np.array(names, dtype=object)[kept])
    return Areas(chosen, member[:, kept], tuple(notes))


def _none_left(names: tuple[str, ...], sizes: NDArray[np.int64], least: int) -> InputError:
    what = f"no area holds {least} neurons or more"
    if not names or not sizes.any():
        return InputError(what, remedy="Give the neurons their areas in the column region")
    largest = int(sizes.argmax())
    return InputError(
        f"{what} (the largest, {names[largest]}, holds {sizes[largest]})",
        remedy=f"Areas of fewer than {least} are left out: join them, or use another column",
    )


def labelled(labels: NDArray, least: int = LEAST_NEURONS) -> Areas:
    """Areas of neurons that have one label each, (n_neurons,) text; "" for none.

    Raises
    ------
    InputError
        No area holds enough neurons.
    """
    texts = np.asarray(labels, dtype=object).astype(str)
    names = sorted(set(texts.tolist()) - {""})
    member = np.array([texts == name for name in names], bool).reshape(len(names), len(texts)).T
    return usable_areas(tuple(names), member, least)
