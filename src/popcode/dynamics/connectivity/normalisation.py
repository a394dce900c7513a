"""Critical normalisation: the realised largest real part of an eigenvalue is set."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import eigs

from popcode.dynamics.connectivity.leading import leading_eigenvalues
from popcode.dynamics.connectivity.matrices import Connectivity

_STREAM = 77
_SMALL = 2500
_N_FOLLOWED = 12  # the edge of a disk is crowded: one alone converges slowly


def edge(connectivity: Connectivity, is_symmetric: bool) -> float:
    """Largest real part of an eigenvalue."""
    if is_symmetric:
        return float(leading_eigenvalues(connectivity, 1)[0])
    if connectivity.n_neurons <= _SMALL:
        return float(np.linalg.eigvals(connectivity.to_array().astype(np.float64)).real.max())
    rng = np.random.default_rng((connectivity.n_neurons, _STREAM))
    start = rng.standard_normal(connectivity.n_neurons, np.float32)
    values = eigs(
        connectivity.operator(), _N_FOLLOWED, which="LR", v0=start, tol=1e-5,
        ncv=20 * _N_FOLLOWED, return_eigenvectors=False,
    )  # fmt: skip
    return float(values.real.max())


def normalised(connectivity: Connectivity, radius: float, is_symmetric: bool) -> Connectivity:
    """Connectivity whose largest real part of an eigenvalue is `radius`."""
    return connectivity.scaled(radius / edge(connectivity, is_symmetric))
