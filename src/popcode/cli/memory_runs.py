"""What ``popcode memory`` does: piece after piece, each kept as soon as it is there."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popcode.cli.console import show, tell
from popcode.cli.memory_table import memory_table
from popcode.cli.spent import TimeSpent
from popcode.errors import InputError
from popcode.progress import Progress, progress

if TYPE_CHECKING:
    from popcode.dynamics.memory.study import Piece
    from popcode.dynamics.memory.summary import Result
    from popcode.dynamics.memory.tasks import Curves
    from popcode.dynamics.presets import Preset
    from popcode.files import RunFolder

MODEL = "memory"
_KEPT = "every finished network is kept"


@dataclasses.dataclass(frozen=True)
class MemoryOptions:
    """What was asked for, in the form that ``run.json`` keeps."""

    tasks: tuple[str, ...]
    neurons: int
    networks: tuple[str, ...]
    seeds: int
    seed: int
    preset: str

    def record(self) -> dict[str, Any]:
        """Plain values for ``run.json``."""
        lists = {"tasks": list(self.tasks), "networks": list(self.networks)}
        return {"model": MODEL, **dataclasses.asdict(self), **lists}

    def pieces(self) -> list[Piece]:
        """All that is to be done."""
        from popcode.dynamics.memory.study import members_of, pieces_of

        members = members_of(self.networks, self.neurons)
        return pieces_of(members, self.tasks, range(self.seed, self.seed + self.seeds))

    def constants(self) -> Preset:
        """Time constant, step and radius."""
        from popcode.dynamics.memory.study import PRESETS

        return PRESETS[self.preset]


def options_of(
    task: str, neurons: int, networks: str, seeds: int, seed: int, preset: str
) -> MemoryOptions:
    """Options as they were typed.

    Raises
    ------
    InputError
        Impossible ones.
    """
    from popcode.dynamics.memory.study import NETWORKS
    from popcode.dynamics.memory.tasks import TASKS

    kinds = [each.strip() for each in networks.split(",")]
    if unknown := [each for each in kinds if each not in NETWORKS]:
        raise InputError(
            f"--networks names {unknown[0]!r}",
            remedy=f"Write some of {','.join(NETWORKS)}, with commas between",
        )
    for option, value, least in (("--neurons", neurons, 200), ("--seeds", seeds, 1)):
        if value < least:
            raise InputError(f"{option} is {value}", remedy=f"It must be at least {least}")
    if not 0 <= seed < 2**31:
        raise InputError(f"--seed is {seed}", remedy="It must be from 0 to 2**31 - 1")
    tasks = tuple(TASKS) if task == "all" else (task,)
    chosen = tuple(kind for kind in NETWORKS if kind in kinds)
    return MemoryOptions(tasks, neurons, chosen, seeds, seed, preset)


def options_from_record(parameters: dict[str, Any]) -> MemoryOptions:
    """Read the options of a run back.

    Raises
    ------
    InputError
        Damaged.
    """
    try:
        names = [field.name for field in dataclasses.fields(MemoryOptions)]
        values = {name: parameters[name] for name in names}
        lists = {name: tuple(values[name]) for name in ("tasks", "networks")}
        return MemoryOptions(**values | lists)
    except (TypeError, KeyError) as error:
        raise InputError(
            f"the parameters of the run are damaged ({error})",
            where="run.json",
            remedy="Run popcode memory again, into a new folder",
        ) from error


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
    from popcode.dynamics.memory.summary import Result

    kept = {piece: _read(_path(run, piece)) for piece in options.pieces()}
    left = [piece for piece, curves in kept.items() if curves is None]
    if left:
        n_done = len(kept) - len(left)
        with progress("memory", len(kept), start=n_done, unit="curve") as bar:
            _run_left(run, options, left, kept, spent, bar)
    return [Result(piece, curves) for piece, curves in kept.items() if curves is not None]


def _run_left(
    run: RunFolder,
    options: MemoryOptions,
    left: list[Piece],
    kept: dict[Piece, Curves | None],
    spent: TimeSpent,
    bar: Progress,
) -> None:
    from popcode.dynamics.memory.study import network_of, run_piece
    from popcode.files import write_json
    from popcode.threads import Team

    drawn, preset = None, options.constants()
    with Team() as team:
        for piece in left:
            if drawn != (piece.member, piece.seed):
                network = network_of(piece.member, preset, piece.seed)
                drawn = piece.member, piece.seed
            curves = run_piece(team, network, piece, preset)
            write_json(_path(run, piece), curves)
            kept[piece] = curves
            spent.save()
            bar.update(bar.done + 1, at=piece.name)


def _path(run: RunFolder, piece: Piece) -> Path:
    return run.checkpoint / f"{piece.name}.json"


def _read(path: Path) -> Curves | None:
    """Curves of a finished piece; None where there are none or they are damaged."""
    import numpy as np

    from popcode.dynamics.memory.tasks import Curves

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Curves(**{name: np.array(content[name], np.float64) for name in Curves._fields})
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
