"""Spectra of recordings: how variance falls off along their components."""

from popcode.dynamics.spectra.measure import spectrum
from popcode.dynamics.spectra.result import Spectrum

__all__ = ["Spectrum", "spectrum"]
