"""Assemblies of one fit and of many: members, overlaps, regions, and those that return."""

from popcode.analysis.membership.consensus import Consensus, find_consensus, shuffled_fits
from popcode.analysis.membership.degrees import (
    Embedding,
    Interval,
    Uniformity,
    degree_uniformity,
    embedding,
    expected_degrees,
)
from popcode.analysis.membership.extent import Extents, spatial_extents
from popcode.analysis.membership.grid import FitFacts, GridEffects, describe_fit, grid_effects
from popcode.analysis.membership.matching import (
    UnitMatch,
    match_units,
    same_weights,
    unit_correlations,
)
from popcode.analysis.membership.members import (
    excitatory_signs,
    living_units,
    members_beyond,
    members_by_level,
    membership_threshold,
)
from popcode.analysis.membership.occupancy import Occupancy, region_occupancy
from popcode.analysis.membership.overlaps import Overlaps, assembly_overlaps
from popcode.analysis.membership.stability import FitStability, fit_stability
from popcode.analysis.membership.survey import MembershipSurvey, survey_membership
from popcode.analysis.membership.variance import Effect, TwoWay, two_way_variance

__all__ = [
    "Consensus",
    "Effect",
    "Embedding",
    "Extents",
    "FitFacts",
    "FitStability",
    "GridEffects",
    "Interval",
    "MembershipSurvey",
    "Occupancy",
    "Overlaps",
    "TwoWay",
    "Uniformity",
    "UnitMatch",
    "assembly_overlaps",
    "degree_uniformity",
    "describe_fit",
    "embedding",
    "excitatory_signs",
    "expected_degrees",
    "find_consensus",
    "fit_stability",
    "grid_effects",
    "living_units",
    "match_units",
    "members_beyond",
    "members_by_level",
    "membership_threshold",
    "region_occupancy",
    "same_weights",
    "shuffled_fits",
    "spatial_extents",
    "survey_membership",
    "two_way_variance",
    "unit_correlations",
]
