"""Effective couplings: which neurons act on which, and what brain areas have to do with it."""

from __future__ import annotations

import numpy as np

from popcode.analysis.areas import AreaSurvey, places_of, survey_areas
from popcode.errors import InputError
from popcode.report.blocks import Block, Bullets, Picture, Section, Text
from popcode.report.contents import FoundCouplings, RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.couplings import (
    draw_area_table,
    draw_coupling_matrix,
    draw_couplings,
    draw_distance_curve,
    draw_within_between,
)
from popcode.report.numbers import decimal, significant

_N_SHUFFLES = 1000
_WHAT = (
    "A coupling is what two neurons active together add to the log probability of a bin beyond "
    "what each adds alone, averaged over a background in which all others are independent with "
    "their rates (the mixed difference in 0 and 1; 4 J of an Ising model on a uniform background)."
)


def couplings_section(contents: RunContents) -> Section:
    """Couplings, by area where the recording has areas."""
    title, found = "Effective couplings", contents.couplings
    if found is None:
        return Section("couplings", title, (Text("The model gives no couplings.", "absent"),))
    upper = found.matrix[np.triu_indices(len(found.matrix), 1)]
    blocks: list[Block] = [Text(_WHAT), Text(_spread(found, upper))]
    if contents.source is None:
        blocks += [_distribution(upper), Text(contents.missing["source"], "absent")]
        return Section("couplings", title, tuple(blocks))
    try:
        seed = contents.record.seed
        places = places_of(contents.source.recording)
        survey = survey_areas(found.matrix, places, n_shuffles=_N_SHUFFLES, seed=seed)
    except InputError as error:
        blocks += [_distribution(upper), Text(f"Not shown by area: {error}", "absent")]
        return Section("couplings", title, tuple(blocks))
    return Section("couplings", title, (*blocks, *_by_area(found, survey)))


def _distribution(upper: np.ndarray) -> Picture:
    return Picture(
        "All pairs",
        drawn("couplings", "Distribution of the couplings", lambda: draw_couplings(upper)),
        "The tails are what tells: most pairs are hardly coupled. A second fit with another seed "
        "says how much of them comes back.",
    )


def _spread(found: FoundCouplings, upper: np.ndarray) -> str:
    low, middle, high = np.percentile(upper, [5, 50, 95])
    return (
        f"{upper.size:,} pairs: median {significant(middle)}, 5 to 95 % {significant(low)} to "
        f"{significant(high)} nats. All pairs are worked out at once; the largest error of that "
        f"over the pairs checked is {significant(found.error)}."
    )


def _by_area(found: FoundCouplings, survey: AreaSurvey) -> list[Block]:
    null = survey.strictest.mean
    shuffled = "within probes" if survey.within_probe is not None else "among all neurons"
    blocks: list[Block] = [
        Text(
            f"Within areas couplings are stronger than between by {significant(null.difference)} "
            f"nats on average (p = {significant(null.difference_p)}, one-sided; "
            f"{null.n_shuffles:,} shuffles of the area labels {shuffled}; z = "
            f"{decimal(null.difference_z, 1)})."
        ),
        Picture(
            "Couplings by area",
            drawn("area-table", "Mean coupling by area", lambda: draw_area_table(survey)),
            "Left: mean coupling of the pairs. Right: how far it stands from shuffled labels, in "
            "their standard deviations; dots where p < .05 (two: p < .01) over all pairs of areas. "
            "A pair of areas below its null is weaker than shuffled pairs, among which are strong "
            "ones of one area: that is not inhibition.",
        ),
        Picture(
            "The matrix",
            drawn(
                "coupling-matrix",
                "Couplings of all pairs, by area",
                lambda: draw_coupling_matrix(found.matrix, survey.areas),
            ),
            "Neurons sorted by area.",
        ),
        Picture(
            "Within and between areas",
            drawn(
                "within-between",
                "Distributions of couplings within and between areas",
                lambda: draw_within_between(found.matrix, survey.areas),
            ),
            "The tails are what areas differ in: most pairs are not coupled.",
        ),
    ]
    curve = survey.distance
    if curve is not None:
        blocks.append(
            Picture(
                "Distance",
                drawn("distance", "Coupling by distance", lambda: draw_distance_curve(curve)),
                "Pairs of one area on one probe. Neighbouring channels share noise and spike "
                "sorting: what falls off within some 50 µm may be theirs.",
            )
        )
    if survey.notes:
        blocks.append(Bullets("What to know", survey.notes))
    return blocks
