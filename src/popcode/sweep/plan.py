"""Which model to fit next: a function of what was asked and of what has been begun."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from popcode.sweep.request import SweepRequest
    from popcode.sweep.store import Trial


N_BEST = 3  # models of a search that are fitted again with the other seeds


class Cell(NamedTuple):
    """A model of a sweep."""

    n_hidden: int
    l1: float
    seed: int


class Next(NamedTuple):
    """What to begin: a model, with the trial to start from, or what the search suggests (None)."""

    cell: Cell | None
    warm_from: int | None = None


def grid_of(request: SweepRequest) -> list[Cell]:
    """Every model of a grid, penalties ascending last, so that warm starts have neighbours."""
    return [
        Cell(n_hidden, l1, seed)
        for l1 in request.l1
        for n_hidden in request.hidden
        for seed in request.seeds
    ]


def wanted_of(request: SweepRequest) -> int:
    """Trials that a sweep makes in all."""
    if request.n_search == 0:
        return len(grid_of(request))
    return request.n_search + min(N_BEST, request.n_search) * (len(request.seeds) - 1)


def next_of(
    request: SweepRequest, trials: list[Trial], best: Collection[Cell], given_up: Collection[Cell]
) -> Next | None:
    """Model to begin next.

    Parameters
    ----------
    request : SweepRequest
    trials : list of Trial
        All that were begun.
    best : collection of Cell
        The best models of a search, to be fitted again with the other seeds.
    given_up : collection of Cell
        Models that failed since this process started: not begun again by it.

    Returns
    -------
    Next or None
        None where nothing can be begun (yet).
    """
    # What failed in an earlier process may have met a full disk: it is begun again.
    begun = {trial.cell for trial in trials if trial.state != "failed"} | set(given_up)
    if request.n_search == 0:
        return _next_of_grid(request, trials, begun)
    n_suggested = sum(
        trial.cell.seed == request.seeds[0] and (trial.state != "failed" or trial.cell in given_up)
        for trial in trials
    )
    if n_suggested < request.n_search:
        return Next(None)
    if any(not trial.is_over for trial in trials if trial.cell.seed == request.seeds[0]):
        return None
    again = (cell._replace(seed=seed) for cell in best for seed in request.seeds[1:])
    return next((Next(cell) for cell in again if cell not in begun), None)


def _next_of_grid(
    request: SweepRequest, trials: list[Trial], begun: Collection[Cell]
) -> Next | None:
    for cell in grid_of(request):
        if cell in begun:
            continue
        if not request.warm or cell.l1 == request.l1[0]:
            return Next(cell)
        below = cell._replace(l1=request.l1[request.l1.index(cell.l1) - 1])
        if below not in begun:
            continue
        neighbours = [trial for trial in trials if trial.cell == below and trial.is_over]
        if neighbours:
            whole = [trial.number for trial in neighbours if trial.state == "finished"]
            return Next(cell, whole[-1] if whole else None)
    return None
