"""What kinds of connectivity there are, and what sets each apart."""

from __future__ import annotations

from typing import NamedTuple


class Dense(NamedTuple):
    """Any two neurons are connected, with a strength of the law of the network."""


class Sparse(NamedTuple):
    """Links of equal strength between few pairs, less their mean.

    Attributes
    ----------
    probability : float
        Of a link.
    """

    probability: float = 0.1


class Clustered(NamedTuple):
    """Links within clusters of neurons, and fewer between them.

    Attributes
    ----------
    n_clusters : int
        Of equal size.
    within, between : float
        Probability of a link.
    """

    n_clusters: int = 20
    within: float = 0.5
    between: float = 2.0**-7


class Local(NamedTuple):
    """Links between near neurons of a square sheet, and fewer between far ones.

    P(link at distance d) = max(nearest exp(-d / length_um), far).

    Attributes
    ----------
    nearest, far : float
    length_um, extent_um : float
        Of the decay with distance, and the side of the sheet.
    torus : bool
        Whether the sheet continues at its opposite edge; the published simulations meant it to
        but their distances did not.
    """

    nearest: float = 0.5
    far: float = 2.0**-7
    length_um: float = 250.0
    extent_um: float = 8000.0
    torus: bool = True


Structure = Dense | Sparse | Clustered | Local
