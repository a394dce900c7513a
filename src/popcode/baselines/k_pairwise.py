"""The maximum-entropy model of pairs and of the number of active neurons."""

from typing import ClassVar

from popcode.baselines.ising import Pairwise


class KPairwise(Pairwise):
    """Least structured law with the data's means, pair coincidences and population activity P(K).

    P(v) ~ exp(fields . v + v^T couplings v / 2 + population[K]), K the number of active neurons.
    Parameters and attributes are those of `Pairwise`. What `population_` shares with the fields
    (its slope) and with all couplings alike (its curvature) is fixed by the path of the fit alone.

    References
    ----------
    Tkacik et al., Searching for collective behavior in a large network of sensory neurons, PLoS
    Computational Biology 10, e1003408 (2014).
    """

    _with_population: ClassVar[bool] = True
