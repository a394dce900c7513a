"""Whether connection strengths are spread like a log-normal law rather than a normal one.

Source: van der Plas et al., eLife 12:e83139 (2023), Figure 5D.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Float = NDArray[np.float64]
_STREAM = 83


class StrengthLaw(NamedTuple):
    """A log-normal law held against a normal one, each with the data's own mean and deviation.

    Attributes
    ----------
    mean_log10, sd_log10 : float
        Of log10 of the strengths.
    distance, distance_normal : float
        Largest difference between the distribution of the strengths and either law
        (Kolmogorov-Smirnov); a sample of the log-normal law itself has `distance_expected`.
    distance_expected : float
        95 % of samples of the fitted log-normal law, fitted again, stay below.
    gain : float
        Mean log-likelihood of a strength under the log-normal law minus that under the normal
        one, in nats.
    gain_interval : (float, float)
        95 % interval over strengths drawn anew.
    n_entries : int
        Strengths above 0.
    """

    mean_log10: float
    sd_log10: float
    distance: float
    distance_normal: float
    distance_expected: float
    gain: float
    gain_interval: tuple[float, float]
    n_entries: int


def strength_law(values: NDArray, n_resamples: int = 300, seed: int = 0) -> StrengthLaw | None:
    """Compare the two laws on strengths that are known and above 0, of any shape.

    None for fewer than 8 of them, or strengths that are all the same.
    """
    strengths = np.asarray(values, np.float64).ravel()
    strengths = strengths[np.isfinite(strengths) & (strengths > 0)]
    if strengths.size < 8 or np.ptp(strengths) == 0:
        return None
    logs = np.log(strengths)
    gains = (
        norm.logpdf(logs, logs.mean(), logs.std())
        - logs
        - norm.logpdf(strengths, strengths.mean(), strengths.std())
    )
    rng = np.random.default_rng((seed, _STREAM))
    means = [gains[rng.integers(gains.size, size=gains.size)].mean() for _ in range(n_resamples)]
    low, high = np.quantile(means, (0.025, 0.975))
    drawn = [_distance(rng.normal(size=logs.size)) for _ in range(n_resamples)]
    return StrengthLaw(
        float(logs.mean() / np.log(10)),
        float(logs.std() / np.log(10)),
        _distance(logs),
        _distance(strengths),
        float(np.quantile(drawn, 0.95)),
        float(gains.mean()),
        (float(low), float(high)),
        int(strengths.size),
    )


def _distance(values: Float) -> float:
    """Kolmogorov-Smirnov distance to the normal law of the values' own mean and deviation."""
    ordered = np.sort(values)
    law = norm.cdf((ordered - ordered.mean()) / ordered.std())
    steps = np.arange(ordered.size + 1) / ordered.size
    return float(max((steps[1:] - law).max(), (law - steps[:-1]).max()))
