"""How strong a penalty the assemblies of a recording bear.

One short fit whose penalty doubles along a fixed grid, from a value that no assembly feels: at
every level the share of hidden units that keep weights is counted. It chooses l1 by default, and
names the largest l1 that a recording bears when a given one left nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.backend import make_backend
from popcode.rbm.settings import Settings
from popcode.rbm.state import initial_state
from popcode.rbm.trainer import ALIVE_WEIGHT, mean_activity
from popcode.rbm.training import Batches, Schedule, make_update
from popcode.threads import Team

GRID = tuple(round(0.02 * 2.0**-k, 10) for k in range(8, -3, -1))
# Share of hidden units that a penalty must leave alive to be said to keep the assemblies.
KEPT = 0.8
# Share that a fit must leave alive not to have collapsed: an l1 chosen for few, whole assemblies
# takes weights off the units that a recording has no assembly for.
NOT_COLLAPSED = 0.5
_UPDATES_PER_LEVEL = 200
_UPDATES_BEFORE = 300
MOST_PATH_UPDATES = _UPDATES_BEFORE + _UPDATES_PER_LEVEL * (len(GRID) - 1)
_PATH_STREAM = 5
# Updates of a schedule whose learning rate never falls.
_NO_END = 2**31


class PenaltyLevel(NamedTuple):
    """A penalty of the grid and the share of hidden units alive after its updates."""

    l1: float
    alive: float


def penalty_path(
    team: Team,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    settings: Settings,
    after_update: Callable[[int], None] = lambda _n_made: None,
) -> list[PenaltyLevel]:
    """Raise the penalty along the grid until fewer than half of the hidden units are alive.

    Parameters
    ----------
    team : Team
    data : ndarray of uint8, (n_bins, n_neurons)
    bins : ndarray of int64
        The training bins.
    settings : Settings
        Their l1 and n_updates are not used.
    after_update : callable
        Called with the number of updates made, of at most `MOST_PATH_UPDATES`.
    """
    data = np.ascontiguousarray(data)
    rates = mean_activity(data, bins)
    seed = int(np.random.default_rng((settings.seed, _PATH_STREAM)).integers(2**62))
    state = initial_state(
        settings.hidden, settings.n_hidden, rates, bins.size, settings.n_chains, seed
    )
    backend = make_backend(settings.device, data, rates, state, seed, team)
    batches = Batches(bins, settings.batch_size, seed)
    levels: list[PenaltyLevel] = []
    for l1 in GRID:
        schedule = Schedule(
            _NO_END, settings.n_sweeps, settings.batch_size, settings.learning_rate, l1,
            l1_start=1.0,
            l1_peak=1.0,
            warm_share=_UPDATES_BEFORE / _NO_END,
        )  # fmt: skip
        for _ in range(_UPDATES_PER_LEVEL if levels else _UPDATES_BEFORE):
            make_update(backend, batches, schedule)
            after_update(state.update)
        backend.pull()
        alive = float((np.abs(state.weights).max(axis=0) >= ALIVE_WEIGHT).mean())
        levels.append(PenaltyLevel(l1, alive))
        if not alive >= 0.5:
            break
    return levels


def largest_kept(levels: list[PenaltyLevel]) -> float:
    """Largest penalty of a path that leaves 80 % of the hidden units alive; 0 if none does."""
    return max((level.l1 for level in levels if level.alive >= KEPT), default=0.0)
