"""Train a fit in its run folder: progress, checkpoints, and a clean way out when interrupted."""

from __future__ import annotations

import time
from typing import Any

from popcode.cli.families import family_of
from popcode.cli.work import Work
from popcode.progress import Progress, Stop, interruption, progress

CHECKPOINT_EVERY_S = 30.0


def train(work: Work) -> Any:
    """Make the updates that are left, and leave a checkpoint of the end of training."""
    trainer = family_of(work.options).trainer(work)
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
        self._family = family_of(work.options)
        self._saved_at = time.monotonic()
        self._shown = -1

    def __call__(self, trainer: Any) -> None:
        """Take note of an update.

        Raises
        ------
        KeyboardInterrupt
            The user or the batch system asked to stop; the checkpoint is written.
        """
        values = {}
        if trainer.history and trainer.history[-1].update != self._shown:
            self._shown = trainer.history[-1].update
            values = self._family.watched(trainer)
        self._bar.update(trainer.state.update, **values)
        if self._stop.requested:
            self.save(trainer)
            raise KeyboardInterrupt
        if time.monotonic() - self._saved_at >= CHECKPOINT_EVERY_S:
            self.save(trainer)

    def save(self, trainer: Any) -> None:
        """Write the checkpoint."""
        self._family.save(self._work, trainer)
        self._work.spent.save()
        self._saved_at = time.monotonic()
