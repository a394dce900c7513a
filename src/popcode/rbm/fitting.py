"""From a recording and settings to a fitted model: start, train (see `trainer`), finish."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.averaging import adopt_average
from popcode.rbm.convergence import TOLERANCE, left_over, sample_groups
from popcode.rbm.penalty import (
    GRID,
    KEPT,
    NOT_COLLAPSED,
    PenaltyLevel,
    largest_kept,
    penalty_path,
)
from popcode.rbm.potentials import DReLU, Gaussian, Potential, rebuilt
from popcode.rbm.settings import Settings
from popcode.rbm.state import TrainingState, initial_state
from popcode.rbm.trainer import ALIVE_WEIGHT, Trainer, mean_activity
from popcode.rbm.training import Schedule
from popcode.threads import Team

# The penalty chosen is at least this far below the largest that leaves four units of five alive.
_PENALTY_MARGIN = 8
# Of the standard error of a weight's statistic: with the whole of it 6 of 50 units of a fit to the
# salamander retina lose their weights, with this 4, and no score falls.
_NOISE_SHARE = 0.7


_FINAL_STREAM = 6
_TRIAL_UPDATES = 2000
# Bins of the training data that the final test looks at, at the most.
_FINAL_BINS = 20_000


@dataclass(frozen=True)
class Fitted:
    """A finished fit.

    Attributes
    ----------
    state : TrainingState
    training : dict
        Summary for metrics.json.
    notes : tuple of str
        What the user should know, a sentence each.
    """

    state: TrainingState
    training: dict
    notes: tuple[str, ...]


class Penalty(NamedTuple):
    """The penalty of a fit and where it comes from."""

    l1: float
    levels: list[PenaltyLevel]


def choose_penalty(
    team: Team,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    settings: Settings,
    after_update: Callable[[int], None] = lambda _n_made: None,
) -> Penalty:
    """0.7 standard errors of <v h>, or an eighth of the most that leaves units alive if less.

    With Var(h) = 1 a neuron active in a share p of the T training bins has a mean of v h that is
    uncertain by sqrt(p (1 - p) / T), root mean square over neurons here: a weight whose statistic
    does not stand out of that cannot be told from none. `after_update` is as in `penalty_path`.
    """
    levels = penalty_path(team, data, bins, settings, after_update)
    rates = mean_activity(data, bins)
    noise = float(np.sqrt(np.mean(rates * (1 - rates)) / bins.size))
    most = max(largest_kept(levels), GRID[0]) / _PENALTY_MARGIN
    return Penalty(float(f"{min(_NOISE_SHARE * noise, most):.2g}"), levels)


def start_fit(data: NDArray[np.uint8], bins: NDArray[np.int64], settings: Settings) -> Trainer:
    """Give a trainer at update 0: independent neurons, small random weights."""
    rates = mean_activity(data, bins)
    state = initial_state(
        settings.hidden, settings.n_hidden, rates, bins.size, settings.n_chains, settings.seed
    )
    return Trainer(data, bins, schedule_of(settings), state, settings.seed, device=settings.device)


def schedule_of(settings: Settings) -> Schedule:
    """The schedule that settings stand for."""
    return Schedule(
        n_updates=settings.n_updates,
        n_sweeps=settings.n_sweeps,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        l1=settings.l1,
    )


def finish_fit(
    team: Team,
    trainer: Trainer,
    settings: Settings,
    after_group: Callable[[int], None] = lambda _n_done: None,
) -> Fitted:
    """Take the mean of the last iterates, test convergence, orient units, sum up.

    `after_group` is called with the number of groups of chains that have been looked at, of
    `N_GROUPS`.
    """
    state, schedule = trainer.state, trainer.schedule
    adopt_average(state, trainer.mean_activity)
    rng = np.random.default_rng((trainer.seed, _FINAL_STREAM))
    bins = np.sort(rng.permutation(trainer.bins)[:_FINAL_BINS])
    groups = sample_groups(team, state, int(rng.integers(2**62)))
    left = left_over(team, state, trainer.data, bins, schedule.l1, groups, after_group)
    orient(state)
    alive = n_alive(state)
    collapsed = alive < NOT_COLLAPSED * settings.n_hidden
    kept_l1 = largest_penalty_that_keeps(team, trainer, settings) if collapsed else schedule.l1
    # At zero weights the likelihood is stationary, too: dead units hide what was not learnt.
    converged = left <= TOLERANCE and not collapsed and not trainer.given_up
    training = {
        "updates": state.update,
        "converged": converged,
        "residual": left if np.isfinite(left) else None,
        "restarts": state.restarts,
        "hidden_alive": alive,
        "n_hidden": int(state.weights.shape[1]),
        "l1": schedule.l1,
        "l1_that_keeps": kept_l1 or None,
        "weight_std": float(state.weights.std()),
        "weight_nonzero": float(np.count_nonzero(state.weights) / state.weights.size),
    }
    return Fitted(state, training, tuple(_notes(trainer, training, kept_l1)))


def _notes(trainer: Trainer, training: dict, kept_l1: float) -> list[str]:
    notes = []
    if trainer.given_up:
        notes.append(
            f"The fit diverged {training['restarts']} times and was given up at update "
            f"{training['updates']}: lower the learning rate or raise the batch size"
        )
    elif training["hidden_alive"] and (training["residual"] or 0) > TOLERANCE:
        notes.append(
            f"Not converged: the left-over gradient is {training['residual']:.2f} of the data's "
            f"covariance ({TOLERANCE} is allowed). Fit with more updates or a lower learning rate"
        )
    if training["hidden_alive"] < NOT_COLLAPSED * training["n_hidden"]:
        notes.append(_collapse_note(training, kept_l1))
    return notes


def _collapse_note(training: dict, kept_l1: float) -> str:
    note = (
        f"Only {training['hidden_alive']} of {training['n_hidden']} hidden units keep weights "
        f"at l1 = {training['l1']:g} after {training['updates']} updates"
    )
    grid = f"of the grid {GRID[0]:g}, {GRID[1]:g}, ... {GRID[-1]:g}"
    if kept_l1 > 0:
        return f"{note}; in short fits, the largest l1 {grid} at which 80 % do is {kept_l1:g}"
    return f"{note}, and no l1 {grid} below it keeps 80 % of so many: use fewer hidden units"


def largest_penalty_that_keeps(team: Team, trainer: Trainer, settings: Settings) -> float:
    """Largest penalty of the grid, below the fit's own, at which a shorter fit keeps its units.

    The candidates go down from the largest that a short rising path bears; each gets a fit of at
    most 2,000 updates of its own. 0 if there is none.
    """
    data, bins = trainer.data, trainer.bins
    most = largest_kept(penalty_path(team, data, bins, settings))
    for l1 in reversed([each for each in GRID if each <= most and each < settings.l1]):
        n_updates = min(settings.n_updates, _TRIAL_UPDATES)
        trial = start_fit(data, bins, settings._replace(l1=l1, n_updates=n_updates))
        trial.run(team, lambda _: None)
        if n_alive(trial.state) >= KEPT * settings.n_hidden:
            return l1
    return 0.0


def n_alive(state: TrainingState) -> int:
    """Hidden units whose largest weight reaches 0.05 in size."""
    return int((np.abs(state.weights).max(axis=0) >= ALIVE_WEIGHT).sum())


def orient(state: TrainingState) -> None:
    """Turn every symmetric unit so that its weights sum to a positive number (P(v) is unchanged).

    Done for dReLU and Gaussian units, whose h and -h are as good; other units have one sign only.
    """
    if not isinstance(state.hidden, DReLU | Gaussian):
        return
    down = state.weights.sum(axis=0, dtype=np.float64) < 0
    state.weights[:, down] *= -1
    state.mean_input[down] *= -1
    hidden = state.hidden
    if isinstance(hidden, DReLU):
        mirrored: Potential = hidden.mirrored()
    else:
        mirrored = hidden._replace(theta=-hidden.theta)
    state.hidden = rebuilt(
        hidden, (np.where(down, turned, own) for turned, own in zip(mirrored, hidden, strict=True))
    )
