"""Merge the fixed points of a training run's models, last to first, into a tree."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from popcode.errors import InputError
from popcode.rbm.parameters import Parameters
from popcode.rbm.tree.tap import FixedPoints, fixed_points

_POINTS_STREAM = 31


class Level(NamedTuple):
    """The states that one model tells apart.

    Attributes
    ----------
    model : int
        Its place in the trajectory, 0 the last of the training run.
    states : FixedPoints
        One a state.
    """

    model: int
    states: FixedPoints


class Tree(NamedTuple):
    """States within states, from the finest level to the coarsest.

    Attributes
    ----------
    levels : tuple of Level
        The last model first, then each that has fewer states than the one before.
    labels : ndarray of int64, (n_points, n_levels)
        State of each point at each level.
    bins : ndarray of int64, (n_points,)
        Rows of the recording that the points are.
    n_unconverged : int
        Points that the equations of the last model did not bring to rest.
    """

    levels: tuple[Level, ...]
    labels: NDArray[np.int64]
    bins: NDArray[np.int64]
    n_unconverged: int

    @property
    def weights(self) -> NDArray[np.float64]:
        """Share of the points in each state of the finest level, (n_states,)."""
        return np.bincount(self.labels[:, 0]) / len(self.labels)

    def newick(self) -> str:
        """Give the tree in Newick's format.

        A leaf is a state of the finest level, `state<number>_<points>`; a branch is as long as
        the models between its ends are many.
        """
        top, last = len(self.levels) - 1, self.levels[-1]
        roots = [self._branch(top, state) for state in range(len(last.states.visible))]
        return f"{roots[0] if len(roots) == 1 else _joined(roots, 1)};"

    def _branch(self, level: int, state: int) -> str:
        inside = self.labels[:, level] == state
        if level == 0:
            return f"state{state}_{inside.sum()}"
        length = self.levels[level].model - self.levels[level - 1].model
        children = np.unique(self.labels[inside, level - 1])
        return _joined([self._branch(level - 1, child) for child in children], length)


def _joined(branches: list[str], length: int) -> str:
    return "(" + ",".join(f"{branch}:{length}" for branch in branches) + ")"


def tree_of_states(
    trajectory: Sequence[Parameters],
    activity: NDArray,
    *,
    order: int = 2,
    radius: float = 0.1,
    max_points: int = 2000,
    seed: int = 0,
) -> Tree:
    """Find the states of a recording, and how they merge as the model that tells them forgets.

    The last model's equations are followed from the recording's bins to their fixed points; those
    closer than `radius` are one state. Each earlier model's are followed from the states of the
    one after it.

    Parameters
    ----------
    trajectory : sequence of Parameters
        Models saved along a training run, the last first; with binary hidden units.
    activity : ndarray, (n_bins, n_neurons)
        Any non-zero entry counts as active.
    order : int
        Of the expansion in the weights, 2 or 3.
    radius : float
        Euclidean distance between the neurons' mean activities; not divided by their number, so
        that a state of a few neurons among many is not lost.
    max_points : int
        Bins followed; drawn at random where there are more.
    seed : int

    Raises
    ------
    InputError
        No model, models of other sizes than the recording, or an unknown order.

    References
    ----------
    Decelle, Rosset, Seoane, Phys. Rev. E 108, 014110 (2023).
    """
    _check(trajectory, activity)
    rng = np.random.default_rng((seed, _POINTS_STREAM))
    bins = np.arange(len(activity))
    if len(bins) > max_points:
        bins = np.sort(rng.choice(bins, max_points, replace=False))
    found = fixed_points(trajectory[0], activity[bins] != 0, order)
    n_unconverged = int((~found.converged).sum())
    label, states = merged(found, radius)
    levels, labels = [Level(0, states)], [label]
    for k, model in enumerate(trajectory[1:], start=1):
        parents, states = merged(fixed_points(model, states.visible, order), radius)
        label = parents[label]
        if len(states.visible) < len(levels[-1].states.visible):
            levels.append(Level(k, states))
            labels.append(label)
    return Tree(tuple(levels), np.stack(labels, axis=1), bins, n_unconverged)


def merged(points: FixedPoints, radius: float) -> tuple[NDArray[np.int64], FixedPoints]:
    """Label points by chains of neighbours, and give the first of each label."""
    found = DBSCAN(eps=radius, min_samples=1).fit(points.visible).labels_.astype(np.int64)
    _, first = np.unique(found, return_index=True)
    return found, points.keep(first)


def _check(trajectory: Sequence[Parameters], activity: NDArray) -> None:
    if not trajectory:
        raise InputError("no models to make a tree of", remedy="Keep models along the training")
    for k, model in enumerate(trajectory):
        if activity.ndim != 2 or model.n_neurons != activity.shape[1]:
            raise InputError(
                f"model {k} has {model.n_neurons} neurons, the activity has shape {activity.shape}",
                remedy="Give the recording that the models were trained on",
            )
