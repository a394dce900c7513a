"""The statistical structure of large neural recordings, from three sides on one data object.

Names are imported on first use, so that ``import popcode`` stays fast and has no side effects.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("popcode")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

_HOME = {
    "InputError": "popcode.errors",
    "PopcodeWarning": "popcode.errors",
    "Recording": "popcode.recording",
    "load": "popcode.io",
    "save": "popcode.io",
    "info": "popcode.io",
    "split": "popcode.preprocess",
    "deconvolve": "popcode.preprocess",
    "BernoulliRBM": "popcode.rbm",
    "CompositionalRBM": "popcode.rbm",
    "Independent": "popcode.baselines",
    "KPairwise": "popcode.baselines",
    "Pairwise": "popcode.baselines",
    "load_model": "popcode.loading",
    "evaluate": "popcode.metrics",
    "LinearNetwork": "popcode.dynamics",
    "component_timescales": "popcode.dynamics",
    "dmd": "popcode.dynamics.dmd",
    "fit_power_law": "popcode.dynamics",
    "spectrum": "popcode.dynamics",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604  (the keys are strings)


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'popcode' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
