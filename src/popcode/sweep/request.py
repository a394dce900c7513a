"""``sweep.json``: what a sweep was asked to do."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from popcode.errors import InputError
from popcode.files import write_json

FORMAT = "popcode-sweep"
VERSION = 1
REQUEST = "sweep.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SweepRequest:
    """What a sweep was asked to do.

    Parameters
    ----------
    command : str
        The command as it can be typed again.
    input_path : str
    input_hash : str
        Of the content of the recording.
    hidden : tuple of int
        Numbers of hidden units, ascending: those of the grid, or the bounds of a search.
    l1 : tuple of float
        Penalties, ascending, likewise.
    seeds : tuple of int
    n_search : int
        Models that a search may try; 0 for the whole grid.
    warm : bool
        Whether a fit starts from that of the next lower penalty.
    parameters : dict
        Those of a fit, as ``run.json`` keeps them; `n_hidden`, `l1` and `seed` are replaced.
    """

    command: str
    input_path: str
    input_hash: str
    hidden: tuple[int, ...]
    l1: tuple[float, ...]
    seeds: tuple[int, ...]
    n_search: int
    warm: bool
    parameters: dict[str, Any]

    def same_as(self, other: SweepRequest) -> bool:
        """Whether two requests ask for the same fits, however they were typed."""
        return dataclasses.replace(self, command="") == dataclasses.replace(other, command="")


def write_request(folder: Path, request: SweepRequest) -> None:
    """Write ``sweep.json``.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    content = {"format": FORMAT, "version": VERSION, **dataclasses.asdict(request)}
    write_json(folder / REQUEST, content)


def read_request(folder: Path) -> SweepRequest:
    """Read ``sweep.json``.

    Raises
    ------
    InputError
        No sweep is there, or it is damaged or newer.
    """
    path = folder / REQUEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        version = content.pop("version")
        tuples = {name: tuple(content[name]) for name in ("hidden", "l1", "seeds")}
        request = SweepRequest(**content | tuples)
    except OSError as error:
        raise InputError(
            f"not a sweep: it holds no {REQUEST} that can be read",
            where=os.fspath(folder),
            remedy="Give the folder that was named with --out",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"damaged ({error})",
            where=os.fspath(path),
            remedy="Start the sweep again, in a new folder",
        ) from error
    if version > VERSION:
        raise InputError("written by a newer popcode", where=os.fspath(path), remedy="Upgrade")
    return request
