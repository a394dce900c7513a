"""What ``popcode spectrum`` does: part after part, each kept as soon as it is there."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popcode.cli.console import show, tell
from popcode.cli.spectrum_options import SpectrumOptions, options_from_record
from popcode.cli.spectrum_table import spectrum_table
from popcode.cli.spent import TimeSpent
from popcode.errors import InputError, PopcodeWarning
from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.files import RunFolder
    from popcode.recording import Recording

_KEPT = "every finished part is kept"


def spectrum_into(out: Path, options: SpectrumOptions, force: bool) -> None:
    """Do all of a run in a new folder, or what is left of it in its own.

    Raises
    ------
    InputError
        The folder holds something else or is in use; the input cannot be used.
    Interrupted
        The run can be gone on with.
    """
    from popcode.cli.leaving import interruptible, remediable

    with _folder(out, options, force) as run, interruptible(out, _KEPT), remediable(out):
        carry_out_spectrum(run, options)


def resume_spectrum(run: RunFolder, updates: int | None) -> None:
    """Do what is left to do of a run; errors as of `spectrum_into`, and for any `updates`."""
    from popcode.cli.leaving import interruptible, remediable

    if updates is not None:
        raise InputError(
            "a spectrum run has no --updates", where=str(run.path), remedy="Resume it without"
        )
    with interruptible(run.path, _KEPT), remediable(run.path):
        carry_out_spectrum(run, options_from_record(run.record.parameters))


@contextlib.contextmanager
def _folder(out: Path, options: SpectrumOptions, force: bool) -> Iterator[RunFolder]:
    from popcode.files import RunFolder, RunRecord, read_record

    there = (out / "run.json").exists() and not force
    if there and read_record(out).parameters == options.record():
        with RunFolder.reopen(out) as run:
            yield run
        return
    record = RunRecord(
        command=shlex.join(["popcode", *sys.argv[1:]]),
        parameters=options.record(),
        seed=options.seed,
        input_path=options.input_path,
    )
    with RunFolder.create(out, record, force=force) as run:
        try:
            examined(run, options)
        except InputError:
            run.abandon()
            raise
        yield run


def examined(run: RunFolder, options: SpectrumOptions) -> Recording:
    """Read the input of a run for the first time or again, and be sure that it is the same.

    Raises
    ------
    InputError
        The input cannot be read or used, or has changed.
    """
    from popcode.cli.preparation import content_hash, read
    from popcode.cli.spectrum_parts import usable
    from popcode.cli.work import refuse_changed

    path = options.input_path
    recording = read(path, options.reading)
    found = content_hash(recording)
    if run.record.input_hash is None:
        run.update(input_hash=found)
    refuse_changed(run.record.input_hash, found, path)
    return usable(recording, path)


def carry_out_spectrum(run: RunFolder, options: SpectrumOptions) -> None:
    """Run the parts that are not there yet, and show what came of all."""
    from popcode.cli.spectrum_metrics import metrics_of
    from popcode.files import write_json

    if run.record.finished and run.metrics.exists() and run.report.exists():
        tell(f"{run.path} is finished: nothing is left to do")
        show(str(run.path))
        return
    spent = TimeSpent(run.checkpoint / "seconds.json")
    found = _parts(run, options, spent)
    metrics = metrics_of(found)
    metrics["training"] = {"seconds": spent.save()}
    write_json(run.metrics, metrics)
    write_spectrum_report(run)
    run.finish()
    show(spectrum_table(json.loads(run.metrics.read_text(encoding="utf-8"))))
    show(str(run.path))
    show(str(run.report))


def write_spectrum_report(run: RunFolder) -> Path:
    """Draw the page from what the folder holds, and put it in place of a former one.

    Raises
    ------
    InputError
        The run is not over; the page cannot be written.
    """
    from popcode.cli.spectrum_parts import PARTS
    from popcode.files import write_text
    from popcode.report.spectrum import render_spectrum

    parts = {name: _read(run, name) for name in PARTS}
    if not run.metrics.exists() or None in parts.values():
        raise InputError(
            "the run is not over",
            where=str(run.path),
            remedy=f"Go on with: popcode resume {shlex.quote(str(run.path))}",
        )
    metrics = json.loads(run.metrics.read_text(encoding="utf-8"))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    write_text(run.report, render_spectrum(str(run.path), run.record, metrics, parts, now))
    return run.report


def _parts(run: RunFolder, options: SpectrumOptions, spent: TimeSpent) -> dict[str, dict[str, Any]]:
    """Results of all parts, those that are there read and the others made."""
    from popcode.cli.spectrum_parts import PARTS

    kept = {name: _read(run, name) for name in PARTS}
    left = [name for name, result in kept.items() if result is None]
    if left:
        recording = examined(run, options)
        n_done = len(kept) - len(left)
        with progress("spectrum", len(kept), start=n_done, unit="part") as bar:
            for name in left:
                bar.update(bar.done, at=name)
                _make(run, name, recording, options)
                spent.save()
                bar.update(bar.done + 1, at=name)
    return {name: _read(run, name) or {} for name in PARTS}


def _make(run: RunFolder, name: str, recording: Recording, options: SpectrumOptions) -> None:
    """Make one part and keep it; what cannot be had is kept as the reason why."""
    from popcode.cli.spectrum_parts import PARTS
    from popcode.files import write_json

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", PopcodeWarning)
        try:
            found = PARTS[name](recording, options)
        except InputError as error:
            found = {"absent": f"{error.what}. {error.remedy}".rstrip(". ") + "."}
    notes = dict.fromkeys(
        str(each.message) for each in said if issubclass(each.category, PopcodeWarning)
    )
    write_json(_path(run, name), found | {"notes": list(notes)})


def _path(run: RunFolder, name: str) -> Path:
    return run.checkpoint / f"{name}.json"


def _read(run: RunFolder, name: str) -> dict[str, Any] | None:
    """A finished part; None where there is none or it is damaged."""
    try:
        content = json.loads(_path(run, name).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) and "notes" in content else None
    except (OSError, ValueError):
        return None
