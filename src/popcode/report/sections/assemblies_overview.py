"""All assemblies at once: sizes, overlaps, embedding, regions and places, beside controls."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.membership import (
    Extents,
    MembershipSurvey,
    Occupancy,
    members_beyond,
)
from popcode.recording.text import plural
from popcode.report.blocks import Block, Picture
from popcode.report.figures.canvas import drawn
from popcode.report.figures.membership import (
    MOST_REGIONS,
    draw_embedding,
    draw_extents,
    draw_occupancy,
    draw_sizes,
)
from popcode.report.numbers import decimal, percent, significant


def overview(weights: NDArray[np.floating], found: MembershipSurvey) -> list[Block]:
    """Figures of assemblies that have members.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_assemblies)
        At least one assembly; every one with members.
    found : MembershipSurvey
        Of the weights.

    Returns
    -------
    list of Block
    """
    above = members_beyond(weights, 0.01).sum(axis=0)
    blocks: list[Block] = [
        Picture(
            "How large, and how much shared",
            drawn(
                "sizes",
                "Sizes of assemblies, and neurons shared by pairs beside chance",
                partial(draw_sizes, found.overlaps, above),
            ),
            _sizes_caption(found),
        ),
        Picture(
            "Assemblies of a neuron",
            drawn(
                "embedding",
                "In how many assemblies neurons are, beside chance and at several thresholds",
                partial(draw_embedding, found.member, found.embedding),
            ),
            _embedding_caption(found),
        ),
    ]
    blocks += _regions(found.occupancy) + _extents(found.extents)
    return blocks


def _sizes_caption(found: MembershipSurvey) -> str:
    sizes, overlaps = found.overlaps.sizes, found.overlaps
    low, middle, high = np.quantile(sizes, (0.1, 0.5, 0.9))
    told = (
        f"Left: members of each assembly, median {significant(middle)} neurons (10 to 90 %: "
        f"{significant(low)} to {significant(high)}); dashed: the article's count, which grows "
        "with every weak weight."
    )
    if overlaps.n_pairs == 0:
        return told
    return told + (
        " Right: a point a pair, against what independent draws of members would share. "
        f"{overlaps.n_beyond_chance:,} of {plural(overlaps.n_pairs, 'pair')} share more than "
        "chance (hypergeometric, 5 % over all pairs together)."
    )


def _embedding_caption(found: MembershipSurvey) -> str:
    without, spread = found.uniformity.without, found.uniformity.dispersion
    return (
        "Left: bars beside the law of assemblies that draw their members by themselves from all "
        "neurons. Right: neurons in at least so many units. How evenly strong weights (one a "
        f"neuron on average) lie: {percent(without.value)} of the neurons have none, after "
        f"shuffling {percent(without.shuffled)} (95 %: {percent(without.shuffled_low)} to "
        f"{percent(without.shuffled_high)}); variance of their number over its mean "
        f"{decimal(spread.value, 2)}, shuffled {decimal(spread.shuffled, 2)} "
        f"({decimal(spread.shuffled_low, 2)} to {decimal(spread.shuffled_high, 2)}): above it, "
        "some neurons are hubs and others left out."
    )


def _regions(found: Occupancy | None) -> list[Block]:
    if found is None or not np.isfinite(found.n_regions).any():
        return []
    known = np.isfinite(found.n_regions)
    fewer = int((found.n_regions < found.shuffled_low)[known].sum())
    most = f" The {MOST_REGIONS} regions with the largest shares are shown, of {len(found.names)}."
    image = drawn(
        "regions",
        "Share of every region in every assembly, and effective number of regions beside chance",
        partial(draw_occupancy, found),
    )
    caption = (
        "Top: effective number of regions of each assembly (participation ratio of the shares), "
        f"median {decimal(float(np.median(found.n_regions[known])), 1)} of {len(found.names)}; the "
        "same weights on shuffled neurons: "
        f"{decimal(float(np.median(found.shuffled[known])), 1)}. {fewer} of "
        f"{plural(int(known.sum()), 'assembly')} lie in fewer regions than 97.5 % of the shuffles. "
        "Below: mean |weight| of the neurons of a region, scaled to a sum of 1 over regions, so "
        "that large regions do not count for their size. A neuron in several regions counts in "
        "each." + (most if len(found.names) > MOST_REGIONS else "")
    ).replace("assemblys", "assemblies")
    return [Picture("Regions of the assemblies", image, caption)]


def _extents(found: Extents | None) -> list[Block]:
    if found is None or not np.isfinite(found.spread_um).any():
        return []
    known = np.isfinite(found.spread_um)
    compact = int((found.p_compact[known] < 0.05).sum())
    image = drawn(
        "extents", "Spread of every assembly beside random neurons", partial(draw_extents, found)
    )
    caption = (
        "Root mean square distance of the members from their centre, beside as many neurons drawn "
        "at random from all that have a place. More compact than chance at p < .05: "
        f"{compact} of {int(known.sum())}, where {decimal(0.05 * known.sum(), 1)} are expected."
    )
    return [Picture("How far assemblies reach", image, caption)]
