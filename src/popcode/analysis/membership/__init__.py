"""Assemblies of one fit and of many: members, overlaps, regions, and those that return."""

from popcode.analysis.membership.consensus import Consensus, find_consensus, shuffled_fits
from popcode.analysis.membership.degrees import (
    Embedding,
    Uniformity,
    degree_uniformity,
    embedding,
)
from popcode.analysis.membership.extent import Extents, spatial_extents
from popcode.analysis.membership.grid import FitFacts, GridEffects, describe_fit, grid_effects
from popcode.analysis.membership.matching import UnitMatch, match_units, unit_correlations
from popcode.analysis.membership.members import (
    connected_neurons,
    members_beyond,
    members_by_level,
)
from popcode.analysis.membership.occupancy import Occupancy, region_occupancy
from popcode.analysis.membership.overlaps import Overlaps, assembly_overlaps
from popcode.analysis.membership.stability import FitStability, fit_stability
from popcode.analysis.membership.variance import Effect, TwoWay, two_way_variance

__all__ = [
    "Consensus",
    "Effect",
    "Embedding",
    "Extents",
    "FitFacts",
    "FitStability",
    "GridEffects",
    "Occupancy",
    "Overlaps",
    "TwoWay",
    "Uniformity",
    "UnitMatch",
    "assembly_overlaps",
    "connected_neurons",
    "degree_uniformity",
    "describe_fit",
    "embedding",
    "find_consensus",
    "fit_stability",
    "grid_effects",
    "match_units",
    "members_beyond",
    "members_by_level",
    "region_occupancy",
    "shuffled_fits",
    "spatial_extents",
    "two_way_variance",
    "unit_correlations",
]
