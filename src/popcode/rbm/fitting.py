"""From a recording and settings to a fitted model: start, train (see `trainer`), finish."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.convergence import TOLERANCE, left_over, sample_groups
from popcode.rbm.kernels.threads import Team
from popcode.rbm.penalty import GRID, KEPT, PenaltyLevel, largest_kept, penalty_path
from popcode.rbm.potentials import DReLU, Gaussian, Potential, rebuilt
from popcode.rbm.settings import Settings
from popcode.rbm.state import TrainingState, initial_state
from popcode.rbm.trainer import ALIVE_WEIGHT, Trainer, mean_activity
from popcode.rbm.training import Schedule

# The penalty chosen is this far below the largest that leaves four units of five alive.
_PENALTY_MARGIN = 20


_FINAL_STREAM = 6
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
    team: Team, data: NDArray[np.uint8], bins: NDArray[np.int64], settings: Settings
) -> Penalty:
    """A twentieth of the largest penalty of the grid that leaves 80 % of the units alive."""
    levels = penalty_path(team, data, bins, settings)
    return Penalty(max(largest_kept(levels), GRID[0]) / _PENALTY_MARGIN, levels)


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


def finish_fit(team: Team, trainer: Trainer) -> Fitted:
    """Test convergence, orient units, sum up."""
    state, schedule = trainer.state, trainer.schedule
    rng = np.random.default_rng((trainer.seed, _FINAL_STREAM))
    bins = np.sort(rng.permutation(trainer.bins)[:_FINAL_BINS])
    groups = sample_groups(team, state, int(rng.integers(2**62)))
    left = left_over(team, state, trainer.data, bins, schedule.l1, groups)
    orient(state)
    alive = int((np.abs(state.weights).max(axis=0) >= ALIVE_WEIGHT).sum())
    converged = left <= TOLERANCE and alive > 0 and not trainer.given_up
    training = {
        "updates": state.update,
        "converged": converged,
        "residual": left if np.isfinite(left) else None,
        "restarts": state.restarts,
        "hidden_alive": alive,
        "n_hidden": int(state.weights.shape[1]),
        "l1": schedule.l1,
        "weight_std": float(state.weights.std()),
        "weight_nonzero": float(np.count_nonzero(state.weights) / state.weights.size),
    }
    return Fitted(state, training, tuple(_notes(trainer, training)))


def _notes(trainer: Trainer, training: dict) -> list[str]:
    notes = []
    if trainer.given_up:
        notes.append(
            f"The fit diverged {training['restarts']} times and was given up at update "
            f"{training['updates']}: lower the learning rate or raise the batch size"
        )
    elif not training["converged"]:
        notes.append(
            f"Not converged: the left-over gradient is {training['residual']:.2f} of the data's "
            "covariance (0.10 is allowed). Resume with more updates or lower the learning rate"
        )
    if training["hidden_alive"] < KEPT * training["n_hidden"]:
        notes.append(
            f"Only {training['hidden_alive']} of {training['n_hidden']} hidden units keep "
            f"weights at l1 = {training['l1']:g}"
        )
    return notes


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
