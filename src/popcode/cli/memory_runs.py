"""What ``popcode memory`` does: piece after piece, each kept as soon as it is there."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from popcode.cli.console import show, tell
from popcode.cli.memory_options import MemoryOptions, options_from_record
from popcode.cli.memory_table import memory_table
from popcode.cli.spent import TimeSpent
from popcode.errors import InputError
from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.dynamics.memory.study import Piece
    from popcode.dynamics.memory.summary import Result
    from popcode.files import RunFolder

_KEPT = "every finished network is kept"


def memory_into(out: Path, options: MemoryOptions, force: bool) -> None:
    """Do all of a run in a new folder, or what is left of it in its own.

    Raises
    ------
    InputError
        The folder holds something else, is in use, or what is asked for takes too much memory.
    Interrupted
        The run can be gone on with.
    """
    from popcode.cli.leaving import interruptible, remediable

    with _folder(out, options, force) as run, interruptible(out, _KEPT), remediable(out):
        carry_out_memory(run, options)


def resume_memory(run: RunFolder, updates: int | None) -> None:
    """Do what is left to do of a run; errors as of `memory_into`, and for any `updates`."""
    from popcode.cli.leaving import interruptible, remediable

    if updates is not None:
        raise InputError(
            "a memory run has no --updates", where=str(run.path), remedy="Resume it without"
        )
    with interruptible(run.path, _KEPT), remediable(run.path):
        carry_out_memory(run, options_from_record(run.record.parameters))


@contextlib.contextmanager
def _folder(out: Path, options: MemoryOptions, force: bool) -> Iterator[RunFolder]:
    from popcode.files import RunFolder, RunRecord, read_record

    there = (out / "run.json").exists() and not force
    if there and read_record(out).parameters == options.record():
        with RunFolder.reopen(out) as run:
            yield run
        return
    command = shlex.join(["popcode", *sys.argv[1:]])
    record = RunRecord(command=command, parameters=options.record(), seed=options.seed)
    with RunFolder.create(out, record, force=force) as run:
        try:
            say_plan(options)
        except InputError:
            run.abandon()
            raise
        yield run


def carry_out_memory(run: RunFolder, options: MemoryOptions) -> None:
    """Run the pieces that are not there yet, and show what came of all."""
    from popcode.dynamics.memory.summary import summarised
    from popcode.files import write_json

    if run.record.finished and run.metrics.exists() and run.report.exists():
        tell(f"{run.path} is finished: nothing is left to do")
        show(str(run.path))
        return
    spent = TimeSpent(run.checkpoint / "seconds.json")
    results = _results(run, options, spent)
    metrics = summarised(results, options.constants())
    metrics["training"] = {"seconds": spent.save()}
    write_json(run.metrics, metrics)
    write_memory_report(run)
    run.finish()
    show(memory_table(json.loads(run.metrics.read_text(encoding="utf-8"))))
    show(str(run.path))
    show(str(run.report))


def write_memory_report(run: RunFolder) -> Path:
    """Draw the page from what the folder holds, and put it in place of a former one.

    Raises
    ------
    InputError
        The run is not over; the page cannot be written.
    """
    from popcode.files import write_text
    from popcode.report.memory import render_memory

    if not run.metrics.exists():
        raise InputError(
            "the run has no curves yet",
            where=str(run.path),
            remedy=f"Go on with: popcode resume {shlex.quote(str(run.path))}",
        )
    metrics = json.loads(run.metrics.read_text(encoding="utf-8"))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    write_text(run.report, render_memory(str(run.path), run.record, metrics, now))
    return run.report


def _results(run: RunFolder, options: MemoryOptions, spent: TimeSpent) -> list[Result]:
    """Results of all pieces, those that are there read and the others made."""
    kept = {piece: _read(run, piece) for piece in options.pieces()}
    left = [piece for piece, result in kept.items() if result is None]
    if left:
        n_done = len(kept) - len(left)
        with progress("memory", len(kept), start=n_done, unit="curve") as bar:
            for result in _made(options, left):
                write_result(run, result)
                kept[result.piece] = result
                spent.save()
                bar.update(bar.done + 1, at=result.piece.name)
    return [result for result in kept.values() if result is not None]


def _made(options: MemoryOptions, pieces: list[Piece]) -> Iterator[Result]:
    """Run pieces one after the other; a network is drawn once for those that follow each other."""
    from popcode.dynamics.memory.study import network_of, run_piece
    from popcode.dynamics.memory.summary import Result
    from popcode.threads import Team

    drawn, preset = None, options.constants()
    with Team() as team:
        for piece in pieces:
            if drawn != (piece.member, piece.seed):
                network = network_of(piece.member, preset, piece.seed)
                drawn = piece.member, piece.seed
            yield Result(piece, run_piece(team, network, piece, preset), network.gain)


def write_result(run: RunFolder, result: Result) -> None:
    """Keep a result for a run that is gone on with."""
    from popcode.files import write_json

    write_json(_path(run, result.piece), {"gain": result.gain, **result.curves._asdict()})


def _path(run: RunFolder, piece: Piece) -> Path:
    return run.checkpoint / f"{piece.name}.json"


def _read(run: RunFolder, piece: Piece) -> Result | None:
    """The result of a finished piece; None where there is none or it is damaged."""
    import numpy as np

    from popcode.dynamics.memory.summary import Result
    from popcode.dynamics.memory.tasks import Curves

    try:
        content = json.loads(_path(run, piece).read_text(encoding="utf-8"))
        curves = {name: np.array(content[name], np.float64) for name in Curves._fields}
        return Result(piece, Curves(**curves), float(content["gain"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def say_plan(options: MemoryOptions) -> None:
    """Print what a run takes in memory and time; refuse what does not fit.

    Raises
    ------
    InputError
        Not enough memory.
    """
    from popcode.dynamics.memory.study import bytes_expected, operations_expected
    from popcode.progress import duration_text
    from popcode.recording.memory import refuse_beyond_memory

    pieces, preset = options.pieces(), options.constants()
    needed = bytes_expected(pieces, preset)
    refuse_beyond_memory(needed)
    seconds = sum(operations_expected(piece, preset) for piece in pieces) / _speed()
    members = ", ".join(
        dict.fromkeys(f"{piece.member.kind} of {piece.member.n_neurons:,}" for piece in pieces)
    )
    tell(f"networks: {members}; {options.seeds} of each, in {len(options.tasks)} tasks")
    tell(f"plan: {needed / 2**30:.1f} GiB of memory, about {duration_text(seconds)}")


def _speed() -> float:
    """Floating-point operations a second of matrix products, all threads together."""
    import time

    import numpy as np

    matrix = np.ones((1000, 1000), np.float32)
    matrix @ matrix.T
    started = time.perf_counter()
    for _ in range(5):
        matrix @ matrix
    return 5 * 2e9 / (time.perf_counter() - started)
