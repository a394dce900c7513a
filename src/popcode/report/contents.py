"""Everything that a page is made from, read from a run's folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.files import RunRecord, read_history, read_record
from popcode.metrics.equilibrium import EquilibriumEvidence, read_equilibrium
from popcode.metrics.evidence import Evidence, read_evidence
from popcode.recording import Recording
from popcode.recording.checks import Finding, run_checks

T = TypeVar("T")


class Source(NamedTuple):
    """The recording as it was fitted to, and which of its bins did what.

    Attributes
    ----------
    recording : Recording
        Binary.
    train_bins, test_bins : ndarray of int
        `test_bins` is empty when nothing was held out.
    """

    recording: Recording
    train_bins: NDArray[np.int64]
    test_bins: NDArray[np.int64]


class FoundCouplings(NamedTuple):
    """Effective couplings (n_neurons, n_neurons) in nats, and the largest error found in them."""

    matrix: NDArray[np.float64]
    error: float


class RunContents(NamedTuple):
    """All of a run that its page tells of; what is missing is None, with its reason.

    Attributes
    ----------
    folder : str
        Path of the run.
    record : RunRecord
    metrics : dict or None
        The content of ``metrics.json``.
    history : dict of str to ndarray, or None
        The columns of ``history.csv``.
    evidence : Evidence or None
        What stands behind the metrics.
    weights : ndarray, (n_neurons, n_hidden)
    hidden : ndarray, (n_bins, n_hidden), or None
        E[h|v] of every bin of the recording.
    source : Source or None
    missing : dict of str to str
        Why a field is None, in a sentence for the reader.
    findings : tuple of Finding
        What the checks say of the recording of `source`, errors first.
    couplings : FoundCouplings or None
        Of a model that gives them.
    equilibrium : EquilibriumEvidence or None
        What stands behind the part ``equilibrium`` of the metrics.
    """

    folder: str
    record: RunRecord
    metrics: dict[str, Any] | None
    history: dict[str, NDArray[np.float64]] | None
    evidence: Evidence | None
    weights: NDArray[np.floating]
    hidden: NDArray[np.floating] | None
    source: Source | None
    missing: dict[str, str]
    findings: tuple[Finding, ...] = ()
    couplings: FoundCouplings | None = None
    equilibrium: EquilibriumEvidence | None = None


def read_contents(
    folder: Path,
    weights: NDArray[np.floating],
    hidden: NDArray[np.floating] | None,
    source: Source | None,
    couplings: FoundCouplings | None = None,
) -> RunContents:
    """Read what a run's folder holds besides its model.

    Parameters
    ----------
    folder : Path
    weights, hidden, source, couplings
        As in :class:`RunContents`; `hidden` and `source` are None where the input is gone.

    Returns
    -------
    RunContents

    Raises
    ------
    InputError
        Not a run.
    """
    record = read_record(folder)
    missing: dict[str, str] = {}
    if source is None:
        missing["source"] = (
            f"The input of the run ({record.input_path}) is not there, or not as it was: "
            "nothing that needs the recording itself is shown. Put the file back and run "
            f"popcode report {folder}"
        )
    metrics = _metrics(folder / "metrics.json", missing)
    history = _history(folder / "history.csv", missing)
    evidence = _evidence(folder, metrics, missing)
    equilibrium = _equilibrium(folder, metrics, missing)
    findings = () if source is None else tuple(run_checks(source.recording))
    return RunContents(
        str(folder),
        record,
        metrics,
        history,
        evidence,
        weights,
        hidden,
        source,
        missing,
        findings,
        couplings,
        equilibrium,
    )


def _metrics(path: Path, missing: dict[str, str]) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(content[name], dict) for name in ("statistics", "training")):
            raise ValueError("it lacks its fields")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        missing["metrics"] = (
            f"The metrics of the run cannot be read ({error}). Make them with popcode evaluate "
            f"{path.parent}"
        )
        return None
    return content


def _history(path: Path, missing: dict[str, str]) -> dict[str, NDArray[np.float64]] | None:
    try:
        return read_history(path)
    except InputError as error:
        missing["history"] = f"The record of the training cannot be read: {error.what}."
        return None


def _evidence(
    folder: Path, metrics: dict[str, Any] | None, missing: dict[str, str]
) -> Evidence | None:
    return _kept(folder / "evaluation.npz", "evidence", read_evidence, metrics, missing)


def _equilibrium(
    folder: Path, metrics: dict[str, Any] | None, missing: dict[str, str]
) -> EquilibriumEvidence | None:
    found = _kept(folder / "equilibrium.npz", "equilibrium", read_equilibrium, metrics, missing)
    if found is not None and not (metrics or {}).get("equilibrium"):
        missing["equilibrium"] = (
            "metrics.json does not hold the numbers that belong to equilibrium.npz. Make both "
            f"with popcode evaluate {folder}"
        )
        return None
    return found


def _kept(
    path: Path,
    name: str,
    read: Callable[[Path], T],
    metrics: dict[str, Any] | None,
    missing: dict[str, str],
) -> T | None:
    """What stands behind the metrics, or None with the reason in `missing`."""
    if metrics is not None and not (metrics.get("protocol") or {}).get("n_test_bins"):
        missing[name] = (
            "No bins were held out, so nothing can be compared honestly. Fit with --holdout 0.3 "
            "to see this section."
        )
        return None
    if not path.exists():
        missing[name] = (
            f"The run holds no {path.name}, from which this is drawn (runs of older versions "
            f"do not). Make it with popcode evaluate {path.parent}"
        )
        return None
    try:
        return read(path)
    except InputError as error:
        missing[name] = f"{path} cannot be used: {error.what}. {error.remedy}."
        return None
