"""Dynamic mode decomposition of recordings: lagged, with a ridge, within segments."""

from popcode.dynamics.dmd.asymmetry import Asymmetry, lagged_asymmetry
from popcode.dynamics.dmd.intervals import DmdIntervals, EigenvalueStatistics, dmd_intervals
from popcode.dynamics.dmd.operator import Dmd, dmd
from popcode.dynamics.dmd.rotations import Rotations, rotations

__all__ = [
    "Asymmetry",
    "Dmd",
    "DmdIntervals",
    "EigenvalueStatistics",
    "Rotations",
    "dmd",
    "dmd_intervals",
    "lagged_asymmetry",
    "rotations",
]
