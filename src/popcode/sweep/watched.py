"""How far the process of a trial is, told through a small file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from popcode.files import write_json


class Watched(NamedTuple):
    """A fit in progress: its updates, the reconstruction of training bins, the units alive."""

    update: int
    nllh: float | None
    alive: float


def write_watched(path: Path, watched: Watched) -> None:
    """Replace what was told before."""
    write_json(path, watched)


def read_watched(path: Path) -> Watched | None:
    """What was told last; None where nothing was."""
    try:
        return Watched(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
