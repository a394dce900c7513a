"""Whether samples lie among the test bins, for every model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.metrics.equilibrium.models import Binary
from popcode.metrics.nearest import adversarial_accuracy


def compare_neighbours(test: Binary, others: Mapping[str, Binary]) -> dict[str, Any]:
    """Adversarial accuracy of every set against the same test bins.

    Parameters
    ----------
    test : ndarray of uint8, shape (n_nearest, n_neurons)
    others : mapping of str to ndarray of uint8, shape (n_nearest, n_neurons)

    Returns
    -------
    dict
        ``n_bins``, and ``models``: set -> the fields of `AdversarialAccuracy`.

    Raises
    ------
    InputError
        Fewer than three bins.
    """
    found = {name: adversarial_accuracy(test, x)._asdict() for name, x in others.items()}
    return {"n_bins": len(test), "models": found}
