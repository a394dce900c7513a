"""A model and withheld bins -> numbers: what the model gets right, and what no model could."""

from popcode.metrics.comparison import Comparison, compare, sample_count
from popcode.metrics.completion import (
    CompletionScore,
    sampled_log_odds,
    score_completion,
    training_log_odds,
)
from popcode.metrics.controls import independent_samples, resampled_bins
from popcode.metrics.density import density_of
from popcode.metrics.equilibrium import (
    Equilibrium,
    EquilibriumEvidence,
    judge_equilibrium,
    read_equilibrium,
    write_equilibrium,
)
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
from popcode.metrics.nearest import AdversarialAccuracy, adversarial_accuracy
from popcode.metrics.paired import PairedDifference, paired_difference
from popcode.metrics.phase import active_units, inactive_level, participation_ratio
from popcode.metrics.population import activity_counts, divergence
from popcode.metrics.principal import principal_axes
from popcode.metrics.projections import ProjectionDistances, projection_distances
from popcode.metrics.reconstruction import neuron_nllh, summarise_nllh
from popcode.metrics.relaxation import Relaxation, TimeFactor
from popcode.metrics.scoring import StatisticScore, rmse, score_statistic, shuffled_rmse
from popcode.metrics.strongest import strongest_triplets
from popcode.metrics.surprise import SurpriseCalibration, calibrate_surprise
from popcode.metrics.triplets import TripletAgreement, score_triplets
from popcode.metrics.weights import strong_degrees, weight_law

__all__ = [
    "AdversarialAccuracy",
    "Choice",
    "Comparison",
    "CompletionScore",
    "Equilibrium",
    "EquilibriumEvidence",
    "Evaluation",
    "Evidence",
    "GenerativeModel",
    "Moments",
    "PairedDifference",
    "ProjectionDistances",
    "Relaxation",
    "StatisticScore",
    "SurpriseCalibration",
    "TimeFactor",
    "TripletAgreement",
    "active_units",
    "activity_counts",
    "adversarial_accuracy",
    "calibrate_surprise",
    "compare",
    "density_of",
    "divergence",
    "evaluate",
    "hidden_covariance",
    "inactive_level",
    "independent_log_likelihood",
    "independent_samples",
    "judge",
    "judge_equilibrium",
    "matched_correlations",
    "mean_activity",
    "moments_of",
    "neuron_covariance",
    "neuron_hidden",
    "neuron_nllh",
    "paired_difference",
    "participation_ratio",
    "principal_axes",
    "projection_distances",
    "read_equilibrium",
    "read_evidence",
    "resampled_bins",
    "rmse",
    "sample_count",
    "sampled_log_odds",
    "score_comparison",
    "score_completion",
    "score_statistic",
    "score_triplets",
    "shuffled_rmse",
    "strong_degrees",
    "strongest_triplets",
    "summarise_nllh",
    "third_moments",
    "training_log_odds",
    "weight_law",
    "write_equilibrium",
    "write_evidence",
]
