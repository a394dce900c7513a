"""What a maximum-entropy fit may be asked for."""

from numbers import Real
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.estimators.arguments import check_whole


def check_settings(values: dict[str, Any]) -> None:
    """Refuse impossible arguments of an estimator, by name.

    Raises
    ------
    InputError
    """
    check_whole(n_sweeps=values["n_sweeps"])
    check_whole(least=0, seed=values["seed"])
    for name in ("n_updates", "n_chains", "n_annealing"):
        if not _is_auto(values[name]):
            check_whole(**{name: values[name]})
    for name in ("learning_rate", "prior_sd"):
        if name == "prior_sd" and _is_auto(values[name]):
            continue
        value = values[name]
        real = isinstance(value, Real) and not isinstance(value, bool)
        if not real or not 0 < float(value) < np.inf:
            raise InputError(f"{name} is {value!r}", remedy="Give a number above 0")


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"
