r"""The low-rank model: independent neurons times a convex landscape of a few projections.

P(v) = P_0(v) exp(eta . m + sum_a q_a |n_a . m - z_a|) / Z,  q_a >= 0, with m the projections of v.
Its likelihood is concave in (eta, q), and Z is a sum over the mesh.

Source: Bereux, Decelle, Furtlehner, Seoane, SciPost Phys. 14, 032 (2023), and Bereux et al.,
ICLR 2025, for spins in place of {0, 1}.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.pretraining.directions import Directions
from popcode.rbm.pretraining.mesh import Mesh
from popcode.rbm.pretraining.planes import Planes

_MAX_STEPS = 100
# Nats a bin below whose gain the ascent ends.
_LEAST_GAIN = 1e-6
# Of the Newton steps, relative to the curvature: at first, its change, and where to give up.
_DAMPING, _DAMPING_STEP, _MAX_DAMPING = 1e-2, 5.0, 1e8
# Points whose log weight is so far below the sum's are left out of the moments.
_NEGLIGIBLE = 40.0
# Precision of a Gaussian prior on eta and q in the units of the data's projections: keeps them
# finite where the data determine a combination of planes only.
_RIDGE = 1e-6


class Landscape(NamedTuple):
    """A fitted low-rank model.

    Attributes
    ----------
    planes : Planes
        Those in use.
    tilt : ndarray of float64, (rank,)
        eta.
    strengths : ndarray of float64, (n_planes,)
        q.
    log_partition : float
        Of the factor that multiplies the independent neurons.
    """

    planes: Planes
    tilt: NDArray[np.float64]
    strengths: NDArray[np.float64]
    log_partition: float

    def log_factor(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gain over independent neurons at projections (n_points, rank), in nats."""
        convex = self.planes.distances(points) @ self.strengths
        return points @ self.tilt + convex - self.log_partition


def fitted_landscape(
    mesh: Mesh, projections: NDArray[np.float64], planes: Planes, max_planes: int
) -> Landscape:
    """Maximise the likelihood, then drop the planes that matter least until `max_planes` are left.

    Parameters
    ----------
    mesh : Mesh
    projections : ndarray of float64, (n_bins, rank)
        Of the data.
    planes : Planes
        Candidates.
    max_planes : int
    """
    rank = projections.shape[1]
    start = np.zeros(rank + len(planes.offsets))
    while True:
        features = np.hstack([mesh.points, planes.distances(mesh.points)])
        target = np.concatenate([projections.mean(0), planes.distances(projections).mean(0)])
        problem = _Problem(features, mesh.log_mass, target)
        found, log_partition, precision = _ascent(problem, start, rank)
        strengths = found[rank:]
        used = np.flatnonzero(strengths > 0)
        if len(used) <= max_planes:
            break
        # What the likelihood loses by a plane's absence, to second order.
        loss = strengths[used] ** 2 / np.diag(np.linalg.inv(precision))[rank:][used]
        number = max(max_planes, len(used) // 2)
        kept = used[np.sort(np.argsort(loss)[-number:])]
        planes, start = planes.keep(kept), found[np.r_[:rank, rank + kept]]
    return Landscape(planes.keep(used), found[:rank], strengths[used], log_partition)


class _Ascent(NamedTuple):
    parameters: NDArray[np.float64]
    log_partition: float
    precision: NDArray[np.float64]


class _Problem(NamedTuple):
    """The penalised likelihood: features (n_points, n_features) on the mesh, means of the data."""

    features: NDArray[np.float64]
    log_mass: NDArray[np.float64]
    target: NDArray[np.float64]

    def value(self, parameters: NDArray) -> float:
        log_partition = logsumexp(self.log_mass + self.features @ parameters)
        return self.target @ parameters - log_partition - _RIDGE * parameters @ parameters / 2

    def derivatives(self, parameters: NDArray) -> tuple[float, NDArray, NDArray]:
        """Log Z, the gradient of the value and its negative Hessian."""
        log_weights = self.log_mass + self.features @ parameters
        log_partition = logsumexp(log_weights)
        # Most of the mesh holds nothing.
        held = np.flatnonzero(log_weights > log_partition - _NEGLIGIBLE)
        weights, features = np.exp(log_weights[held] - log_partition), self.features[held]
        means = weights @ features
        precision = (features.T * weights) @ features - np.outer(means, means)
        precision[np.diag_indices(len(means))] += _RIDGE
        return log_partition, self.target - means - _RIDGE * parameters, precision


def _ascent(problem: _Problem, start: NDArray, n_free: int) -> _Ascent:
    """Damped Newton ascent; all parameters but the first `n_free` stay non-negative.

    D. P. Bertsekas, SIAM J. Control Optim. 20, 221 (1982): parameters at their bound that the
    gradient holds there are left out of the step.
    """
    found, value, damping = start, problem.value(start), _DAMPING
    bound = np.concatenate([np.full(n_free, -np.inf), np.zeros(len(start) - n_free)])
    log_partition, gradient, precision = problem.derivatives(found)
    for _ in range(_MAX_STEPS):
        moving = np.flatnonzero((found > bound) | (gradient > 0))
        held = precision[np.ix_(moving, moving)]
        trial = found.copy()
        trial[moving] += np.linalg.solve(held + damping * np.diag(np.diag(held)), gradient[moving])
        trial = np.maximum(trial, bound)
        gain = problem.value(trial) - value
        if gain > 0:
            found, value = trial, value + gain
            log_partition, gradient, precision = problem.derivatives(found)
        damping *= 1 / _DAMPING_STEP if gain > 0 else _DAMPING_STEP
        if (0 < gain < _LEAST_GAIN and damping < _DAMPING) or damping > _MAX_DAMPING:
            break
    return _Ascent(found, log_partition, precision)


def as_rbm(directions: Directions, landscape: Landscape) -> Parameters:
    r"""Give the RBM of a low-rank model, one hidden unit a plane.

    With d_a = vectors n_a and o = vectors^T rates, |n_a . m - z_a| = |d_a . v - z_a - n_a . o|,
    and for large q |x| stands for log 2 cosh(x) = softplus(2 x) - x, which is a hidden unit with

        W_ia = 2 q_a d_ia,   theta_a = 2 q_a (z_a + n_a . o),   b = f + vectors eta - sum_a q_a d_a

    The log of the unnormalised probability moves by at most log 2 a plane, where v lies on it.
    In spins s = 2 v - 1 it is the source's map; a test holds the two equal.
    """
    vectors, planes = directions.vectors, landscape.planes
    along = vectors @ planes.normals.T * landscape.strengths
    offsets = landscape.strengths * planes.offsets + directions.rates @ along
    fields = directions.fields + vectors @ landscape.tilt - along.sum(axis=1)
    return Parameters(
        (2 * along).astype(np.float32), fields.astype(np.float32), Bernoulli(2 * offsets)
    )
