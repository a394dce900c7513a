"""Hidden units over time: their order, their two levels, how slow they are, what they share."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.dynamics import DynamicsSurvey, SlowerTest, survey_dynamics
from popcode.analysis.membership import excitatory_signs, living_units
from popcode.recording.text import plural
from popcode.report.blocks import Block, Picture, Section, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.levels import draw_examples, draw_levels
from popcode.report.figures.timeline import timeline_of
from popcode.report.figures.traces import draw_components, draw_time_constants, draw_traces
from popcode.report.numbers import decimal, percent, significant

_HOW = (
    "E[h|v] of the hidden units with weights, in all bins, each turned so that its activity "
    "excites its members. Nothing is taken across the border of two segments."
)


def dynamics_section(contents: RunContents) -> Section:
    """Traces, levels, time constants and components, each beside its control."""
    title = "Dynamics"
    if contents.source is None or contents.hidden is None:
        return Section("dynamics", title, (Text(contents.missing["source"], "absent"),))
    recording = contents.source.recording
    units = np.flatnonzero(living_units(contents.weights))
    traces = contents.hidden[:, units] * excitatory_signs(contents.weights)[units]
    if not (np.ptp(traces, axis=0) > 0).any():
        return Section("dynamics", title, (Text("No hidden unit changes over time.", "absent"),))
    found = survey_dynamics(
        traces,
        recording.activity,
        recording.segment_starts,
        bin_s=recording.bin_s,
        seed=contents.record.seed,
    )
    picture = Picture(
        "All units",
        drawn(
            "traces",
            "Traces of all hidden units in Ward's order, and their correlations",
            lambda: draw_traces(
                traces, found.order.order, found.correlations.matrix, timeline_of(recording)
            ),
        ),
        _traces_caption(found),
    )
    blocks: list[Block] = [Text(_HOW), picture, *_levels(found, traces, units)]
    blocks += [*_time_constants(found), *_components(found)]
    return Section("dynamics", title, tuple(blocks))


def _traces_caption(found: DynamicsSurvey) -> str:
    correlations = found.correlations
    told = (
        "Ward's clustering puts units that move together next to each other (short stretches of "
        "bins are averaged where there are many)."
    )
    if not np.isfinite(correlations.beyond_chance):
        return told
    return told + (
        f" {percent(correlations.beyond_chance)} of the pairs correlate beyond "
        f"{decimal(correlations.chance, 2)} in size, which traces shifted in time exceed in 5 %."
    )


def _levels(
    found: DynamicsSurvey, traces: NDArray[np.floating], units: NDArray[np.int64]
) -> list[Block]:
    if not np.isfinite(found.levels.valley).any():
        return []
    examples = Picture(
        "Two levels: examples",
        drawn(
            "levels",
            "Values of a few hidden units with two fitted Gaussians",
            partial(draw_examples, traces, found.levels, units),
        ),
        "Black: two Gaussians. Dashed: the point halfway between their means, the border between "
        "inactive and active. Valley: the density at its lowest point between them over the lower "
        "peak; 1 is a single hump, below 0.5 is called bimodal. From the deepest to the "
        "shallowest of all units.",
    )
    n = len(units)
    every = Picture(
        "Two levels: all units",
        drawn("all-levels", "Valley and gain of all hidden units", partial(draw_levels, found)),
        f"{int(found.bimodal.sum())} of {plural(n, 'unit')} are bimodal: a valley below 0.5 "
        "(dashed), and two Gaussians gain more over one than in any of 19 Gaussian traces of the "
        f"same spectrum (points above the line; by chance at most {decimal(0.05 * n, 1)}). Slow "
        "traces visit few values, so a gain alone says little.",
    )
    return [examples, every]


def _time_constants(found: DynamicsSurvey) -> list[Block]:
    if found.slower is None:
        why = "no hidden unit" if not np.isfinite(found.hidden.period).any() else "no neuron"
        text = f"Time constants are not shown: {why} went on and off often enough in a segment."
        return [Text(text, "absent")]
    image = drawn(
        "time-constants",
        "Time constants of hidden units and of neurons",
        partial(draw_time_constants, found.hidden, found.neurons),
    )
    return [Picture("Time constants", image, _time_caption(found, found.slower))]


def _time_caption(found: DynamicsSurvey, test: SlowerTest) -> str:
    unit = found.hidden.unit
    if test.low > 0.5:
        reading = "hidden units are slower than neurons"
    elif test.high < 0.5:
        reading = "hidden units are faster than neurons"
    else:
        reading = "no difference is certain"
    covered = float(np.median(found.hidden.complete_share))
    return (
        "Units switch at 60 % of the way between their two levels upwards and at 40 % downwards; "
        "a neuron is active or not. Only intervals that begin and end in a segment count "
        f"({percent(covered)} of the bins of a unit in the median: where it is small, long "
        f"intervals are missing). Lines: medians, {significant(test.hidden_median)} and "
        f"{significant(test.neuron_median)} {unit} from one onset to the next. The chance that a "
        f"unit's period is longer than a neuron's is {decimal(test.superiority, 2)} (95 %: "
        f"{decimal(test.low, 2)} to {decimal(test.high, 2)}; 0.5 without a difference): {reading}. "
        f"Mann-Whitney, one-sided: p = {significant(test.p, 2)}, for "
        f"{plural(test.n_hidden, 'unit')} and {plural(test.n_neurons, 'neuron')}."
    )


def _components(found: DynamicsSurvey) -> list[Block]:
    components = found.components
    if components is None or len(components.shares) < 2:
        return []
    first = min(3, len(components.shares))
    share, chance = (float(each[:first].sum()) for each in (components.shares, components.chance))
    image = drawn(
        "components",
        "Variance of the principal components of the traces beside shifted traces",
        partial(draw_components, components),
    )
    caption = (
        "Principal components of the traces, each about its mean in every segment. "
        f"{components.n_beyond_chance} stand above traces shifted in time; the first {first} hold "
        f"{percent(share)} of the variance, of shifted traces {percent(chance)}."
    )
    return [Picture("How many things happen", image, caption)]
