"""What a path holds and what is wrong with it, in words."""

import math
import textwrap
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
    recording = source if isinstance(source, Recording) else load(source, **reading)
    title = "Recording" if isinstance(source, Recording) else str(source)
    rows = {
        "file": _file(recording) if not isinstance(source, Recording) else "",
        "activity": _activity(recording),
        "bins": _bins(recording),
        "segments": _segments(recording),
        "neurons": _neurons(recording),
        "regions": _regions(recording),
        "covariates": _arrays(recording.covariates),
        "notes": "; ".join(note for step in recording.provenance for note in step.get("notes", ())),
        "history": ", ".join(step["step"] for step in recording.provenance),
    }
    return "\n".join([title, *_table(rows), "", *_findings(run_checks(recording))])


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


def _findings(findings: list[Finding]) -> list[str]:
    if not findings:
        return ["Nothing wrong was found."]
    counts = [
        plural(n, severity)
        for severity in ("error", "warning", "note")
        if (n := sum(finding.severity == severity for finding in findings))
    ]
    lines = [line for finding in findings for line in _row(finding.severity, str(finding))]
    return [", ".join(counts), *lines]


def _file(recording: Recording) -> str:
    source = next(step for step in reversed(recording.provenance) if step["step"] == "load")
    digest = "not hashed (remote)" if "sha256_of" in source else f"sha256 {source['sha256'][:16]}"
    return f"{source['format']}, {source['n_bytes'] / 1e6:,.3g} MB, {digest}"


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
    return f"{recording.n_segments:,}, of {each}"


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
