"""Steps of a recording's provenance in sentences: what was read, merged and dropped."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from popcode.cli.reading import as_typed
from popcode.errors import PopcodeWarning
from popcode.recording.text import plural

if TYPE_CHECKING:
    from popcode.recording import Recording


def read_steps(recording: Recording) -> tuple[dict[str, Any], ...]:
    """Steps of the provenance that are of this reading, not of an earlier one."""
    steps = recording.provenance
    loads = [k for k, step in enumerate(steps) if step["step"] == "load"]
    return steps if len(loads) < 2 else steps[loads[-1] + 1 :]


def say(steps: tuple[dict[str, Any], ...]) -> None:
    """Tell what steps dropped or changed, each sentence once."""
    for step in steps:
        for note in notes_of(step):
            warnings.warn(as_typed(note), PopcodeWarning, stacklevel=2)


def notes_of(step: dict[str, Any]) -> list[str]:
    """Sentences on a step: its notes, else what it merged or dropped."""
    if step.get("notes"):
        return list(step["notes"])
    notes = []
    if step["step"] == "binned":
        notes.append(f"every {step['bins_merged']} bins merged ({step['values_merged_by']})")
    for what in ("neuron", "bin", "segment"):
        n_dropped = step.get(f"{what}s_dropped", 0)
        if n_dropped:
            why = f": {step['why']}" if step.get("why") else ""
            notes.append(f"dropped {plural(n_dropped, what)}{why}")
    return notes
