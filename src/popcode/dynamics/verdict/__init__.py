"""How close a recording is to a critical symmetric network: a fit of the theory to it."""

from popcode.dynamics.verdict.decision import judged, verdict_of
from popcode.dynamics.verdict.measured import Measured, measured
from popcode.dynamics.verdict.widths import exponents_of_widths

__all__ = ["Measured", "exponents_of_widths", "judged", "measured", "verdict_of"]
