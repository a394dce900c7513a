"""``popcode sweep``: many fits of one recording, to choose among."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter

from popcode.cli.crbm_options import DEFAULTS, Training
from popcode.cli.options import FitOptions
from popcode.cli.reading import AS_IT_IS, Flag, Reading
from popcode.cli.sweep_workers import Workers
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.sweep.request import SweepRequest

app = cyclopts.App(
    name="sweep",
    help="Fit many models to a recording, on the processors of this machine or of many, to choose "
    "among.\n\nExample: popcode sweep crbm recording.npz --hidden 50,100,200 --l1 0.01,0.02 "
    "--seeds 3 --out sweep",
)


HERE = Workers()
_MOST_SEEDS = 1000


@app.default
def again(*, resume: Path, workers: Workers = HERE) -> None:
    """Go on with a sweep that was interrupted or killed.

    Example: popcode sweep --resume sweep

    Models that are finished are not fitted again; those that were begun go on from their last
    checkpoint. The same as the first command once more.

    Parameters
    ----------
    resume : Path
        Folder of the sweep.
    workers : Workers
    """
    from popcode.cli.sweeping import sweep_into
    from popcode.sweep.request import read_request

    workers.check()
    _require()
    sweep_into(resume, read_request(resume), workers)


@app.command
def crbm(
    input_path: Annotated[str, Parameter(name="INPUT")],
    /,
    *,
    hidden: str,
    l1: str,
    out: Path,
    seeds: int = 1,
    search: int = 0,
    warm_start: Annotated[bool, Flag] = False,
    workers: Workers = HERE,
    training: Training = DEFAULTS,
    reading: Reading = AS_IT_IS,
) -> None:
    """Fit compositional RBMs over hidden units and penalties, and recommend one.

    Example: popcode sweep crbm recording.npz --hidden 50,100,200 --l1 0.01,0.02 --out sweep

    Every model is a run folder (trials/0000, ...) that popcode report and all other commands read.
    sweep.html shows the scores against hidden units and penalty and recommends a model;
    trials.csv holds the numbers. A worker that dies is replaced and its model gone on with. Run
    the same command again, or popcode sweep --resume OUT, to go on after an interruption.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    hidden : str
        Numbers of hidden units, with commas between.
    l1 : str
        Penalties on the weights, with commas between.
    out : Path
        Folder of the sweep.
    seeds : int
        Fits of every model, with seeds from --seed on; their scatter tells what a difference is
        worth.
    search : int
        Try this many models between the least and the most of --hidden and --l1 (Bayesian search,
        which gives up hopeless fits half-way) instead of the grid; the best three are fitted with
        all seeds.
    warm_start : bool
        Start from the fit of the next lower penalty, with half the updates.
    workers : Workers
    training : Training
    """
    from popcode.cli.sweeping import sweep_into

    workers.check()
    _require()
    request = requested(
        input_path, training.options(reading), hidden, l1, seeds, search, warm_start
    )
    sweep_into(out, request, workers)


def _require() -> None:
    """Refuse to start without the packages of the extra.

    Raises
    ------
    InputError
    """
    from importlib.util import find_spec

    if missing := [name for name in ("distributed", "optuna") if find_spec(name) is None]:
        raise InputError(
            f"popcode sweep needs {' and '.join(missing)}",
            remedy="Install the extra: pip install 'popcode[sweep]'",
        )


def requested(
    input_path: str,
    options: FitOptions,
    hidden: str,
    l1: str,
    seeds: int,
    search: int,
    warm: bool,
) -> SweepRequest:
    """What is asked for, with the input read once and every model found possible.

    Raises
    ------
    InputError
    """
    from popcode.cli.fitting import from_anywhere
    from popcode.cli.preparation import content_hash, prepare
    from popcode.sweep.plan import grid_of
    from popcode.sweep.request import SweepRequest

    _refuse(options.holdout, seeds, search, warm)
    request = SweepRequest(
        command=shlex.join(["popcode", *sys.argv[1:]]),
        input_path=from_anywhere(input_path),
        input_hash="",
        hidden=tuple(sorted(set(numbers("--hidden", hidden, int)))),
        l1=tuple(sorted(set(numbers("--l1", l1, float)))),
        seeds=tuple(range(options.seed, options.seed + seeds)),
        n_search=search,
        warm=warm,
        parameters=options.record(),
    )
    for cell in grid_of(request):
        dataclasses.replace(options, **cell._asdict()).check()
    prepared = prepare(request.input_path, options)
    return dataclasses.replace(request, input_hash=content_hash(prepared.recording))


def _refuse(holdout: float, seeds: int, search: int, warm: bool) -> None:
    if not 1 <= seeds <= _MOST_SEEDS:
        raise InputError(f"--seeds is {seeds}", remedy=f"It must be from 1 to {_MOST_SEEDS:,}")
    if search < 0 or (search and warm):
        raise InputError(
            f"--search is {search}" + (" with --warm-start" if warm else ""),
            remedy="It must be a number of models; a search starts every fit afresh",
        )
    if holdout == 0:
        raise InputError("--holdout is 0", remedy="Models are chosen by their scores on such bins")


def numbers(option: str, text: str, kind: Callable[[str], Any]) -> list[Any]:
    """Numbers with commas between.

    Raises
    ------
    InputError
    """
    try:
        return [kind(each) for each in text.split(",")]
    except ValueError:
        raise InputError(
            f"{option} is {text!r}", remedy="Give numbers with commas between, such as 50,100"
        ) from None
