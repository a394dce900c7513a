"""Logistic regression of many neurons on the same bins at once.

Each neuron j has weights w_j on the activity of all others and an intercept, at the maximum of

    sum_t [v_j z_j - ln(1 + e^z_j)] - penalty |w_j|^2 / 2,    z_j = intercept_j + sum_i v_i w_ij

(scikit-learn's logistic regression with C = 1 / penalty). All neurons share their regressors, so
one eigendecomposition preconditions the conjugate gradients of each: the Hessian of neuron j is
near s_j X^T X + penalty, with s_j the variance of its activity. That w_jj stays 0 is part of the
preconditioner.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.special import expit, logit

from popcode.threads import Team, pieces

Matrix = NDArray[np.float32]
TARGETS_PER_CALL = 64
_MOST_STEPS, _NEWTON_STEPS = 100, 3
# Nats a bin that are at most left to gain when a block of neurons counts as fitted.
_TOLERANCE = 1e-6
_LEAST_EIGENVALUE = 1e-6  # of the largest; below it float32 knows nothing


class Regressors(NamedTuple):
    """Activity that all neurons are regressed on, and its principal axes.

    Attributes
    ----------
    centred : ndarray of float32, (n_bins, n_neurons)
        Activity less its mean.
    means : ndarray of float64, (n_neurons,)
    axes : ndarray of float32, (n_neurons, n_axes)
    squares : ndarray of float32, (n_axes,)
        Sum over bins of the squared projection on each axis.
    """

    centred: Matrix
    means: NDArray[np.float64]
    axes: Matrix
    squares: NDArray[np.float32]


class Regressions(NamedTuple):
    """Weights (n_neurons, n_targets) and intercepts (n_targets,) of regressions on activity."""

    weights: Matrix
    intercepts: NDArray[np.float32]


def regressors_of(activity: NDArray[np.uint8]) -> Regressors:
    """Centre binary activity (n_bins, n_neurons) and find its principal axes."""
    means = activity.mean(axis=0, dtype=np.float64)
    centred = activity.astype(np.float32) - means.astype(np.float32)
    wide = activity.shape[1] > activity.shape[0]
    gram = centred @ centred.T if wide else centred.T @ centred
    squares, vectors = eigh(gram.astype(np.float64), overwrite_a=True)
    kept = squares > _LEAST_EIGENVALUE * max(squares[-1], 1e-30)
    squares, vectors = squares[kept], vectors[:, kept]
    axes = centred.T @ (vectors / np.sqrt(squares)).astype(np.float32) if wide else vectors
    return Regressors(centred, means, axes.astype(np.float32), squares.astype(np.float32))


def fit_regressions(
    team: Team,
    regressors: Regressors,
    activity: NDArray[np.uint8],
    targets: NDArray[np.int64],
    penalty: float,
    start: Regressions | None = None,
    tell: Callable[[int], None] = lambda _done: None,
) -> Regressions:
    """Regress each target neuron on all neurons but itself.

    Parameters
    ----------
    team : Team
        Entered by the caller; the bits do not depend on its threads.
    regressors : Regressors
    activity : ndarray of uint8, (n_bins, n_neurons)
        What the regressors are of.
    targets : ndarray of int, (n_targets,)
        Neurons that are predicted.
    penalty : float
    start : Regressions, optional
        Where to start from, such as the fit at a larger penalty.
    tell : callable, optional
        Called with the number of targets that are done.
    """
    n_neurons = activity.shape[1]
    found = Regressions(
        np.empty((n_neurons, targets.size), np.float32), np.empty(targets.size, np.float32)
    )

    def fit(a: int, b: int) -> None:
        begin = None if start is None else Regressions(start.weights[:, a:b], start.intercepts[a:b])
        block = _Block(regressors, activity, targets[a:b], penalty, begin)
        found.weights[:, a:b], found.intercepts[a:b] = block.solved()

    cuts = list(pieces(targets.size, TARGETS_PER_CALL))
    for some in (cuts[k : k + team.n_threads] for k in range(0, len(cuts), team.n_threads)):
        team.run(partial(fit, a, b) for a, b in some)
        tell(some[-1][1])
    return found


class _Block:
    """Conjugate gradients on a few targets; fields and intercepts are of centred activity."""

    def __init__(
        self,
        regressors: Regressors,
        activity: NDArray[np.uint8],
        targets: NDArray[np.int64],
        penalty: float,
        start: Regressions | None,
    ) -> None:
        self._x, self._means = regressors.centred, regressors.means.astype(np.float32)
        self._axes = regressors.axes
        self._penalty = np.float32(penalty)
        self._targets, self._columns = targets, np.arange(targets.size)
        self._y = activity[:, targets].astype(np.float32)
        rates = np.clip(self._y.mean(axis=0), 0.5 / len(self._y), 1 - 0.5 / len(self._y))
        self._variance = (rates * (1 - rates)).astype(np.float32)
        self._prepare(regressors.squares)
        self._weights = np.zeros((self._x.shape[1], targets.size), np.float32)
        self._intercepts = logit(rates).astype(np.float32)
        self._z = np.tile(self._intercepts, (len(self._y), 1))
        if start is not None:
            self._weights[:] = start.weights
            self._intercepts = start.intercepts + self._means @ start.weights
            self._z = self._x @ self._weights + self._intercepts

    def _prepare(self, squares: NDArray[np.float32]) -> None:
        """What the preconditioner needs: inverse curvature along the axes, and of each target."""
        along = 1 / (self._variance * squares[:, None] + self._penalty)
        self._along = along - 1 / self._penalty  # off the axes the penalty alone curves
        rows = self._axes[self._targets]
        self._unit = self._axes @ (self._along * rows.T)
        self._unit[self._targets, self._columns] += 1 / self._penalty

    def _preconditioned(self, weights: Matrix, intercepts: Matrix) -> tuple[Matrix, Matrix]:
        """Newton step of the approximate Hessian that leaves w_jj at 0."""
        step = weights / self._penalty + self._axes @ (self._along * (self._axes.T @ weights))
        own = self._targets, self._columns
        step -= self._unit * (step[own] / self._unit[own])
        step[own] = 0
        return step, intercepts / (self._variance * len(self._y))

    def _gradient(self) -> tuple[Matrix, Matrix]:
        residual = self._y - expit(self._z)
        gradient = self._x.T @ residual - self._penalty * self._weights
        gradient[self._targets, self._columns] = 0
        return gradient, residual.sum(axis=0)

    def solved(self) -> Regressions:
        """Weights and intercepts on activity as it is, by Polak and Ribiere's directions."""
        weights, intercepts = np.zeros_like(self._weights), np.zeros_like(self._intercepts)
        former: tuple[Matrix, Matrix] | None = None
        former_decrement = np.ones_like(self._intercepts)
        for _ in range(_MOST_STEPS):
            gradient = self._gradient()
            step = self._preconditioned(*gradient)
            decrement = _dot(gradient, step)
            if float(decrement.max()) / 2 < _TOLERANCE * len(self._y):
                break
            keep = np.zeros_like(decrement)
            if former is not None:
                change = gradient[0] - former[0], gradient[1] - former[1]
                keep = np.maximum(_dot(change, step) / np.maximum(former_decrement, 1e-30), 0)
            weights, intercepts = step[0] + keep * weights, step[1] + keep * intercepts
            self._move(weights, intercepts)
            former, former_decrement = gradient, decrement
        return Regressions(self._weights, self._intercepts - self._means @ self._weights)

    def _move(self, weights: Matrix, intercepts: Matrix) -> None:
        """To the maximum along a direction, for each target its own."""
        z = self._x @ weights + intercepts
        length = self._penalty * np.einsum("ij,ij->j", weights, weights)
        drag = self._penalty * np.einsum("ij,ij->j", self._weights, weights)
        size = np.zeros(intercepts.size, np.float32)
        low, high = np.zeros_like(size), np.full_like(size, np.inf)
        for _ in range(_NEWTON_STEPS):
            p = expit(self._z + size * z)
            slope = np.einsum("ij,ij->j", self._y - p, z) - drag - size * length
            bend = np.einsum("ij,ij,ij,ij->j", p, 1 - p, z, z) + length
            low, high = np.where(slope > 0, size, low), np.where(slope <= 0, size, high)
            wanted = size + slope / np.maximum(bend, 1e-30)
            outside = (wanted <= low) | (wanted >= high)
            inside = np.where(np.isinf(high), 2 * low + 1, (low + high) / 2)
            size = np.where(outside & (slope != 0), inside, wanted).astype(np.float32)
        self._weights += size * weights
        self._intercepts = self._intercepts + size * intercepts
        self._z += size * z


def _dot(a: tuple[Matrix, Matrix], b: tuple[Matrix, Matrix]) -> NDArray[np.float32]:
    return np.einsum("ij,ij->j", a[0], b[0]) + a[1] * b[1]


def log_odds(regressions: Regressions, activity: NDArray[np.uint8]) -> Matrix:
    """Log-odds of the targets, (n_bins, n_targets), given activity (n_bins, n_neurons)."""
    found = np.empty((len(activity), regressions.intercepts.size), np.float32)
    for a, b in pieces(len(activity), 4096):
        found[a:b] = activity[a:b].astype(np.float32) @ regressions.weights
    return found + regressions.intercepts
