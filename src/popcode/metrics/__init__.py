"""A model and withheld bins -> numbers: what the model gets right, and what no model could."""

from popcode.metrics.comparison import Comparison, compare, sample_count
from popcode.metrics.controls import independent_samples, resampled_bins
from popcode.metrics.evaluation import evaluate, score_comparison
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
from popcode.metrics.population import activity_counts, divergence
from popcode.metrics.reconstruction import neuron_nllh, summarise_nllh
from popcode.metrics.scoring import StatisticScore, rmse, score_statistic, shuffled_rmse

__all__ = [
    "Choice",
    "Comparison",
    "GenerativeModel",
    "Moments",
    "StatisticScore",
    "activity_counts",
    "compare",
    "divergence",
    "evaluate",
    "hidden_covariance",
    "independent_log_likelihood",
    "independent_samples",
    "matched_correlations",
    "mean_activity",
    "moments_of",
    "neuron_covariance",
    "neuron_hidden",
    "neuron_nllh",
    "resampled_bins",
    "rmse",
    "sample_count",
    "score_comparison",
    "score_statistic",
    "shuffled_rmse",
    "summarise_nllh",
    "third_moments",
]
