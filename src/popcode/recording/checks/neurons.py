"""Checks of single neurons, and of what the columns are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from popcode.recording.checks.registry import MAX_NAMED, Finding, Summary, check, name_neurons
from popcode.recording.kinds import INTEGER_KINDS
from popcode.recording.text import plural

if TYPE_CHECKING:
    from popcode.recording.recording import Recording

CORNER = 2000  # bins and neurons looked at to tell time from space
CLEARLY_MORE = 0.02  # difference of correlations that counts


@check
def silent_neurons(recording: Recording, summary: Summary) -> Finding | None:
    """Neurons whose value is zero in every bin."""
    silent = np.flatnonzero((summary.lowest == 0) & (summary.highest == 0))
    if len(silent) == 0:
        return None
    if len(silent) == recording.n_neurons:
        return Finding(
            "silent_neurons",
            "error",
            "no neuron is ever active",
            remedy="Check the source: there is nothing to model",
        )
    return Finding(
        "silent_neurons",
        "warning",
        f"{len(silent):,} of {plural(recording.n_neurons, 'neuron')} never active",
        name_neurons(recording, silent),
        "They carry no information: drop them with .select(neurons=...), or wider bins",
    )


@check
def unchanging_neurons(recording: Recording, summary: Summary) -> Finding | None:
    """Neurons that are active in every bin, or whose real value never changes."""
    if recording.kind in INTEGER_KINDS:
        unchanging = np.flatnonzero(summary.lowest > 0)
        what = "active in every bin"
    else:
        unchanging = np.flatnonzero((summary.lowest == summary.highest) & (summary.highest != 0))
        what = "never changing"
    if len(unchanging) == 0:
        return None
    return Finding(
        "unchanging_neurons",
        "warning",
        f"{len(unchanging):,} of {plural(recording.n_neurons, 'neuron')} {what}",
        name_neurons(recording, unchanging),
        "Use shorter bins, or drop them with .select(neurons=...)",
    )


@check
def duplicate_neurons(recording: Recording, summary: Summary) -> Finding | None:
    """Neurons whose activity is the same, bin for bin, as that of one before them."""
    changing = np.flatnonzero(summary.lowest != summary.highest)
    first_of = first_with_same_activity(recording.activity, changing)
    copies = np.array([k for k, first in first_of.items() if k != first], dtype=np.int64)
    if len(copies) == 0:
        return None
    pairs = [f"{k} = {first_of[k]}" for k in copies[:MAX_NAMED].tolist()]
    more = f" and {len(copies) - MAX_NAMED:,} more" if len(copies) > MAX_NAMED else ""
    return Finding(
        "duplicate_neurons",
        "warning",
        f"{plural(len(copies), 'neuron')} with exactly the activity of another",
        f"neurons {', '.join(pairs)}{more}",
        "Drop the copies with .select(neurons=...): a model spends itself on them",
    )


@check
def transposition(recording: Recording, summary: Summary) -> Finding | None:
    """More neurons than bins, and neighbouring columns rather than rows are alike.

    Activity is continuous in time, whereas the order of neurons seldom means much: the average
    correlation of neighbouring rows is above that of neighbouring columns in every recording
    tried. A neuron table or covariates that fit the shape settle the matter beforehand.
    """
    settled = len(recording.neurons.columns) > 1 or recording.covariates or recording.neuron_arrays
    if recording.n_neurons <= recording.n_bins or settled:
        return None
    between_bins, between_neurons = neighbour_correlations(recording.activity)
    shape = f"{recording.n_neurons:,} neurons in {plural(recording.n_bins, 'bin')}"
    remedy = "Rows must be time bins and columns neurons: transpose the array if they are not"
    if between_neurons > between_bins + CLEARLY_MORE:
        likely = f"likely transposed: {shape}, and neighbouring neurons are more alike "
        numbers = f"(correlation {between_neurons:.2f}) than neighbouring bins"
        return Finding(
            "transposition", "warning", f"{likely}{numbers} ({between_bins:.2f})", remedy=remedy
        )
    if between_bins > between_neurons + CLEARLY_MORE:
        return None
    return Finding("transposition", "note", f"more neurons than bins: {shape}", remedy=remedy)


def first_with_same_activity(activity: np.ndarray, neurons: np.ndarray) -> dict[int, int]:
    """For each of `neurons`, the first of them with the same column of activity (n_bins, .).

    By a hash of every column: pairs would take hours at 50,000 neurons.
    """
    first_of_hash: dict[bytes, int] = {}
    first_of: dict[int, int] = {}
    for start in range(0, len(neurons), 256):
        some = neurons[start : start + 256]
        for neuron, column in zip(some.tolist(), activity[:, some].T.copy(), strict=True):
            digest = hashlib.blake2b(column + 0, digest_size=16).digest()  # + 0: no minus zeros
            first_of[neuron] = first_of_hash.setdefault(digest, neuron)
    return first_of


def neighbour_correlations(activity: np.ndarray) -> tuple[float, float]:
    """Average correlation of neighbouring rows, and of neighbouring columns, of a corner.

    Means of rows and of columns are taken out, so that neither the rates of neurons nor the
    activity of the whole population counts.
    """
    corner = activity[:CORNER, :CORNER].astype(np.float64)
    corner -= corner.mean(axis=0)
    corner -= corner.mean(axis=1, keepdims=True)
    total = np.sum(corner**2)
    if total == 0:
        return 0.0, 0.0
    rows = np.sum(corner[1:] * corner[:-1]) / total
    columns = np.sum(corner[:, 1:] * corner[:, :-1]) / total
    return float(rows), float(columns)
