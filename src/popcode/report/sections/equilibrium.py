"""What the sections of the equilibrium evaluation share."""

from __future__ import annotations

from typing import Any

from popcode.report.blocks import Section, Text
from popcode.report.contents import RunContents


def part_of(contents: RunContents, name: str) -> dict[str, Any] | None:
    """A part of the equilibrium evaluation; None where there is none."""
    return ((contents.metrics or {}).get("equilibrium") or {}).get(name)


def why_missing(contents: RunContents, name: str) -> str:
    """Why a part is None, in a sentence for the reader."""
    if contents.equilibrium is None:
        return contents.missing.get("equilibrium") or contents.missing["metrics"]
    reasons = ((contents.metrics or {}).get("equilibrium") or {}).get("missing") or {}
    return f"Not shown: {reasons.get(name, 'this evaluation does not hold it')}."


def absent_section(contents: RunContents, anchor: str, title: str, name: str) -> Section:
    """A section that says why it is empty."""
    return Section(anchor, title, (Text(why_missing(contents, name), "absent"),))
