"""Recordings with a known ground truth; no code is shared with the estimators tested on them."""

from popcode.simulate.area_network import Network, PlantedCouplings, signal_to_noise
from popcode.simulate.areas import simulate_areas
from popcode.simulate.assemblies import AssemblySettings, simulate_assemblies
from popcode.simulate.truth_files import load_truth, save_truth

__all__ = [
    "AssemblySettings",
    "Network",
    "PlantedCouplings",
    "load_truth",
    "save_truth",
    "signal_to_noise",
    "simulate_areas",
    "simulate_assemblies",
]
