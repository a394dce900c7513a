"""Who fits the models of a sweep, as the options of the command line say."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from popcode.cli.reading import Flag
from popcode.errors import InputError

if TYPE_CHECKING:
    from distributed import Client


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class Workers:
    """Who fits.

    Parameters
    ----------
    workers : int
        Processes of this machine, or SLURM jobs; each fits one model at a time.
    scheduler : str
        Address of a running Dask scheduler, whose workers see the same folders.
    slurm : bool
        Submit the workers as SLURM jobs, with the cores, memory, walltime and queue of
        ~/.config/dask/jobqueue.yaml (dask-jobqueue); a job fits one model at a time on all of its
        cores. The nodes reach this process over the network, unencrypted.
    """

    workers: int = 2
    scheduler: str | None = None
    slurm: Annotated[bool, Flag] = False

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        InputError
        """
        if self.workers < 1:
            raise InputError(f"--workers is {self.workers}", remedy="It must be at least 1")
        if self.scheduler is not None and self.slurm:
            raise InputError("--scheduler and --slurm exclude each other", remedy="Give one")

    @contextlib.contextmanager
    def connected(self, scratch: Path) -> Iterator[tuple[Client, int | None]]:
        """A client of the workers, and the threads that a fit may use (None: they know best)."""
        from popcode.sweep.cluster import local_workers, scheduler_at, slurm_jobs
        from popcode.threads import available_threads

        if self.scheduler is not None:
            with scheduler_at(self.scheduler) as client:
                yield client, None
        elif self.slurm:
            with slurm_jobs(self.workers) as client:
                yield client, None
        else:
            n_threads = max(1, available_threads() // self.workers)
            with local_workers(self.workers, scratch) as client:
                yield client, n_threads
