"""What was fitted to what, how to do it again, and what was changed on the way."""

from __future__ import annotations

import math
import shlex
from typing import Any

import numpy as np

from popcode.estimators.titles import BASELINE_TITLES
from popcode.recording import Recording
from popcode.recording.checks.registry import name_neurons
from popcode.recording.text import duration, plural
from popcode.report.blocks import Block, Bullets, Command, Facts, Section, Text
from popcode.report.contents import RunContents, Source
from popcode.report.numbers import DASH, percent, significant

_OPTIONS = {
    "n_hidden": "--hidden",
    "hidden": "--potential",
    "l1": "--l1",
    "l2": "--l2",
    "optimizer": "--optimizer",
    "chains": "--chain-start",
    "baselines": "--baselines",
    "n_updates": "--updates",
    "n_chains": "--chains",
    "n_sweeps": "--sweeps",
    "batch_size": "--batch",
    "learning_rate": "--learning-rate",
    "holdout": "--holdout",
    "split": "--split",
    "bin_s": "--bin-s",
    "quality": "--quality",
    "min_rate_hz": "--min-rate-hz",
    "array": "--array",
    "sampling_rate_hz": "--sampling-rate-hz",
    "seed": "--seed",
    "device": "--device",
}
_FLAGS = {
    "pretraining": "--pretraining",
    "early_stopping": "--early-stopping",
    "binarize": "--binarize",
    "keep_layers": "--keep-layers",
    "allow_pickle": "--allow-pickle",
}
CHECKS_TITLE = "What the checks of the recording say"
# Of a step of the provenance: its name, and the notes that stand with the checks.
_APART = ("step", "notes")
# What an input is read by unless something else is said.
_UNSAID = {"quality": "all", "min_rate_hz": 0.0}


def header_section(contents: RunContents) -> Section:
    """Input, model, versions, the command, and what was dropped or changed."""
    blocks: list[Block] = [Facts(_facts(contents))]
    blocks += [
        Command("The command that made this run", contents.record.command),
        Command(_title(contents), full_command(contents)),
    ]
    if contents.source is None:
        blocks.append(Text(contents.missing["source"], "absent"))
    else:
        blocks.append(Bullets("What was dropped or changed", changes(contents.source)))
        findings = tuple(f"{found.severity}: {found}" for found in contents.findings)
        told = (*findings, *_notes(contents.source.recording)) or ("Nothing wrong was found.",)
        blocks.append(Bullets(f"{CHECKS_TITLE} (as popcode info)", told))
    return Section("run", "The run", tuple(blocks))


def _title(contents: RunContents) -> str:
    title = "The same fit with every choice written out"
    return f"{title}, and its continuation" if contents.record.continued else title


def full_command(contents: RunContents) -> str:
    """The fit as a command in which nothing is left to be chosen, then its continuations."""
    parameters, continued = contents.record.parameters, contents.record.continued
    if continued:
        parameters = {**parameters, "n_updates": continued[0]["from_updates"]}
    words = [
        "popcode",
        "fit",
        parameters.get("model", "crbm"),
        str(contents.record.input_path),
        "--out",
        "NEW_RUN",
    ]
    for name, option in _OPTIONS.items():
        if parameters.get(name) not in (None, _UNSAID.get(name)):
            words += [option, str(parameters[name])]
    words += [flag for name, flag in _FLAGS.items() if parameters.get(name)]
    resumed = [f"popcode resume NEW_RUN --updates {each['to_updates']}" for each in continued]
    return " && ".join([shlex.join(words), *resumed])


def changes(source: Source) -> tuple[str, ...]:
    """Sentences on what was done to the recording before the fit saw it."""
    recording = source.recording
    said = [text for step in recording.provenance if (text := _step(step))]
    silent = _silent(recording, source.train_bins)
    if silent.size:
        said.append(
            f"Never active in the training bins, {silent.size:,} of "
            f"{plural(recording.n_neurons, 'neuron')}: {name_neurons(recording, silent)}. They "
            "were kept, without weights; nothing is learnt of them."
        )
    return tuple(said) or ("Nothing: the activity was used as it is in the file.",)


def _facts(contents: RunContents) -> tuple[tuple[str, str], ...]:
    record, parameters = contents.record, contents.record.parameters
    training = (contents.metrics or {}).get("training") or {}
    seconds = training.get("seconds")
    rows = [
        ("input", str(record.input_path)),
        ("content of the input", f"sha256 {(record.input_hash or DASH)[:16]}"),
        *_of_recording(contents.source),
        ("held out", _held_out(contents)),
        *_of_model(contents),
        *(("continued", _continued(each)) for each in record.continued),
        ("seed, device", f"{record.seed}, {parameters.get('device', DASH)}"),
        ("begun", f"{record.created.replace('T', ' ')}; took {_took(seconds)}"),
        ("versions", ", ".join(f"{name} {version}" for name, version in record.versions.items())),
    ]
    return tuple(rows)


