"""Recordings with a known ground truth; no code is shared with the estimators tested on them."""

from popcode.simulate.assemblies import AssemblySettings, simulate_assemblies

__all__ = ["AssemblySettings", "simulate_assemblies"]
