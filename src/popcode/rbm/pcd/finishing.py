"""The end of a fit: the last model, the ladder below it, and what to say of both."""

from typing import NamedTuple

import numpy as np

from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.energies import free_energies
from popcode.rbm.ladder import Ladder
from popcode.rbm.pcd.residual import TOLERANCE, left_over
from popcode.rbm.pcd.trainer import PcdTrainer
from popcode.rbm.trainer import ALIVE_WEIGHT
from popcode.threads import Team

_LAST_SWEEPS = 200
_LAST_STREAM = 19
_START_KEPT = (
    "The updates after pre-training left the training bins less likely than the pre-trained model "
    "does: that model is kept. The chains do not cross between its states"
)


class FittedBernoulli(NamedTuple):
    """A finished fit.

    Attributes
    ----------
    ladder : Ladder
        Models along the fit; the last is the model.
    training : dict
        Summary for metrics.json.
    notes : tuple of str
        What the user should know, a sentence each.
    """

    ladder: Ladder
    training: dict
    notes: tuple[str, ...]


def finish_bernoulli(team: Team, trainer: PcdTrainer) -> FittedBernoulli:
    """Take the mean of the last iterates (or the best state), make the ladder, sum up."""
    state = trainer.state
    if trainer.early_stopping:
        state.restore(trainer.good)
        state.n_averaged = 0
    state.adopt_average()
    kept_start = fell_behind_start(team, trainer)
    if kept_start:
        take_start(trainer)
    n_rung = trainer.watch.n_rung_chains
    # The mean of the iterates is a model of its own: its chains come to its equilibrium here.
    key = int(np.random.default_rng((trainer.seed, _LAST_STREAM)).integers(2**62))
    gibbs_sweeps(team, *state.parameters, state.chains, _LAST_SWEEPS, 0, key)
    chains = np.resize(state.chains, (n_rung, state.chains.shape[1]))
    ladder = trainer.watch.ladder(team, state.parameters, chains, state.update)
    left = left_over(
        team,
        state,
        trainer.data,
        trainer.bins,
        trainer.schedule,
        trainer.seed,
        trainer.bin_weights,
    )
    # Before the learning rate has risen, a gradient that is small says that little is correlated.
    begun = state.update >= trainer.schedule.warm_updates
    converged = left <= TOLERANCE and begun and not trainer.given_up
    training = {
        "updates": state.update,
        "converged": bool(converged),
        "residual": left if np.isfinite(left) else None,
        "restarts": state.restarts,
        "stopped_early": trainer.stopped_early,
        "l1": trainer.schedule.l1,
        "n_hidden": int(state.weights.shape[1]),
        "hidden_alive": int((np.abs(state.weights).max(axis=0) >= ALIVE_WEIGHT).sum()),
        "weight_std": float(state.weights.std()),
        "weight_nonzero": float(np.count_nonzero(state.weights) / state.weights.size),
        "n_rungs": len(ladder.rungs),
    }
    notes = _notes(trainer, training)
    if kept_start:
        notes = [_START_KEPT, *notes]
    return FittedBernoulli(ladder, training, tuple(notes))


def fell_behind_start(team: Team, trainer: PcdTrainer) -> bool:
    """Whether a fit that began from a pre-trained model finds the bins less likely than that did.

    Chains that cannot cross between sharply separated states see one of them only, and the fit
    then takes the others for missing.
    """
    start = trainer.watch.rungs.rungs[0]
    last = trainer.history[-1] if trainer.history else None
    if last is None or not start.parameters.weights.any():
        return False
    energies = free_energies(team, start.parameters, trainer.watch.train)
    begun = float(-energies.mean() - trainer.watch.log_partition)
    return last.log_likelihood_train < begun - 3 * last.log_partition_error


def take_start(trainer: PcdTrainer) -> None:
    """Put the model that the fit began from in place of its last one."""
    state, start = trainer.state, trainer.watch.rungs.rungs[0]
    state.weights[:], state.fields[:] = start.parameters.weights, start.parameters.fields
    state.hidden_fields[:] = -np.asarray(start.parameters.hidden.theta, np.float64)
    state.chains[:] = np.resize(start.chains, state.chains.shape)


def _notes(trainer: PcdTrainer, training: dict) -> list[str]:
    if trainer.given_up:
        return [
            f"The fit diverged {training['restarts']} times and was given up at update "
            f"{training['updates']}: lower the learning rate or raise the batch size"
        ]
    if training["hidden_alive"] == 0:
        l1 = trainer.schedule.l1
        remedy = f"Lower l1 (it is {l1:.2g}), or record for longer" if l1 else "Make more updates"
        return [
            "No hidden unit has weights: the model is one of independent neurons, or nearly. "
            + remedy
        ]
    if not training["converged"] and training["residual"] is not None:
        return [
            f"Not converged: the left-over gradient is {training['residual']:.2f} of the data's "
            f"covariance ({TOLERANCE} is allowed). Fit with more updates or chains"
        ]
    return []
