"""What a user may say about a source that its bytes do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from popcode.errors import InputError

Quality = Literal["all", "good", "allen"]
DEFAULT_BIN_S = 0.02  # of sources of spike times


@dataclass(frozen=True)
class ReadOptions:
    """How to read a source. Formats to which an option means nothing ignore it.

    Parameters
    ----------
    bin_s : float, optional
        Bin width in seconds. Spike times are counted in bins of it (20 ms by default); samples
        whose interval is known are merged to reach it; where it is unknown this states it.
    quality : {"all", "good", "allen"}
        Which units of a sorting to keep: all, those labelled good, or those that pass the
        thresholds of the Allen Institute (ISI violations below 0.5, amplitude cutoff below 0.1,
        presence ratio above 0.9, valid channel, inside the brain).
    min_rate_hz : float
        Units with fewer spikes a second are dropped.
    keep_layers : bool
        Name the region of a unit with its cortical layer (VISp2/3), not without (VISp).
    array : str, optional
        Which array, table or series to read where the source holds several.
    sampling_rate_hz : float, optional
        Samples a second, where the source counts time in samples and does not say.
    allow_pickle : bool
        Read pickled files of the source (suite2p's stat.npy and ops.npy), by an unpickler that
        makes arrays and plain values only.
    """

    bin_s: float | None = None
    quality: Quality = "all"
    min_rate_hz: float = 0.0
    keep_layers: bool = False
    array: str | None = None
    sampling_rate_hz: float | None = None
    allow_pickle: bool = False

    @property
    def sample_s(self) -> float:
        """Seconds a sample where `sampling_rate_hz` says it, else nan."""
        return float("nan") if self.sampling_rate_hz is None else 1 / self.sampling_rate_hz

    def check(self) -> None:
        """Raise InputError where a value is impossible."""
        for name in ("bin_s", "sampling_rate_hz"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value > 0):
                raise InputError(f"{name} is {value!r}", remedy="Give a positive number.")
        if not (np.isfinite(self.min_rate_hz) and self.min_rate_hz >= 0):
            raise InputError(
                f"min_rate_hz is {self.min_rate_hz!r}", remedy="Give spikes a second, from 0."
            )
        if self.quality not in get_args(Quality):
            raise InputError(
                f"quality is {self.quality!r}",
                remedy=f"Choose one of {', '.join(get_args(Quality))}.",
            )
