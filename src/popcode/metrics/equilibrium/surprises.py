"""How much every bin of the recording surprises the model, beside its own samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from popcode.metrics.equilibrium.axes import edges_between
from popcode.metrics.equilibrium.evidence import SurpriseSeries
from popcode.metrics.equilibrium.models import Values
from popcode.metrics.surprise import calibrate_surprise

_LEVELS = (0.005, 0.025, 0.25, 0.5, 0.75, 0.95, 0.975, 0.99, 0.995, 0.999)


def compare_surprise(train: Values, test: Values, samples: Values) -> dict[str, Any]:
    """Calibration of test and training bins against samples of the model.

    Parameters
    ----------
    train, test, samples : ndarray, shape (any,)
        -ln P(v) in nats.

    Returns
    -------
    dict
        ``test`` and ``train``, each the fields of `SurpriseCalibration`; the training bins' are
        what a recording that changes does to a model of itself.

    Raises
    ------
    InputError
        Fewer than 20 bins or samples, or values that are not finite.
    """
    return {
        name: calibrate_surprise(values, samples)
        for name, values in (("test", test), ("train", train))
    }


def series_of(train: Values, test: Values, samples: Values) -> SurpriseSeries:
    """Every bin's surprise, and the distribution of the samples'."""
    sets = {"test": test, "train": train, "model": samples}
    ends = [(float(values.min()), float(values.max())) for values in sets.values()]
    edges = edges_between(min(low for low, _ in ends), max(high for _, high in ends))
    levels = np.array(_LEVELS)
    return SurpriseSeries(
        train=train.astype(np.float32),
        test=test.astype(np.float32),
        edges=edges,
        counts={
            name: np.histogram(values, edges)[0].astype(np.int64) for name, values in sets.items()
        },
        levels=levels,
        quantiles=np.quantile(samples, levels),
    )
