"""The circuit of a simulated family on disk, beside the recordings of its animals."""

from __future__ import annotations

import os

import numpy as np

from popcode.files.atomic import atomic_write
from popcode.simulate.family import Circuit

FORMAT = "popcode-planted-circuit"


def save_circuit(circuit: Circuit, path: str | os.PathLike[str]) -> None:
    """Write a circuit as npz: `structure` (n_regions, n_regions) is its matrix.

    Raises
    ------
    InputError
        A place that cannot be written.
    """
    with atomic_write(path) as temporary:
        np.savez_compressed(
            temporary,
            format=FORMAT,
            version=1,
            structure=circuit.matrix,
            region_names=np.array(circuit.names),
            shares=circuit.shares,
            strengths=circuit.strengths,
            sizes=circuit.sizes,
        )
