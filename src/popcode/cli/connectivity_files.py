"""The file that ``popcode connectivity`` makes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from popcode.analysis.connectivity import ConnectivitySurvey
    from popcode.cli.connectivity_animals import Animal

FORMAT = "popcode-connectivity"


def save_connectivity(out: Path, survey: ConnectivitySurvey, animals: Sequence[Animal]) -> None:
    """Write every matrix with the names of its regions, whole or not at all.

    `METHOD` (n_regions, n_regions) is the average over animals and `METHOD_animals` (n_animals,
    n_regions, n_regions) what it is of; nan where unknown. `models` (n_models, n_regions,
    n_regions) are those of the runs that count.
    """
    import numpy as np

    from popcode.files import atomic_write

    with atomic_write(out) as temporary:
        np.savez_compressed(
            temporary,
            format=FORMAT,
            version=1,
            region_names=np.array(survey.names),
            methods=np.array([key_of(name) for name in survey.methods]),
            **_matrices(survey),  # type: ignore[arg-type]
            **_of_animals(survey, animals),  # type: ignore[arg-type]
        )


def key_of(method: str) -> str:
    """A method's name as a key of the file: cRBM, L2 becomes crbm_l2."""
    return re.sub(r"\W+", "_", method).lower()


def _matrices(survey: ConnectivitySurvey) -> dict[str, NDArray]:
    import numpy as np

    arrays: dict[str, NDArray] = {}
    for name, measured in survey.methods.items():
        key = key_of(name)
        arrays[key] = measured.average.values
        arrays[f"{key}_animals"] = np.stack([each.values for each in measured.animals])
        if measured.between is not None:
            arrays[f"{key}_between_animals"] = measured.between.pearson
    if survey.structure is not None:
        arrays["structure"] = survey.structure.values
    return arrays


def _of_animals(survey: ConnectivitySurvey, animals: Sequence[Animal]) -> dict[str, NDArray]:
    import numpy as np

    from popcode.analysis.connectivity import aligned

    own = next(iter(survey.methods.values())).animals
    models = [model for animal in animals for model in animal.connectivity.of_models]
    runs = [
        str(model.run) for animal in animals for model in animal.models if model.failure is None
    ]
    # All animals' regions, also where the models counted lack some.
    padded = aligned([*models, own[0]._replace(values=own[0].values * np.nan)])[:-1]
    return {
        "animals": np.array([animal.name for animal in animals]),
        "n_bins": np.array([each.n_bins for each in own]),
        "n_neurons_of_region": np.stack([each.sizes for each in own]),
        "models": np.stack([each.values for each in padded]),
        "model_runs": np.array(runs),
        "model_animals": np.array(
            [animal.name for animal in animals for _ in animal.connectivity.of_models]
        ),
    }
