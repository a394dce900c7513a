"""What may be wrong with a valid recording: one small function a check, all of them registered.

What makes a recording unusable (NaN, parts that disagree) is refused when it is built.
"""

from popcode.recording.checks import neurons, time, values  # noqa: F401  (they register checks)
from popcode.recording.checks.registry import CHECKS, Finding, run_checks

__all__ = ["CHECKS", "Finding", "run_checks"]
