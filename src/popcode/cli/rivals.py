"""The baselines that a run is held against: fitted once to its training bins, and kept there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from popcode.cli.console import tell
from popcode.cli.contenders import SPOKEN, Effort, fitted, unfitted
from popcode.errors import InputError
from popcode.files import RunFolder, write_json

if TYPE_CHECKING:
    from popcode.baselines import Independent, Pairwise
    from popcode.recording import Recording
    from popcode.threads import Team

    Baseline = Independent | Pairwise

_ROWS = 4096


def rivals_of(
    run: RunFolder, names: Sequence[str], train: Recording, seed: int
) -> dict[str, Baseline]:
    """Baselines of a run: those that its folder holds, and the others fitted and kept there.

    A kill in between costs the one that was being fitted.

    Parameters
    ----------
    run : RunFolder
    names : sequence of str
        As in `BernoulliOptions.rivals`; none for a model that is held against none.
    train : Recording
        The training bins.
    seed : int
    """
    if not names:
        return {}
    found = kept_rivals(run.baselines, names, train, seed)
    for name in names:
        if name not in found:
            found[name] = _fitted(name, train, seed)
            _keep(run.baselines, name, found[name], train)
    return {name: found[name] for name in names}


def rivals_beside(
    run: Path, names: Sequence[str], train: Recording, seed: int
) -> dict[str, Baseline]:
    """Those of `rivals_of`, without writing into the folder of the run."""
    found = kept_rivals(run / "baselines", names, train, seed)
    return {name: found[name] if name in found else _fitted(name, train, seed) for name in names}


def kept_rivals(
    folder: Path, names: Sequence[str], train: Recording, seed: int
) -> dict[str, Baseline]:
    """Baselines in a folder that were fitted to these bins as they would be now."""
    from popcode.baselines import load_baseline

    sources = _sources(folder)
    if not sources:
        return {}
    current, found = _digest(train), {}
    for name in names:
        if sources.get(name) != current:
            continue
        try:
            model = load_baseline(_file(folder, name))
        except InputError as error:
            tell(f"note: {SPOKEN[name]}: fitted again: {error.what}")
            continue
        wanted = _unfitted(name, seed)
        if type(model) is type(wanted) and model.get_params() == wanted.get_params():
            found[name] = model
    return found


def seconds_of_rivals(
    team: Team, folder: Path, names: Sequence[str], train: Recording, seed: int
) -> float:
    """Seconds that fitting the baselines takes which a folder does not hold."""
    from popcode.baselines import Pairwise
    from popcode.baselines.effort import seconds_expected

    found = kept_rivals(folder, names, train, seed)
    wanted = [_unfitted(name, seed) for name in names if name not in found]
    efforts = [each.effort(train.n_neurons) for each in wanted if isinstance(each, Pairwise)]
    return sum(seconds_expected(team, train.activity, effort) for effort in efforts)


def memory_of_rivals(names: Sequence[str], n_neurons: int) -> int:
    """Bytes that fitting one of them takes at most."""
    from popcode.baselines import Pairwise
    from popcode.baselines.effort import memory_expected

    wanted = [_unfitted(name, 0) for name in names]
    efforts = [each.effort(n_neurons) for each in wanted if isinstance(each, Pairwise)]
    return max((memory_expected(n_neurons, effort) for effort in efforts), default=0)


def _unfitted(name: str, seed: int) -> Baseline:
    return unfitted(name, Effort(1, None, seed, "cpu"))  # none of them has hidden units


def _fitted(name: str, train: Recording, seed: int) -> Baseline:
    return fitted(name, _unfitted(name, seed), train)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.safetensors"


def _keep(folder: Path, name: str, model: Baseline, train: Recording) -> None:
    """Write a model, and only then the bins it was fitted to, which say that it is whole."""
    model.save(_file(folder, name))
    write_json(folder / "sources.json", _sources(folder) | {name: _digest(train)})


def _sources(folder: Path) -> dict[str, str]:
    """Digest of the training bins of every model in a folder."""
    try:
        content = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _digest(train: Recording) -> str:
    """Hash of the training bins, and of how many there are."""
    import numpy as np

    found = hashlib.sha256(str(train.shape).encode())
    for start in range(0, train.n_bins, _ROWS):
        found.update(np.packbits(train.activity[start : start + _ROWS]).tobytes())
    return found.hexdigest()
