"""Train a fit in its run folder: progress, checkpoints, and a clean way out when interrupted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from popcode.cli.console import tell
from popcode.cli.work import Work
from popcode.errors import InputError
from popcode.progress import Progress, Stop, interruption, progress

if TYPE_CHECKING:
    from popcode.rbm.state import TrainingState
    from popcode.rbm.trainer import Trainer

CHECKPOINT_EVERY_S = 30.0


def trainer_of(work: Work) -> Trainer:
    """The fit at its last checkpoint, or at update 0 where there is none yet."""
    from popcode.rbm.fitting import schedule_of, start_fit
    from popcode.rbm.trainer import Trainer

    settings, bins = work.settings, work.prepared.train_bins
    activity = work.prepared.recording.activity
    saved = work.saved()
    if saved is None:
        return start_fit(activity, bins, settings)
    state, good, history = saved
    refuse_other_shape(work, state)
    tell(f"going on from update {state.update:,} of {settings.n_updates:,}")
    schedule = schedule_of(settings)
    return Trainer(activity, bins, schedule, state, settings.seed, good, history, settings.device)


def refuse_other_shape(work: Work, state: TrainingState) -> None:
    """Refuse a checkpoint that belongs to other settings or another recording.

    Raises
    ------
    InputError
    """
    from popcode.rbm.state import POTENTIALS

    settings, n_neurons = work.settings, work.prepared.recording.n_neurons
    found = (*state.weights.shape, len(state.chains), type(state.hidden))
    expected = (n_neurons, settings.n_hidden, settings.n_chains, POTENTIALS[settings.hidden])
    if found != expected:
        raise InputError(
            f"the checkpoint has {found[0]:,} neurons, {found[1]} {found[3].__name__} units and "
            f"{found[2]} chains; run.json says {expected[0]:,}, {expected[1]} "
            f"{expected[3].__name__} and {expected[2]}",
            where=str(work.checkpoint),
            remedy="Put run.json back as it was, or delete the checkpoint to start from the seed",
        )


def train(work: Work) -> Trainer:
    """Make the updates that are left, and leave a checkpoint of the end of training."""
    trainer = trainer_of(work)
    start, total = trainer.state.update, work.settings.n_updates
    with interruption() as stop, progress("training", total, start=start) as bar:
        checkpoints = Checkpoints(work, bar, stop)
        trainer.run(work.team, checkpoints)
        checkpoints.save(trainer)
    return trainer


class Checkpoints:
    """Called after every update: shows progress, saves now and then, stops when asked to.

    Parameters
    ----------
    work : Work
    bar : Progress
    stop : Stop
    """

    def __init__(self, work: Work, bar: Progress, stop: Stop) -> None:
        self._work, self._bar, self._stop = work, bar, stop
        self._saved_at = time.monotonic()
        self._shown = -1

    def __call__(self, trainer: Trainer) -> None:
        """Take note of an update.

        Raises
        ------
        KeyboardInterrupt
            The user or the batch system asked to stop; the checkpoint is written.
        """
        values = {}
        if trainer.history and trainer.history[-1].update != self._shown:
            self._shown = trainer.history[-1].update
            values = watched(trainer)
        self._bar.update(trainer.state.update, **values)
        if self._stop.requested:
            self.save(trainer)
            raise KeyboardInterrupt
        if time.monotonic() - self._saved_at >= CHECKPOINT_EVERY_S:
            self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """Write the checkpoint."""
        from popcode.rbm.checkpoint import write_checkpoint

        trainer.pull()
        kind, path = self._work.settings.hidden, self._work.checkpoint
        write_checkpoint(path, kind, trainer.state, trainer.good, trainer.history)
        self._work.spent.save()
        self._saved_at = time.monotonic()


def watched(trainer: Trainer) -> dict[str, float | str]:
    """What is worth watching of the last entry of the history."""
    row = trainer.history[-1]
    return {
        "nLLH": row.nllh_median,
        "alive": f"{row.hidden_alive}/{trainer.state.weights.shape[1]}",
        "active": f"{row.chain_activity:.3g} (data {row.data_activity:.3g})",
    }
