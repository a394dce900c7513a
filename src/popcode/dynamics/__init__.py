"""Critically normalised linear networks, and what tells whether a recording looks like one.

Names are imported on first use, so that a small question does not load every method.
"""

from importlib import import_module

_HOME = {
    "LinearNetwork": "popcode.dynamics.network",
    "PowerLaw": "popcode.dynamics.power_law",
    "Spectrum": "popcode.dynamics.spectra",
    "component_spread": "popcode.dynamics.spread",
    "component_timescales": "popcode.dynamics.timescales",
    "correlations_of": "popcode.dynamics.correlations",
    "exponent_interval": "popcode.dynamics.resampled_exponents",
    "fit_power_law": "popcode.dynamics.power_law",
    "neuron_halves": "popcode.dynamics.halves",
    "shifted_recording": "popcode.dynamics.shifted",
    "shifted_spectrum": "popcode.dynamics.shifted",
    "spectra_by_bin_width": "popcode.dynamics.bin_widths",
    "spectrum": "popcode.dynamics.spectra",
    "strong_pairs": "popcode.dynamics.pairs",
}

__all__ = [*_HOME]  # noqa: PLE0604  (the keys are strings)


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'popcode.dynamics' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
