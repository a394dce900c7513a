"""All that is asked of the assemblies of one fit, or of a consensus set, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.membership.degrees import (
    Embedding,
    Uniformity,
    degree_uniformity,
    embedding,
)
from popcode.analysis.membership.extent import Extents, spatial_extents
from popcode.analysis.membership.members import members_by_level
from popcode.analysis.membership.occupancy import Occupancy, region_occupancy
from popcode.analysis.membership.overlaps import Overlaps, assembly_overlaps
from popcode.analysis.neurons import NeuronFacts


class MembershipSurvey(NamedTuple):
    """Who belongs to which assembly, and where.

    Attributes
    ----------
    member : ndarray of bool, (n_neurons, n_hidden)
        By each assembly's own level; what `overlaps` and `extents` speak of.
    overlaps : Overlaps
    embedding : Embedding
    uniformity : Uniformity
    occupancy : Occupancy or None
        None where no neuron has a region.
    extents : Extents or None
        None where positions are not known along two axes.
    """

    member: NDArray[np.bool_]
    overlaps: Overlaps
    embedding: Embedding
    uniformity: Uniformity
    occupancy: Occupancy | None
    extents: Extents | None


def survey_membership(
    weights: NDArray[np.floating],
    neurons: NeuronFacts,
    *,
    left_out: Sequence[str] = (),
    seed: int = 0,
) -> MembershipSurvey:
    """Members, overlaps, embedding, regions and extents, each with its control.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    neurons : NeuronFacts
    left_out : sequence of str
        Regions that `region_occupancy` leaves out.
    seed : int
        Of the controls.

    Returns
    -------
    MembershipSurvey

    Raises
    ------
    InputError
        As `region_occupancy`.
    """
    member = members_by_level(weights)
    names, positions = neurons.region_names, neurons.positions_um
    return MembershipSurvey(
        member,
        assembly_overlaps(member),
        embedding(weights),
        degree_uniformity(weights, seed=seed),
        region_occupancy(weights, names, neurons.in_region, left_out=left_out, seed=seed)
        if names
        else None,
        None if positions is None else spatial_extents(member, positions, seed=seed),
    )
