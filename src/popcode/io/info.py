"""What a path holds and what is wrong with it, in words."""

import math
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from popcode.io.load import load
from popcode.recording import Recording
from popcode.recording.checks import Finding, run_checks
from popcode.recording.kinds import INTEGER_KINDS
from popcode.recording.segments import segment_lengths
from popcode.recording.text import duration, plural

WIDTH = 96
MAX_LISTED = 6


def _as_it_is(text: str) -> str:
    return text


def info(source: str | Path | Recording, **reading: Any) -> str:
    """Say what a file or a recording holds and what is wrong with it.

    Parameters
    ----------
    source : str, Path or Recording
    **reading
        How to read a file: the arguments of `popcode.load`.

    Returns
    -------
    str
        Plain text: a table of what is there, then the findings of
        `popcode.recording.checks`, errors first.

    Raises
    ------
    InputError
        A file that cannot be read (see `popcode.load`).
    """
    if isinstance(source, Recording):
        return described(source, "Recording")
    return described(load(source, **reading), str(source))


def described(recording: Recording, title: str, wording: Callable[[str], str] = _as_it_is) -> str:
    """`info` of a recording at hand.

    Parameters
    ----------
    recording : Recording
    title : str
        The first line.
    wording : callable
        Applied to notes and findings, whose advice is in the words of Python.
    """
    rows = {
        "file": _file(recording),
        "array": _array(recording),
        "activity": _activity(recording),
        "bins": _bins(recording),
        "segments": _segments(recording),
        "neurons": _neurons(recording),
        "regions": _regions(recording),
        "covariates": _arrays(recording.covariates),
        "notes": wording("; ".join(_notes(recording))),
        "history": ", ".join(step["step"] for step in recording.provenance),
    }
    return "\n".join([title, *_table(rows), "", *_findings(run_checks(recording), wording)])


def _notes(recording: Recording) -> list[str]:
    return [note for step in recording.provenance for note in step.get("notes", ())]


def _table(rows: dict[str, str]) -> list[str]:
    return [line for name, text in rows.items() if text for line in _row(name, text)]


def _row(name: str, text: str) -> list[str]:
    """Lines of one row: its name in a column of its own, its text wrapped beside it."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"  {name:<12}",
        subsequent_indent=" " * 14,
        break_on_hyphens=False,
    )


def _findings(findings: list[Finding], wording: Callable[[str], str]) -> list[str]:
    if not findings:
        return ["Nothing wrong was found."]
    counts = [
        plural(n, severity)
        for severity in ("error", "warning", "note")
        if (n := sum(finding.severity == severity for finding in findings))
    ]
    lines = [line for finding in findings for line in _row(finding.severity, wording(str(finding)))]
    return [", ".join(counts), *lines]


def _file(recording: Recording) -> str:
    steps = reversed(recording.provenance)
    source = next((step for step in steps if step["step"] == "load"), None)
    if source is None:
        return ""
    digest = "not hashed (remote)" if "sha256_of" in source else f"sha256 {source['sha256'][:16]}"
    return f"{source['format']}, {source['n_bytes'] / 1e6:,.3g} MB, {digest}"


def _array(recording: Recording) -> str:
    """Name of the array, table or series that the file was last read from."""
    steps = recording.provenance
    loads = [k for k, step in enumerate(steps) if step["step"] == "load"]
    first = loads[-2] + 1 if len(loads) > 1 else 0
    names = [step["what"] for step in steps[first:] if "what" in step]
    return names[-1].removeprefix("the array ") if names else ""


def _activity(recording: Recording) -> str:
    n_bins, n_neurons = recording.shape
    text = f"{plural(n_bins, 'bin')} x {plural(n_neurons, 'neuron')}, {recording.kind}"
    if recording.kind not in INTEGER_KINDS:
        return text
    total = float(recording.activity.sum(dtype=np.float64))
    text += f", {total / recording.activity.size:.3g} spikes a neuron and bin"
    return text if math.isnan(recording.bin_s) else f"{text}, {_rate(recording, total)}"


def _rate(recording: Recording, total: float) -> str:
    return f"{total / recording.n_neurons / recording.duration_s:.3g} Hz"


def _bins(recording: Recording) -> str:
    if math.isnan(recording.bin_s):
        return "width unknown"
    return f"{duration(recording.bin_s)} wide, {duration(recording.duration_s)} in all"


def _segments(recording: Recording) -> str:
    lengths = segment_lengths(recording.segment_starts, recording.n_bins)
    low, high = int(lengths.min()), int(lengths.max())
    each = plural(low, "bin") if low == high else f"{low:,} to {high:,} bins"
    text = f"{recording.n_segments:,}, of {each}"
    if recording.segment_start_s is None or math.isnan(recording.segment_start_s[0]):
        return text
    start_s = float(recording.segment_start_s[0])
    sign = "-" if start_s < 0 else ""
    each_from = "from" if recording.n_segments == 1 else "the first from"
    return f"{text}, {each_from} {sign}{duration(abs(start_s))}"


def _neurons(recording: Recording) -> str:
    table = recording.neurons
    columns = ", ".join(str(name) for name in table.columns)
    arrays = _arrays(recording.neuron_arrays)
    return f"{columns}; {arrays}" if arrays else columns


def _regions(recording: Recording) -> str:
    if recording.region_labels is not None:
        sizes = recording.region_labels.sum(axis=0)
        counts = dict(zip(recording.region_names, sizes.tolist(), strict=True))
    elif "region" in recording.neurons:
        counts = recording.neurons["region"].value_counts().to_dict()
    else:
        return ""
    largest = sorted(counts, key=lambda name: -counts[name])[:MAX_LISTED]
    text = ", ".join(f"{name or 'unnamed'} {counts[name]:,}" for name in largest)
    more = len(counts) - len(largest)
    return f"{len(counts):,}: {text}" + (f" and {more:,} more" if more else "")


def _arrays(arrays: dict[str, np.ndarray]) -> str:
    def one(name: str, values: np.ndarray) -> str:
        return f"{name} ({values.shape[1]})" if values.ndim == 2 else name

    return ", ".join(one(name, values) for name, values in arrays.items())
