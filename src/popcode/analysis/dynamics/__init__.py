"""Hidden units over time: their two levels, their time constants, what they do together."""

from popcode.analysis.dynamics.levels import TwoLevels, chance_gain, fit_two_levels
from popcode.analysis.dynamics.slower import SlowerTest, slower_than
from popcode.analysis.dynamics.survey import DynamicsSurvey, survey_dynamics
from popcode.analysis.dynamics.time_constants import (
    TimeConstants,
    hidden_time_constants,
    neuron_time_constants,
    time_constants,
)
from popcode.analysis.dynamics.together import (
    TraceComponents,
    TraceCorrelations,
    TraceOrder,
    trace_components,
    trace_correlations,
    ward_order,
)

__all__ = [
    "DynamicsSurvey",
    "SlowerTest",
    "TimeConstants",
    "TraceComponents",
    "TraceCorrelations",
    "TraceOrder",
    "TwoLevels",
    "chance_gain",
    "fit_two_levels",
    "hidden_time_constants",
    "neuron_time_constants",
    "slower_than",
    "survey_dynamics",
    "time_constants",
    "trace_components",
    "trace_correlations",
    "ward_order",
]
