"""The one data object: activity of neurons over time bins, and what keeps its meaning."""

from popcode.recording.checks import Finding, run_checks
from popcode.recording.coerce import as_recording, binary_activity
from popcode.recording.recording import Recording

__all__ = ["Finding", "Recording", "as_recording", "binary_activity", "run_checks"]
