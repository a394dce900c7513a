"""A selector's rungs as plain arrays, for checkpoints."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering.selection import Rung, RungSelector

_NAMES = ("weights", "fields", "theta", "chains", "update")


def selector_arrays(selector: RungSelector) -> dict[str, NDArray]:
    """Arrays `rung_<name>` (n_rungs, ...) and `previous_<name>` (0 or 1, ...); none if empty."""
    found = _stacked("rung", selector.rungs)
    if selector.previous is not None:
        found |= _stacked("previous", [selector.previous])
    return found


def selector_from(arrays: Mapping[str, NDArray], target: float, max_rungs: int) -> RungSelector:
    """The selector that `selector_arrays` was given."""
    previous = _unstacked("previous", arrays)
    return RungSelector(
        target, max_rungs, _unstacked("rung", arrays), previous[0] if previous else None
    )


def _stacked(prefix: str, rungs: list[Rung]) -> dict[str, NDArray]:
    values = [
        (*rung.parameters[:2], rung.parameters.hidden.theta, rung.chains, rung.update)
        for rung in rungs
    ]
    columns = zip(*values, strict=True)
    return {
        f"{prefix}_{name}": np.stack(column) for name, column in zip(_NAMES, columns, strict=False)
    }


def _unstacked(prefix: str, arrays: Mapping[str, NDArray]) -> list[Rung]:
    if f"{prefix}_{_NAMES[0]}" not in arrays:
        return []
    columns = [arrays[f"{prefix}_{name}"] for name in _NAMES]
    return [
        Rung(Parameters(weights, fields, Bernoulli(theta)), chains, int(update))
        for weights, fields, theta, chains, update in zip(*columns, strict=True)
    ]
