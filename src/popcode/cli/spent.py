"""The time that a run has taken, over all its resumptions."""

from __future__ import annotations

import json
import time
from pathlib import Path

from popcode.files import write_json


class TimeSpent:
    """Seconds of work on a run; what was done after the last `save` of a killed run is lost.

    Parameters
    ----------
    path : pathlib.Path
        Where it is kept.

    Attributes
    ----------
    before : float
        Seconds of earlier starts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self.before = float(json.loads(path.read_text(encoding="utf-8"))["seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            self.before = 0.0
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Those of earlier starts, and those since this one."""
        return self.before + time.perf_counter() - self._began

    def save(self) -> float:
        """Keep it for the next start; gives what was kept."""
        seconds = round(self.seconds, 3)
        write_json(self._path, {"seconds": seconds})
        return seconds
