"""What a study found: mean curves over networks, half-decays, controls and ceilings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from popcode.dynamics.memory.curves import half_decay, mean_curve
from popcode.dynamics.memory.study import Member, Piece, protocol_of
from popcode.dynamics.memory.tasks import TASKS, Curves
from popcode.dynamics.presets import Preset

TIMES = ("known", "unknown")


class Result(NamedTuple):
    """A piece, its curves, and the gain of its network."""

    piece: Piece
    curves: Curves
    gain: float


def summarised(results: Sequence[Result], preset: Preset) -> dict[str, Any]:
    """The content of ``metrics.json``: task -> network -> time known or unknown -> its curve.

    Parameters
    ----------
    results : sequence of Result
    preset : Preset

    Returns
    -------
    dict
        Plain content; what cannot be had is nan.
    """
    tasks = [name for name in TASKS if any(each.piece.task == name for each in results)]
    return {"memory": {name: _task(name, results, preset) for name in tasks}}


def _task(name: str, results: Sequence[Result], preset: Preset) -> dict[str, Any]:
    task, protocol = TASKS[name], protocol_of(preset, name)
    ours = [each for each in results if each.piece.task == name]
    members = list(dict.fromkeys(each.piece.member for each in ours))
    return {
        "title": task.title,
        "chance": task.chance(protocol),
        "n_trials": protocol.n_trials,
        "interval_s": task.interval_s,
        "delays_s": protocol.delays_s,
        "networks": {member.name: _member(member, ours, task.chance(protocol), protocol.delays_s)
                     for member in members},
    }  # fmt: skip


def _member(
    member: Member, results: Sequence[Result], chance: float, delays_s: np.ndarray
) -> dict[str, Any]:
    ours = [each for each in results if each.piece.member == member]
    noisy = [each for each in ours if not each.piece.is_ceiling]
    ceilings = [each.curves for each in ours if each.piece.is_ceiling]
    curves = [each.curves for each in noisy]
    facts = {
        "kind": member.kind,
        "n_neurons": member.n_neurons,
        "seeds": [each.piece.seed for each in noisy],
        "gains": [each.gain for each in noisy],
    }
    return facts | {time: _time(time, curves, ceilings, chance, delays_s) for time in TIMES}


def _time(
    time: str,
    curves: Sequence[Curves],
    ceilings: Sequence[Curves],
    chance: float,
    delays_s: np.ndarray,
) -> Mapping[str, Any]:
    each = [getattr(one, time) for one in curves]
    mean = mean_curve(each)
    return {
        "accuracy": mean.mean,
        "low": mean.low,
        "high": mean.high,
        "shuffled": mean_curve([getattr(one, f"{time}_control") for one in curves]).mean,
        "noiseless": getattr(ceilings[0], time) if ceilings else None,
        "half_decay_s": half_decay(delays_s, mean.mean, chance),
        "half_decay_of_networks_s": [half_decay(delays_s, one, chance) for one in each],
    }
