"""The truth of a simulated network on disk, beside its recording."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array, csr_array

from popcode.errors import InputError
from popcode.files.atomic import atomic_write
from popcode.simulate.area_network import Network

FORMAT = "popcode-planted-network"


def save_truth(truth: Network, path: str | os.PathLike[str]) -> None:
    """Write a planted network as npz; its couplings as (row, column, value) with row < column.

    Raises
    ------
    InputError
        A place that cannot be written.
    """
    upper = coo_array(truth.couplings)
    above = upper.row < upper.col
    with atomic_write(path) as temporary:
        np.savez_compressed(
            temporary,
            format=FORMAT,
            version=1,
            coupling_rows=upper.row[above],
            coupling_columns=upper.col[above],
            coupling_values=upper.data[above],
            fields=truth.fields,
            rates=truth.rates,
            areas=truth.areas,
            assemblies=truth.assemblies,
            strengths=truth.strengths,
        )


def load_truth(path: str | os.PathLike[str]) -> Network:
    """Read what `save_truth` wrote.

    Raises
    ------
    InputError
        No such file, or another kind of file.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as file:
            if "format" not in file or str(file["format"]) != FORMAT:
                raise ValueError("another kind of file")
            fields = file["fields"]
            places = (file["coupling_rows"], file["coupling_columns"])
            half = csr_array((file["coupling_values"], places), shape=(fields.size, fields.size))
            others = (file[name] for name in ("rates", "areas", "assemblies", "strengths"))
            return Network((half + half.T).tocsr(), fields, *others)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"cannot be read as a planted network ({error})",
            where=os.fspath(path),
            remedy="Give the .truth.npz that popcode simulate areas wrote",
        ) from error