def _took(seconds: float | None) -> str:
    return "an unknown time" if seconds is None else duration(round(seconds, 1))


def _of_recording(source: Source | None) -> list[tuple[str, str]]:
    if source is None:
        return []
    recording = source.recording
    bins = plural(recording.n_bins, "bin")
    width = (
        "unknown: durations are in bins"
        if math.isnan(recording.bin_s)
        else f"{duration(recording.bin_s)}; {duration(recording.duration_s)} in all"
    )
    return [
        ("recording", f"{bins} × {plural(recording.n_neurons, 'neuron')}"),
        ("bin width", width),
        ("segments", f"{recording.n_segments:,}"),
    ]


def _held_out(contents: RunContents) -> str:
    parameters, source = contents.record.parameters, contents.source
    if not parameters.get("holdout"):
        return "nothing"
    share, split = percent(parameters["holdout"]), parameters.get("split", DASH)
    if source is None:
        return f"{share} of the bins, split {split}"
    return (
        f"{plural(len(source.test_bins), 'bin')} ({share} asked for, split {split}); trained on "
        f"{plural(len(source.train_bins), 'bin')}"
    )


def _of_model(contents: RunContents) -> tuple[tuple[str, str], ...]:
    parameters = contents.record.parameters
    title = BASELINE_TITLES.get(parameters.get("model", "crbm"))
    if title is not None:
        return (("model", title), *_settings(parameters))
    return (
        ("model", _model(contents.weights.shape[1], parameters)),
        ("l1 penalty", _penalty(parameters)),
        ("training", _training(parameters)),
    )


def _settings(parameters: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Those of a baseline that has any."""
    labels = {"n_hidden": "components, clusters or latents", "n_updates": "updates"}
    return tuple(
        (label, f"{parameters[name]:,}{_from(parameters, name)}")
        for name, label in labels.items()
        if name in parameters
    )


def _model(n_hidden: int, parameters: dict[str, Any]) -> str:
    units = plural(n_hidden, f"{parameters.get('hidden', 'binary')} hidden unit")
    return f"{units}{_from(parameters, 'n_hidden')}"


def _penalty(parameters: dict[str, Any]) -> str:
    return f"{significant(parameters.get('l1'))} nats a bin{_from(parameters, 'l1')}"


def _from(parameters: dict[str, Any], name: str) -> str:
    chosen = name in (parameters.get("chosen") or ())
    return " (chosen from the recording)" if chosen else " (as given)"


def _training(parameters: dict[str, Any]) -> str:
    values = {name: parameters.get(name) for name in ("n_updates", "n_chains", "n_sweeps")}
    n_updates, n_chains, n_sweeps = (value or 0 for value in values.values())
    return (
        f"{plural(n_updates, 'update')} of {plural(n_chains, 'chain')} × "
        f"{plural(n_sweeps, 'Gibbs sweep')}, "
        f"batches of {parameters.get('batch_size', DASH)} bins, "
        f"learning rate {significant(parameters.get('learning_rate'))}"
    )


def _continued(step: dict[str, int]) -> str:
    start, end = step["from_updates"], step["to_updates"]
    return (
        f"from {start:,} to {end:,} updates by popcode resume RUN --updates {end}: a new fit of "
        f"{end:,} updates takes another course"
    )


def _notes(recording: Recording) -> list[str]:
    """Notes of reading, and the note on counts that a recording made binary no longer shows."""
    notes = [note for step in recording.provenance for note in step.get("notes", ())]
    notes += [
        f"{step['counts_above_1']:,} counts are above 1; a model of binary activity does not tell "
        "them from 1."
        for step in recording.provenance
        if step.get("counts_above_1")
    ]
    return [f"note: {note}" for note in notes]


def _step(step: dict[str, Any]) -> str:
    """A step of the provenance in words; nothing for one that changes nothing."""
    kind = step.get("step")
    if kind in ("load", "array read"):
        return ""
    if kind != "binarized":
        details = ", ".join(f"{name} {value}" for name, value in step.items() if name not in _APART)
        return f"{kind}: {details}" if details else str(kind)
    if "counts_above_1" in step:
        return (
            "Counts were made binary: a neuron is active in a bin with at least one spike "
            f"({step['counts_above_1']:,} entries were above 1)."
        )
    return f"Real values were made binary: active is {step.get('rule', 'above a threshold')}."


def _silent(recording: Recording, bins: np.ndarray) -> np.ndarray:
    active = np.zeros(recording.n_neurons, bool)
    for start in range(0, len(bins), 1024):
        active |= recording.activity[bins[start : start + 1024]].any(axis=0)
    return np.flatnonzero(~active)
