"""What ``popcode convert`` is asked to change, in the one order in which it is done."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from typing import Annotated, Literal

from cyclopts import Parameter

from popcode.cli.reading import Flag
from popcode.errors import InputError

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_EPOCH = re.compile(rf"\s*({_NUMBER})\s*-\s*({_NUMBER})\s*")


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class Changes:
    """Options of ``popcode convert`` that change what was read.

    Parameters
    ----------
    regions : str
        Keep the neurons in any of these regions: names with commas between.
    labelled : bool
        Keep the neurons that lie in any region.
    epochs : str
        Keep the bins inside these epochs, in seconds: "0-600,700-900". Of absolute time where
        the input knows it, else from its first bin.
    dff : bool
        Make relative changes of raw fluorescence, (F - b) / b with a running baseline b.
    deconvolve : bool
        Find the spikes behind calcium traces.
    rise_s : float
        Rise time of a calcium transient for --deconvolve; found by itself by default.
    decay_s : float
        Its decay time.
    smooth_s : float
        Smooth in time by a Gaussian of this standard deviation in seconds, never across segments.
    causal : bool
        Smooth by past and present bins only.
    zscore : bool
        Bring every neuron to mean 0 and standard deviation 1.
    binarize : bool
        Make the activity binary: counts by v >= 1, real values by the noise of every neuron,
        deconvolved ones by the threshold of every neuron.
    threshold : float
        Make it binary: active above this value.
    quantile : float
        Make it binary: active above this quantile of the neuron (0.95: the highest twentieth).
    z : float
        Make it binary: active above the mean of the neuron by this many standard deviations.
    shuffle : {"rows", "neurons", "halves"}
        Make a control: bins permuted; every neuron shifted in time by itself; one half of the
        neurons shifted in time against the other.
    seed : int
        For --shuffle; 0 by default.
    """

    regions: str | None = None
    labelled: Annotated[bool, Flag] = False
    epochs: str | None = None
    dff: Annotated[bool, Flag] = False
    deconvolve: Annotated[bool, Flag] = False
    rise_s: float | None = None
    decay_s: float | None = None
    smooth_s: float | None = None
    causal: Annotated[bool, Flag] = False
    zscore: Annotated[bool, Flag] = False
    binarize: Annotated[bool, Flag] = False
    threshold: float | None = None
    quantile: float | None = None
    z: float | None = None
    shuffle: Literal["rows", "neurons", "halves"] | None = None
    seed: int | None = None

    @property
    def thresholds(self) -> list[str]:
        """Options given that say how to make the activity binary, as typed."""
        names = ("threshold", "quantile", "z")
        return [f"--{name}" for name in names if getattr(self, name) is not None]

    def check(self) -> None:
        """Refuse options that contradict each other or do nothing.

        Raises
        ------
        InputError
        """
        self._refuse_contradictions()
        self._refuse_without("--deconvolve", self.deconvolve, ("rise_s", "decay_s"))
        self._refuse_without("--smooth-s", self.smooth_s is not None, ("causal",))
        self._refuse_without("--shuffle", self.shuffle is not None, ("seed",))
        self.chosen_regions()
        self.chosen_epochs()

    def _refuse_contradictions(self) -> None:
        if len(self.thresholds) > 1:
            raise InputError(
                f"{' and '.join(self.thresholds)} are different ways to make the activity binary",
                remedy="Give one of them",
            )
        if self.zscore and (self.binarize or self.thresholds):
            option = self.thresholds[0] if self.thresholds else "--binarize"
            raise InputError(
                f"--zscore would be lost to {option}: binary activity has no z-scores",
                remedy="Leave one out; --z 2 alone is a threshold 2 standard deviations up",
            )

    def _refuse_without(self, needed: str, given: bool, names: tuple[str, ...]) -> None:
        for name in names:
            value = getattr(self, name)
            if not (value is None or value is False or given):
                raise InputError(
                    f"--{name.replace('_', '-')} does nothing without {needed}",
                    remedy=f"Add {needed}, or leave it out",
                )

    def chosen_regions(self, known: Collection[str] = ()) -> list[str]:
        """Names of --regions; empty where it was not given.

        Parameters
        ----------
        known : collection of str
            Regions of the recording: those with commas in their names are kept whole.
        """
        if self.regions is None:
            return []
        pieces = [piece.strip() for piece in self.regions.split(",")]
        if not all(pieces):
            raise InputError(
                f"--regions {self.regions!r} has an empty name",
                remedy="Write names with commas between: --regions CA1,CA3",
            )
        names = []
        while pieces:
            whole = [n for n in range(len(pieces), 1, -1) if ", ".join(pieces[:n]) in known]
            n_joined = whole[0] if whole else 1
            names.append(", ".join(pieces[:n_joined]))
            del pieces[:n_joined]
        return names

    def chosen_epochs(self) -> list[tuple[float, float]]:
        """Starts and stops of --epochs in seconds; empty where it was not given."""
        if self.epochs is None:
            return []
        found = [_EPOCH.fullmatch(part) for part in self.epochs.split(",")]
        epochs = [(float(match[1]), float(match[2])) for match in found if match]
        if len(epochs) < len(found) or any(stop <= start for start, stop in epochs):
            raise InputError(
                f"--epochs {self.epochs!r} cannot be read",
                remedy="Write starts and later stops in seconds: --epochs 0-600,700-900",
            )
        return epochs
