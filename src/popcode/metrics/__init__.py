"""A model and withheld bins -> numbers: what the model gets right, and what no model could."""

from popcode.metrics.comparison import Comparison, compare, sample_count
from popcode.metrics.controls import independent_samples, resampled_bins
from popcode.metrics.density import density_of
from popcode.metrics.evaluation import Evaluation, evaluate, judge, score_comparison
from popcode.metrics.evidence import Evidence, read_evidence, write_evidence
from popcode.metrics.likelihood import independent_log_likelihood
from popcode.metrics.matching import matched_correlations
from popcode.metrics.model import GenerativeModel
from popcode.metrics.moments import (
    Choice,
    Moments,
    hidden_covariance,
    mean_activity,
    moments_of,
    neuron_covariance,
    neuron_hidden,
    third_moments,
)
from popcode.metrics.phase import active_units, inactive_level, participation_ratio
from popcode.metrics.population import activity_counts, divergence
from popcode.metrics.principal import principal_axes
from popcode.metrics.reconstruction import neuron_nllh, summarise_nllh
from popcode.metrics.scoring import StatisticScore, rmse, score_statistic, shuffled_rmse
from popcode.metrics.weights import strong_degrees, weight_law

__all__ = [
    "Choice",
    "Comparison",
    "Evaluation",
    "Evidence",
    "GenerativeModel",
    "Moments",
    "StatisticScore",
    "active_units",
    "activity_counts",
    "compare",
    "density_of",
    "divergence",
    "evaluate",
    "hidden_covariance",
    "inactive_level",
    "independent_log_likelihood",
    "independent_samples",
    "judge",
    "matched_correlations",
    "mean_activity",
    "moments_of",
    "neuron_covariance",
    "neuron_hidden",
    "neuron_nllh",
    "participation_ratio",
    "principal_axes",
    "read_evidence",
    "resampled_bins",
    "rmse",
    "sample_count",
    "score_comparison",
    "score_statistic",
    "shuffled_rmse",
    "strong_degrees",
    "summarise_nllh",
    "third_moments",
    "weight_law",
    "write_evidence",
]
