"""Functional connectivity of regions from a fitted model, across animals and against tracings."""

from popcode.analysis.connectivity.animal import (
    AnimalConnectivity,
    animal_connectivity,
    failure_of,
)
from popcode.analysis.connectivity.between import (
    BetweenAnimals,
    between_animals,
    similarities,
)
from popcode.analysis.connectivity.comparison import (
    Advantage,
    Evidence,
    StructuralComparison,
    advantage,
    compare_with_structure,
    evidence_curve,
    rank_correlation,
)
from popcode.analysis.connectivity.couplings import (
    PairCouplings,
    SecondOrderCheck,
    check_second_order,
    coupling_factors,
    exact_couplings,
    mean_variances,
    second_order_couplings,
)
from popcode.analysis.connectivity.ising import (
    IsingCouplings,
    PseudoLikelihoodSettings,
    ising_couplings,
)
from popcode.analysis.connectivity.law import StrengthLaw, strength_law
from popcode.analysis.connectivity.matrices import (
    RegionalMatrix,
    aligned,
    model_average,
    weighted_average,
)
from popcode.analysis.connectivity.neurites import (
    RegionMasks,
    masks_of_labels,
    neurons_by_region,
)
from popcode.analysis.connectivity.norms import regional_l1, regional_l1_of, regional_l2
from popcode.analysis.connectivity.rivals import (
    MOST_GRAPHICAL_LASSO,
    correlation_matrix,
    covariance_matrix,
    graphical_lasso_matrix,
    ising_matrix,
    shifted,
    thinned,
)
from popcode.analysis.connectivity.structure import (
    TracedNeurons,
    mirrored,
    structural_matrix,
)
from popcode.analysis.connectivity.structure_files import Structure, read_structure
from popcode.analysis.connectivity.survey import (
    ConnectivitySurvey,
    Measured,
    survey_connectivity,
)

__all__ = [
    "MOST_GRAPHICAL_LASSO",
    "Advantage",
    "AnimalConnectivity",
    "BetweenAnimals",
    "ConnectivitySurvey",
    "Evidence",
    "IsingCouplings",
    "Measured",
    "PairCouplings",
    "PseudoLikelihoodSettings",
    "RegionMasks",
    "RegionalMatrix",
    "SecondOrderCheck",
    "StrengthLaw",
    "StructuralComparison",
    "Structure",
    "TracedNeurons",
    "advantage",
    "aligned",
    "animal_connectivity",
    "between_animals",
    "check_second_order",
    "compare_with_structure",
    "correlation_matrix",
    "coupling_factors",
    "covariance_matrix",
    "evidence_curve",
    "exact_couplings",
    "failure_of",
    "graphical_lasso_matrix",
    "ising_couplings",
    "ising_matrix",
    "masks_of_labels",
    "mean_variances",
    "mirrored",
    "model_average",
    "neurons_by_region",
    "rank_correlation",
    "read_structure",
    "regional_l1",
    "regional_l1_of",
    "regional_l2",
    "second_order_couplings",
    "shifted",
    "similarities",
    "strength_law",
    "structural_matrix",
    "survey_connectivity",
    "thinned",
    "weighted_average",
]
