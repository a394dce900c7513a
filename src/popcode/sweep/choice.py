"""Which model to take: the article's criterion, and the simplest that is as good within error."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.membership import FitFacts
from popcode.sweep.folder import SweepFolder
from popcode.sweep.plan import N_BEST, Cell
from popcode.sweep.request import SweepRequest
from popcode.sweep.results import STATISTICS, Result, read_result

if TYPE_CHECKING:
    from popcode.sweep.store import Trial

# Of the hidden units of every fit, to be recommended: "the largest l1 that keeps assemblies".
KEPT = 0.8


class Point(NamedTuple):
    """A pair of hidden units and penalty, over its seeds.

    Attributes
    ----------
    n_hidden : int
    l1 : float
    worst : ndarray, (n_seeds,)
        Least of the five scores of each fit.
    nllh : ndarray, (n_seeds,)
        Median normalised log-likelihood of reconstruction.
    perfect, independent : ndarray, (n_seeds,)
        Least score of the training bins resampled, and of independent neurons.
    scores : ndarray, (n_seeds, 5)
        The scores of the statistics, in the order of `STATISTICS`; nan is not defined.
    alive : ndarray, (n_seeds,)
        Share of the hidden units that keep weights.
    n_converged : int
    seconds : float
        Mean of a fit with its scores.
    facts : tuple of FitFacts
        Of the assemblies of each fit, where known.
    """

    n_hidden: int
    l1: float
    worst: NDArray[np.float64]
    nllh: NDArray[np.float64]
    perfect: NDArray[np.float64]
    independent: NDArray[np.float64]
    scores: NDArray[np.float64]
    alive: NDArray[np.float64]
    n_converged: int
    seconds: float
    facts: tuple[FitFacts, ...]

    @property
    def mean(self) -> float:
        """Mean of the least score over seeds."""
        return float(self.worst.mean())

    @property
    def error(self) -> float:
        """Standard error of that mean; nan for one seed."""
        return standard_error(self.worst)

    @property
    def keeps_units(self) -> bool:
        """Whether every fit keeps most of its units."""
        return bool(self.alive.min() >= KEPT)


class Choice(NamedTuple):
    """The recommended point, that of the best mean, and why.

    Attributes
    ----------
    taken, best : Point
    error : float
        Standard error of the mean of a point (:func:`pooled_error`); nan with one seed.
    reason : str
    """

    taken: Point
    best: Point
    error: float
    reason: str


def standard_error(values: NDArray[np.float64]) -> float:
    """Standard error of a mean; nan for one value."""
    if values.size < 2:
        return float("nan")
    return float(values.std(ddof=1) / np.sqrt(values.size))


def pooled_error(points: list[Point]) -> float:
    """Standard error of the mean score of a point, by the scatter in the better half of the points.

    Of two or three seeds alone a standard error is mostly luck; among poor fits it is larger.

    Parameters
    ----------
    points : list of Point
        Of as many seeds each.

    Returns
    -------
    float
        nan for one seed.
    """
    ordered = sorted(points, key=lambda point: -point.mean)
    better = ordered[: (len(ordered) + 1) // 2]
    return float(np.sqrt(np.mean([point.error**2 for point in better])))


def points_of(results: dict[Cell, Result]) -> list[Point]:
    """Results gathered over seeds, by hidden units and penalty, ascending.

    Parameters
    ----------
    results : dict of Cell to Result
        Of the finished trials.
    """
    gathered: dict[tuple[int, float], list[Result]] = defaultdict(list)
    for cell in sorted(results):
        if results[cell].worst is not None:
            gathered[cell.n_hidden, cell.l1].append(results[cell])
    return [_point(*place, found) for place, found in sorted(gathered.items())]


def _point(n_hidden: int, l1: float, found: list[Result]) -> Point:
    def of(name: str) -> NDArray[np.float64]:
        return np.array([getattr(each, name) for each in found], dtype=np.float64)

    scores = np.array([[each.scores[name] for name in STATISTICS] for each in found], np.float64)
    return Point(
        n_hidden,
        l1,
        of("worst"),
        of("nllh_median"),
        of("worst_perfect"),
        of("worst_independent"),
        scores,
        of("hidden_alive") / n_hidden,
        sum(each.converged for each in found),
        float(of("seconds").mean()),
        tuple(each.facts for each in found if each.facts is not None),
    )


def choose(points: list[Point]) -> Choice | None:
    """Recommend a model: the simplest within one standard error of the best.

    The article maximises the least of the five scores of statistics over the grid (eLife 2023;12:
    e83139, selection of M and lambda). The best of many noisy means is partly luck, so of the
    points whose mean lies within one standard error of the best (:func:`pooled_error`), that with
    the fewest hidden units is taken, and of these that with the largest penalty (the rule of
    Breiman, Friedman, Olshen and Stone 1984, section 3.4.3). Points at which a fit lost more than a
    fifth of its units are left out, as long as there are others.

    Parameters
    ----------
    points : list of Point

    Returns
    -------
    Choice or None
        None where nothing has a score.
    """
    if not points:
        return None
    most = max(point.worst.size for point in points)
    judged = [point for point in points if point.worst.size == most]  # one seed flatters
    kept = [point for point in judged if point.keeps_units]
    candidates = kept or judged
    best, error = max(candidates, key=lambda point: point.mean), pooled_error(candidates)
    near = [point for point in candidates if point.mean >= best.mean - np.nan_to_num(error)]
    taken = min(near, key=lambda point: (point.n_hidden, -point.l1))
    reason = _reason(taken, best, error, len(near))
    reason += _copies(taken) + _left_out(len(judged) - len(kept), bool(kept))
    return Choice(taken, best, error, reason)


def _reason(taken: Point, best: Point, error: float, n_near: int) -> str:
    score = f"the least of its five scores is {taken.mean:.3f}"
    if best.worst.size < 2:
        return f"{score}, the most of all; with one seed nothing tells how much of that is luck"
    if taken is best:
        why = f"{score} ± {error:.3f} (s.e. over {taken.worst.size} seeds), the most of all"
        if n_near > 1:
            why += f", and of the {n_near} within one standard error it is the simplest"
        return why
    return (
        f"{score}, within one standard error of the best ({best.mean:.3f} ± {error:.3f}, "
        f"{best.n_hidden} units at l1 = {best.l1:g}), and of the {n_near} models that are "
        "it has the fewest hidden units, then the largest penalty"
    )


def _copies(taken: Point) -> str:
    """Scores do not see that units repeat each other."""
    copies = float(np.mean([each.n_copies for each in taken.facts])) if taken.facts else 0.0
    return f"; {copies:.3g} of its units are copies of others" if copies else ""


def _left_out(n: int, any_kept: bool) -> str:
    if not any_kept:
        return ". In every model more than a fifth of the units died: sweep smaller l1"
    if n == 0:
        return ""
    return f"; {n} more lost over a fifth of their units and were left out"


def results_of(folder: SweepFolder, trials: list[Trial]) -> dict[Cell, Result]:
    """Results of the trials that are finished."""
    return {trial.cell: read_result(folder, trial) for trial in trials if trial.state == "finished"}


def best_of_search(folder: SweepFolder, request: SweepRequest, trials: list[Trial]) -> list[Cell]:
    """The best models that a search has found with its first seed; none for a grid."""
    tried = [trial for trial in trials if trial.cell.seed == request.seeds[0]]
    if request.n_search == 0 or any(not trial.is_over for trial in tried):
        return []
    found = results_of(folder, tried)
    first = {cell: result for cell, result in found.items() if result.worst is not None}
    return sorted(first, key=lambda cell: first[cell].criterion, reverse=True)[:N_BEST]
