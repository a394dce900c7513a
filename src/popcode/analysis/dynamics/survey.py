"""All that is asked of the courses of hidden units at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.dynamics.levels import TwoLevels, chance_gain, fit_two_levels
from popcode.analysis.dynamics.slower import SlowerTest, slower_than
from popcode.analysis.dynamics.time_constants import (
    TimeConstants,
    hidden_time_constants,
    neuron_time_constants,
)
from popcode.analysis.dynamics.together import (
    TraceComponents,
    TraceCorrelations,
    TraceOrder,
    trace_components,
    trace_correlations,
    ward_order,
)

Float = NDArray[np.float64]


class DynamicsSurvey(NamedTuple):
    """Levels, time constants, and what units do together.

    Attributes
    ----------
    levels : TwoLevels
    chance : ndarray, (n_hidden,)
        Gain of two Gaussians that Gaussian traces of the same spectrum reach once in 20.
    hidden, neurons : TimeConstants
    slower : SlowerTest or None
        Of the periods; None where either group has none.
    correlations : TraceCorrelations
    order : TraceOrder
    components : TraceComponents or None
        None where no unit varies within a segment.
    """

    levels: TwoLevels
    chance: Float
    hidden: TimeConstants
    neurons: TimeConstants
    slower: SlowerTest | None
    correlations: TraceCorrelations
    order: TraceOrder
    components: TraceComponents | None

    @property
    def bimodal(self) -> NDArray[np.bool_]:
        """Units with a valley between their levels and more gain than chance, (n_hidden,)."""
        return self.levels.two_modes & (self.levels.gain > self.chance)


def survey_dynamics(
    traces: NDArray[np.floating],
    activity: NDArray,
    segment_starts: NDArray[np.int64],
    *,
    bin_s: float = float("nan"),
    seed: int = 0,
) -> DynamicsSurvey:
    """Two levels, time constants, correlations and components, each with its control.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_hidden)
        E[h|v], turned so that activity excites.
    activity : ndarray, (n_bins, n_neurons)
        Of the neurons in the same bins.
    segment_starts : ndarray of int, (n_segments,)
        First bin of every contiguous stretch; nothing crosses one.
    bin_s : float
        Seconds a bin; nan where unknown.
    seed : int
        Of the controls.

    Returns
    -------
    DynamicsSurvey

    Raises
    ------
    InputError
        Traces that are not finite, segments that do not increase from 0.
    """
    levels = fit_two_levels(traces)
    hidden = hidden_time_constants(traces, levels, segment_starts, bin_s=bin_s)
    neurons = neuron_time_constants(activity, segment_starts, bin_s=bin_s)
    correlations = trace_correlations(traces, segment_starts, seed=seed)
    varies = np.isfinite(np.diag(correlations.matrix)).any()
    compared = np.isfinite(hidden.period).any() and np.isfinite(neurons.period).any()
    return DynamicsSurvey(
        levels,
        chance_gain(traces, segment_starts, seed=seed).max(axis=0),
        hidden,
        neurons,
        slower_than(hidden.period, neurons.period, seed=seed) if compared else None,
        correlations,
        ward_order(correlations.matrix),
        trace_components(traces, segment_starts, seed=seed) if varies else None,
    )
