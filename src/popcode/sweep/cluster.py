"""Workers for a sweep: processes of this machine, a running scheduler's, or SLURM jobs."""

from __future__ import annotations

import contextlib
import logging
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dask
from distributed import Client, LocalCluster, Worker, WorkerPlugin

from popcode.errors import InputError

if TYPE_CHECKING:
    from dask_jobqueue import SLURMCluster

_CONNECT_S, _CLOSE_S = 30.0, 20.0
_HOST = "127.0.0.1"


class _NoCtrlC(WorkerPlugin):
    """A terminal sends Ctrl-C to every process of a command; only its client shall answer."""

    name = "popcode-no-ctrl-c"

    def setup(self, worker: Worker) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def local_workers(n_workers: int, scratch: Path) -> Iterator[Client]:
    """Processes of this machine, one fit each, reachable from this machine alone.

    A worker that dies is replaced; when this process dies, however it does, they end by
    themselves.

    Parameters
    ----------
    n_workers : int
    scratch : pathlib.Path
        A folder for what they keep on disk; removed at the end, and what a former one left.
    """
    _quiet()
    shutil.rmtree(scratch, ignore_errors=True)
    # A machine that was asleep wakes up with its workers as they were; they are not given up.
    settings = {
        "distributed.scheduler.worker-ttl": None,
        "distributed.worker.profile.enabled": False,  # its clock costs 2 % of a processor
    }
    with dask.config.set(settings):
        cluster = LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            host=_HOST,
            dashboard_address=f"{_HOST}:0",
            worker_dashboard_address=f"{_HOST}:0",
            memory_limit=0,
            local_directory=str(scratch),
            silence_logs=logging.CRITICAL,
        )
        try:
            with Client(cluster, set_as_default=False) as client:
                client.register_plugin(_NoCtrlC())
                yield client
        finally:
            with contextlib.suppress(TimeoutError):  # a busy machine: they end with this process
                cluster.close(timeout=_CLOSE_S)
            shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def scheduler_at(address: str) -> Iterator[Client]:
    """Workers of a Dask scheduler that is running; they must see the folder of the sweep.

    Raises
    ------
    InputError
        Nobody answers there.
    """
    _quiet()
    try:
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            f"no Dask scheduler answers ({error})",
            where=address,
            remedy="Start one with dask scheduler, and workers with dask worker ADDRESS",
        ) from error
    with client:
        yield client


@contextlib.contextmanager
def slurm_jobs(n_jobs: int) -> Iterator[Client]:
    """SLURM jobs, each a worker that fits one model at a time on all of the job's processors.

    The scheduler listens on the network, for the nodes to reach it; its status page does not.

    Parameters
    ----------
    n_jobs : int

    Raises
    ------
    InputError
        dask-jobqueue or SLURM is not there, or the settings do not make a job.
    """
    _quiet()
    if shutil.which("sbatch") is None:
        raise InputError(
            "--slurm needs the command sbatch, which is not here",
            remedy="Start the sweep on a machine from which SLURM jobs are submitted",
        )
    with slurm_cluster() as cluster, Client(cluster, set_as_default=False) as client:
        cluster.scale(n_jobs)
        yield client


def slurm_cluster() -> SLURMCluster:
    """A cluster without jobs yet, as ``jobqueue.yaml`` of dask-jobqueue describes them.

    Raises
    ------
    InputError
        dask-jobqueue is not there, or its settings do not make a job.
    """
    try:
        from dask_jobqueue import SLURMCluster  # noqa: PLC0415  (an extra of its own)
    except ImportError as error:
        raise InputError(
            "--slurm needs dask-jobqueue", remedy="Install it: pip install 'popcode[slurm]'"
        ) from error
    asked = dask.config.get("jobqueue.slurm", {})
    try:
        return SLURMCluster(
            processes=1,
            worker_extra_args=[*(asked.get("worker-extra-args") or ()), "--nthreads", "1"],
            scheduler_options={"dashboard_address": f"{_HOST}:0"}
            | (asked.get("scheduler-options") or {}),
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"no SLURM job can be made ({error})",
            where="~/.config/dask/jobqueue.yaml",
            remedy="Give queue, account, cores, memory and walltime there, under jobqueue: slurm:",
        ) from error


def _quiet() -> None:
    """A worker that dies is told of in our own words."""
    for name in ("distributed", "distributed.nanny", "distributed.scheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
