"""The file that ``popcode couplings`` makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from popcode.analysis.areas import AreaSurvey

FORMAT = "popcode-couplings"


def save_couplings(
    out: Path,
    couplings: NDArray[np.float64],
    fields: NDArray[np.float64],
    background: str,
    ids: list[str],
    survey: AreaSurvey | None,
) -> None:
    """Write couplings, fields and the tables by area, whole or not at all."""
    import numpy as np

    from popcode.files import atomic_write

    with atomic_write(out) as temporary:
        np.savez_compressed(
            temporary,
            format=FORMAT,
            version=1,
            couplings=np.asarray(couplings, np.float32),
            fields=fields,
            background=background,
            ids=np.array(ids),
            **({} if survey is None else _tables(survey)),  # type: ignore[arg-type]
        )


def _tables(survey: AreaSurvey) -> dict[str, NDArray]:
    """Every table by its name; (n_areas, n_areas) each."""
    import numpy as np

    arrays: dict[str, NDArray] = {
        "area_names": np.array(survey.areas.names),
        "in_area": survey.areas.member,
        "notes": np.array(survey.notes, dtype=str),
        "mean_interval": np.stack([survey.interval.low, survey.interval.high]),
        "mean_absolute_interval": np.stack(
            [survey.interval_absolute.low, survey.interval_absolute.high]
        ),
        "within_between": np.array(survey.contrast),
        "within_between_absolute": np.array(survey.contrast_absolute),
    }
    arrays |= {f"table_{name}": np.array(each) for name, each in survey.tables._asdict().items()}
    for how, nulls in (("anywhere", survey.anywhere), ("within_probe", survey.within_probe)):
        for what, null in () if nulls is None else nulls._asdict().items():
            for name in ("z", "p", "p_family", "difference", "difference_z", "difference_p"):
                arrays[f"null_{how}_{what}_{name}"] = np.array(getattr(null, name))
    if survey.distance is not None:
        arrays |= {f"distance_{k}": np.array(v) for k, v in survey.distance._asdict().items()}
    return arrays
