"""Findings, the table of checks, and what all checks are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from popcode.recording.kinds import row_blocks

if TYPE_CHECKING:
    from popcode.recording.recording import Recording

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
MAX_NAMED = 10


@dataclass(frozen=True)
class Finding:
    """One thing to know about a recording.

    error: methods will fail or give nothing; warning: results may mislead; note: good to know.
    """

    check: str
    severity: Severity
    what: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        head = f"{self.what} ({self.where})" if self.where else self.what
        return f"{head}. {self.remedy}." if self.remedy else f"{head}."


@dataclass(frozen=True)
class Summary:
    """What a pass over the activity tells of every neuron; each is (n_neurons,).

    lowest and highest value; n_active, the number of bins with a value other than zero.
    """

    lowest: np.ndarray
    highest: np.ndarray
    n_active: np.ndarray
    total: np.ndarray


Check = Callable[["Recording", Summary], Finding | None]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Register a check under its name."""
    CHECKS[function.__name__] = function  # type: ignore[attr-defined]
    return function


def run_checks(recording: Recording) -> list[Finding]:
    """Findings of every check, errors first."""
    summary = summarise(recording.activity)
    found = [function(recording, summary) for function in CHECKS.values()]
    return sorted(
        (finding for finding in found if finding is not None),
        key=lambda finding: SEVERITIES.index(finding.severity),
    )


def summarise(activity: np.ndarray) -> Summary:
    """One pass over activity (n_bins, n_neurons)."""
    lowest, highest = activity[0].copy(), activity[0].copy()
    n_active = np.zeros(activity.shape[1], dtype=np.int64)
    total = np.zeros(activity.shape[1])
    for rows in row_blocks(*activity.shape):
        block = activity[rows]
        np.minimum(lowest, block.min(axis=0), out=lowest)
        np.maximum(highest, block.max(axis=0), out=highest)
        n_active += np.count_nonzero(block, axis=0)
        total += block.sum(axis=0, dtype=np.float64)
    return Summary(lowest, highest, n_active, total)


def name_neurons(recording: Recording, indices: np.ndarray) -> str:
    """The first ten neurons by index, and by id where that is another; then how many more."""
    ids = recording.neurons["id"].tolist()
    named = [str(k) if str(ids[k]) == str(k) else f"{k} (id {ids[k]})" for k in indices[:MAX_NAMED]]
    more = len(indices) - MAX_NAMED
    text = ("neuron " if len(indices) == 1 else "neurons ") + ", ".join(named)
    return f"{text} and {more:,} more" if more > 0 else text
