"""What a fit will take, told before it starts: memory by a formula, time by a few timed updates."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.fitting import start_fit
from popcode.rbm.settings import Settings
from popcode.rbm.state import initial_potential
from popcode.rbm.trainer import Trainer
from popcode.threads import Team

# Bins that the final test of a fit looks at, and its samples of a chain; the tests compare the
# plan with what a fit really allocates.
_FINAL_BINS, _FINAL_SAMPLES = 20_000, 25
_FLOAT, _DOUBLE = 4, 8
# Buffers whose size does not grow with the fit.
FIXED = 60_000_000
_CGROUP = Path("/sys/fs/cgroup")


class MemoryPlan(NamedTuple):
    """Bytes that a fit takes, beyond what the imported package does.

    Attributes
    ----------
    recording : int
        Activity, one byte an entry; it is in memory when the plan is made.
    state : int
        Weights with their running means and squares, fields, hidden units and chains, twice: as
        they are and as they were at the last check.
    training, finishing, evaluation : int
        What each stage takes above these two.
    """

    recording: int
    state: int
    training: int
    finishing: int
    evaluation: int

    @property
    def to_come(self) -> int:
        """Most that is yet to be allocated, the recording being there."""
        return self.state + max(self.training, self.finishing, self.evaluation)

    @property
    def peak(self) -> int:
        """Most that is needed at once."""
        return self.recording + self.to_come


def memory_plan(
    n_bins: int, n_neurons: int, n_train: int, n_test: int, n_samples: int, settings: Settings
) -> MemoryPlan:
    """Work out the memory of a fit and of its evaluation.

    Parameters
    ----------
    n_bins, n_neurons : int
        Of the recording.
    n_train, n_test : int
        Bins of each part; with no test bins nothing is evaluated.
    n_samples : int
        Samples that the model is judged on.
    settings : Settings
    """
    n_hidden, n_weights = settings.n_hidden, n_neurons * settings.n_hidden
    n_parameters = len(initial_potential(settings.hidden, 1))
    # Weights, their mean, mean squares and trend; fields and hidden units likewise; chains.
    state = (
        4 * _FLOAT * n_weights
        + 3 * _FLOAT * n_neurons
        + (3 * n_parameters + 1) * _DOUBLE * n_hidden
        + settings.n_chains * n_neurons
    )
    # Weights in double precision, and how many rows of the recording a batch or a look takes.
    training = _DOUBLE * n_weights + 8 * _DOUBLE * settings.batch_size * n_hidden + FIXED
    # Two groups of samples are held at once, each from half of the chains.
    n_samples_a_group = _FINAL_SAMPLES * -(-settings.n_chains // 2)
    testing = (
        2 * n_samples_a_group * n_neurons
        + 6 * _DOUBLE * (min(n_train, _FINAL_BINS) + n_samples_a_group) * n_hidden
        + 12 * _FLOAT * n_weights
        + FIXED
    )
    return MemoryPlan(
        recording=n_bins * n_neurons,
        state=2 * state,
        training=training,
        # A fit whose units died is followed by trials at smaller penalties.
        finishing=max(testing, 2 * state + training),
        evaluation=evaluation_memory(n_train, n_test, n_neurons, n_hidden, n_samples) + FIXED,
    )


def evaluation_memory(
    n_train: int, n_test: int, n_neurons: int, n_hidden: int, n_samples: int
) -> int:
    """Both parts copied, two sets of samples, E[h|v], five sets of statistics and temporaries."""
    if n_test == 0:
        return 0
    pairs = min(n_neurons * (n_neurons - 1) // 2, 12_500_000)
    statistics = _DOUBLE * (pairs + n_neurons * n_hidden + n_hidden**2)
    blocks = 5 * _DOUBLE * min(20_000_000, n_neurons * min(n_samples, 4096))
    hidden = 2 * _DOUBLE * n_hidden * max(n_train, n_test, n_samples)
    return (n_train + n_test + 2 * n_samples) * n_neurons + 8 * statistics + blocks + hidden


def available_memory() -> int:
    """Bytes that can be had now: of the machine, and of the batch system's share where it has one.

    Batch systems and containers grant less than the machine has (control groups, version 2).
    """
    available = int(psutil.virtual_memory().available)
    try:
        granted = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        statistics = (_CGROUP / "memory.stat").read_text().split()
        # Pages of files that were read give way when memory is asked for.
        cached = int(statistics[statistics.index("inactive_file") + 1])
    except (OSError, ValueError):  # no control group, or "max": no limit
        return available
    return max(0, min(available, granted - used + cached))


def refuse_beyond(plan: MemoryPlan, available: int) -> None:
    """Refuse a fit that does not fit.

    Raises
    ------
    InputError
        With both numbers and what to do.
    """
    if plan.to_come > available:
        raise InputError(
            f"the fit needs {size_text(plan.to_come)} of memory beyond the recording and "
            f"{size_text(available)} are available",
            remedy="Use fewer neurons, hidden units or chains, or a machine with more memory",
        )


def size_text(n_bytes: float) -> str:
    """A size as people say it, such as ``340 MB`` or ``2.1 GB``."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


class _Timed(Exception):
    """No error: the way out of a fit that has been timed."""


def seconds_an_update(
    team: Team,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    settings: Settings,
    *,
    at_most_s: float = 1.0,
    at_most: int = 20,
) -> float:
    """Time updates of a fit that is thrown away; the fit to come does not notice.

    Parameters
    ----------
    team : Team
    data : ndarray of uint8, (n_bins, n_neurons)
    bins : ndarray of int64
        The training bins.
    settings : Settings
    at_most_s, at_most : float, int
        Stop at whichever comes first, after the first update, which may compile.
    """
    trainer = start_fit(data, bins, settings)
    times: list[float] = []

    def after_update(_trainer: Trainer) -> None:
        times.append(time.perf_counter())
        if len(times) > at_most or (len(times) > 1 and times[-1] - times[0] > at_most_s):
            raise _Timed

    with contextlib.suppress(_Timed):
        trainer.run(team, after_update)
    return (times[-1] - times[0]) / max(len(times) - 1, 1)
