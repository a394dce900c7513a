"""The workers that are asked for."""

import dask
import pytest

from popcode.errors import InputError
from popcode.sweep.cluster import scheduler_at, slurm_cluster, slurm_jobs

JOB = {"cores": 4, "memory": "8GB", "walltime": "04:00:00", "queue": "long"}


def test_a_slurm_job_is_one_worker_that_fits_one_model_at_a_time():
    pytest.importorskip("dask_jobqueue", reason="the extra popcode[slurm] is not installed")
    named = JOB | {"worker-extra-args": ["--resources", "A=1"]}
    with (
        dask.config.set({f"jobqueue.slurm.{name}": value for name, value in named.items()}),
        slurm_cluster() as cluster,
    ):
        script = cluster.job_script()
        assert cluster.scheduler_info["services"].get("dashboard") is not None
    assert "#SBATCH --cpus-per-task=4" in script
    assert "#SBATCH -p long" in script
    worker = script.split()
    assert "--nworkers" not in worker
    # The last of an option counts.
    last = len(worker) - 1 - worker[::-1].index("--nthreads")
    assert worker[last + 1] == "1"
    assert worker[worker.index("--resources") + 1] == "A=1"
    assert "--death-timeout" in worker  # it ends when the client has gone


def test_a_slurm_job_that_cannot_be_is_refused(monkeypatch):
    pytest.importorskip("dask_jobqueue", reason="the extra popcode[slurm] is not installed")
    with pytest.raises(InputError, match="cores"):
        slurm_cluster()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="sbatch"), slurm_jobs(1):
        pass


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr("popcode.sweep.cluster._CONNECT_S", 0.5)
    address = "tcp://127.0.0.1:1"
    with pytest.raises(InputError, match=address), scheduler_at(address):
        pass
