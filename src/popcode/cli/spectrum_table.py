"""The result of a spectrum run in a few lines of a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SPOKEN = {
    "svca2": "shared by halves (svca2)",
    "svca": "held-out time (svca)",
    "direct": "correlation matrix",
    "cvpca": "other time (cvpca)",
}


def spectrum_table(metrics: Mapping[str, Any]) -> str:
    """Exponents beside the control, timescales, dynamics, and the verdict in a sentence."""
    lines = [f"{'exponent of the spectrum':<28}{'value':>7}{'95 %':>16}  ranks"]
    for method, found in metrics["exponents"].items():
        lines.append(_row(_SPOKEN[method], found))
    lines.append(_row("neurons shifted (svca2)", metrics["shuffled"]["svca2"]))
    verdict = metrics["verdict"]
    if verdict is not None:
        lines += ["", verdict["sentence"]]
    lines += [f"no {name}: {reason}" for name, reason in metrics["reasons"].items()]
    return "\n".join(lines)


def _row(label: str, found: Mapping[str, Any] | None) -> str:
    if found is None:
        return f"{label:<28}{'-':>7}"
    first, last = found["ranks"]
    interval = f"{found['low']:.3f} to {found['high']:.3f}"
    return f"{label:<28}{found['value']:>7.3f}{interval:>16}  {first}-{last}"
