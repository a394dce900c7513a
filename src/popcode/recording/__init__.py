"""The one data object: activity of neurons over time bins, and what keeps its meaning."""

from popcode.recording.coerce import as_recording, binary_activity
from popcode.recording.recording import Recording

__all__ = ["Recording", "as_recording", "binary_activity"]
