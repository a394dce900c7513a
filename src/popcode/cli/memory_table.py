"""Curves of memory in a few lines of a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def memory_table(metrics: Mapping[str, Any]) -> str:
    """Accuracy at the first delay and at 1 s, and the half-decay, of every network and task."""
    lines = []
    for name, task in metrics["memory"].items():
        lines.append(f"{name}: {task['title']} (chance {task['chance']:.3g})")
        lines.append(f"  {'':<20} {'':<10} {'first':>7} {'at 1 s':>7} {'shuffled':>9}  half-decay")
        for network in task["networks"].values():
            lines += _rows(network, task["delays_s"])
    return "\n".join(lines)


def _rows(network: Mapping[str, Any], delays_s: list[float]) -> list[str]:
    label = f"{network['kind']} {network['n_neurons']:,}"
    second = min(range(len(delays_s)), key=lambda k: abs(delays_s[k] - 1))
    return [
        f"  {label:<20} {title:<10} {curve['accuracy'][0]:>7.3f} {curve['accuracy'][second]:>7.3f} "
        f"{curve['shuffled'][second]:>9.3f}  {half_decay_text(curve['half_decay_s'])}"
        for title, curve in (("known", network["known"]), ("unknown", network["unknown"]))
    ]


def half_decay_text(found: Mapping[str, Any]) -> str:
    """A half-decay with its bound: 0.31 s, > 2.88 s."""
    bound = f"{found['bound']} " if found["bound"] else ""
    return f"{bound}{found['seconds']:.2f} s"
