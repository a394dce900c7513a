"""When stimuli come and when the activity is read out, in steps of the network."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.presets import Preset
from popcode.errors import InputError

PULSE_S, WINDOW_S, BLOCK_S = 0.050, 0.100, 0.120
N_RUNS = 40
_MAGNITUDE = 2.5


class Protocol(NamedTuple):
    """Stimuli at fixed intervals in independent runs, read out at fixed delays.

    The network takes x_{t+1} = G x_t + step (noise xi_t + drive v) while a pulse of pattern v
    lasts, and the same without v otherwise. A pulse of `pulse_steps` ends at the time t_j of its
    stimulus. From there time runs in blocks of `gap_steps` and `window_steps`: the read-out of a
    block is the sum of the states in its window, and the last block of an interval is not read,
    for the next pulse is in it. Windows do not overlap, so the read-outs of a linear network can
    be drawn block by block without its steps.

    Attributes
    ----------
    step, dt_s : float
        dt / tau, and dt in seconds.
    noise, drive : float
        Of a step.
    pulse_steps, gap_steps, window_steps : int
    n_blocks : int
        Of an interval between stimuli.
    n_stimuli, n_runs : int
        Trials are the stimuli of all runs, (n_stimuli, n_runs) in C order.
    """

    step: float
    dt_s: float
    noise: float
    drive: float
    pulse_steps: int
    gap_steps: int
    window_steps: int
    n_blocks: int
    n_stimuli: int
    n_runs: int = N_RUNS

    @property
    def n_trials(self) -> int:
        """Stimuli of all runs."""
        return self.n_stimuli * self.n_runs

    @property
    def n_delays(self) -> int:
        """Read-outs of a trial."""
        return self.n_blocks - 1

    @property
    def block_steps(self) -> int:
        """Steps of a block."""
        return self.gap_steps + self.window_steps

    @property
    def delays_s(self) -> NDArray[np.floating]:
        """Seconds from the end of a stimulus to the end of each read-out, (n_delays,)."""
        return np.arange(1, self.n_blocks) * (self.block_steps * self.dt_s)

    @property
    def first_fold(self) -> NDArray[np.bool_]:
        """Trials of the first half of the runs: folds share no noise and no past stimulus."""
        return np.tile(np.arange(self.n_runs) < self.n_runs // 2, self.n_stimuli)

    def silent(self) -> Protocol:
        """The same without noise."""
        return self._replace(noise=0.0)


def published_protocol(preset: Preset, interval_s: float, n_stimuli: int) -> Protocol:
    """The published protocol with a preset's time constant and step.

    Read-outs are every 120 ms from 120 ms on; in the article there are 50 of them from 120 ms to
    the next stimulus, whose windows overlap.

    Parameters
    ----------
    preset : Preset
    interval_s : float
        Between stimuli.
    n_stimuli : int
        Of a run.

    Raises
    ------
    InputError
        Times that are no whole steps.

    References
    ----------
    Pachitariu et al., Nature 655, 990-996 (2026), figure 5.
    """
    dt_ms, tau_ms = 1000 * preset.dt_s, 1000 * preset.tau_s
    block = _steps(BLOCK_S, preset.dt_s)
    window = _steps(WINDOW_S, preset.dt_s)
    return Protocol(
        step=preset.dt_s / preset.tau_s,
        dt_s=preset.dt_s,
        noise=0.1 * math.sqrt(tau_ms / 50 * 5 / dt_ms),
        drive=_MAGNITUDE * 5 / dt_ms / 25,
        pulse_steps=_steps(PULSE_S, preset.dt_s),
        gap_steps=block - window,
        window_steps=window,
        n_blocks=_steps(interval_s, block * preset.dt_s),
        n_stimuli=n_stimuli,
    )


def _steps(duration_s: float, step_s: float) -> int:
    steps = round(duration_s / step_s)
    if steps < 1 or not np.isclose(steps * step_s, duration_s, rtol=1e-6):
        raise InputError(
            f"{duration_s:g} s are no whole number of {step_s:g} s",
            remedy="Give a step of 1, 2 or 5 ms",
        )
    return steps
