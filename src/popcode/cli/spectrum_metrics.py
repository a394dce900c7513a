"""``metrics.json`` of a spectrum run, from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.cli.spectrum_parts import METHODS

Part = Mapping[str, Any]
_EXPONENT = ("value", "low", "high", "ranks", "r_squared", "n_negative", "n_neurons", "n_bins")
_TIMESCALES = ("unit", "limit", "reason", "rank_r", "rank_r_low", "rank_r_high", "n_ranked")
_DMD = ("lag", "lag_s", "ridge", "n_components", "n_pairs", "value", "low", "high",
        "reversed_low", "reversed_high", "shuffled", "asymmetry")  # fmt: skip


def metrics_of(parts: Mapping[str, Part]) -> dict[str, Any]:
    """Numbers of every part; null where it cannot be had, `reasons` says why.

    Parameters
    ----------
    parts : mapping
        As `popcode.cli.spectrum_parts.PARTS` gave them.
    """
    return {
        "exponents": {method: _some(parts[method], _EXPONENT) for method in METHODS},
        "shuffled": {"svca2": _some(parts["shuffled"], ("value", "low", "high", "ranks"))},
        "timescales": _timescales(parts["timescales"]),
        "dmd": _some(parts["dmd"], _DMD),
        "bin_widths": _some(
            parts["bin_widths"], ("widths", "bin_s", "n_bins", "exponents", "ranks")
        ),
        "verdict": _without(parts["verdict"], ("notes", "curves")),
        "reasons": {name: part["absent"] for name, part in parts.items() if "absent" in part},
    }


def _some(part: Part, names: tuple[str, ...]) -> dict[str, Any] | None:
    return None if "absent" in part else {name: part[name] for name in names}


def _without(part: Part, names: tuple[str, ...]) -> dict[str, Any] | None:
    return None if "absent" in part else {k: v for k, v in part.items() if k not in names}


def _timescales(part: Part) -> dict[str, Any] | None:
    """The first ten timescales, and what is told of all."""
    if "absent" in part:
        return None
    leading = {name: part[name][:10] for name in ("timescale", "low", "high", "early")}
    counts = {f"n_{name}": sum(part[name]) for name in ("correlated", "beyond")}
    return {"n_components": len(part["early"]), **counts, **leading,
            **{name: part[name] for name in _TIMESCALES}}  # fmt: skip
