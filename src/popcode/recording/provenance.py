"""What was done to a recording since its source, in plain values that a file can keep."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.recording.recording import Recording

Step = dict[str, Any]


def checked_steps(steps: Iterable[Mapping[str, Any]] | None) -> tuple[Step, ...]:
    """Copy of the steps, each a mapping with the key "step" whose values JSON can hold."""
    copied = []
    for step in steps or ():
        if not isinstance(step, Mapping) or "step" not in step:
            raise InputError(
                f"a step of the provenance is {step!r}",
                remedy='Give mappings with at least the key "step".',
            )
        try:
            copied.append(json.loads(json.dumps(dict(step))))
        except (TypeError, ValueError):
            raise InputError(
                f"a step of the provenance holds more than plain values: {step!r}",
                remedy="Use text, numbers, lists and mappings.",
            ) from None
    return tuple(copied)


def copied_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Copy that may be edited freely."""
    return tuple(dict(step) for step in steps)


def with_step(recording: "Recording", step: str, **details: Any) -> tuple[Step, ...]:
    """Provenance of `recording` followed by one more step."""
    return (*recording.provenance, {"step": step, **details})
