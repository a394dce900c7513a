"""The assemblies of a trial in a few numbers, kept beside its log."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from popcode.analysis.membership import FitFacts, describe_fit
from popcode.files import write_json
from popcode.recording import Recording


def write_facts(path: Path, model: Any, recording: Recording, l1: float) -> None:
    """Count and measure the assemblies of a fitted model.

    Parameters
    ----------
    path : pathlib.Path
    model : CompositionalRBM
        Fitted.
    recording : Recording
        What it was fitted to, training and test bins alike: time scales need them in order.
    l1 : float
    """
    facts = describe_fit(
        model.weights_,
        model.transform(recording.activity),
        recording.segment_starts,
        l1=l1,
        bin_s=recording.bin_s,
    )
    write_json(path, facts._asdict())


def read_facts(path: Path) -> FitFacts | None:
    """What was kept; None where nothing was."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return FitFacts(**{name: _number(value) for name, value in content.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _number(value: Any) -> Any:
    return math.nan if value is None else value
