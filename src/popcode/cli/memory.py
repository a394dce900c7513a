"""``popcode memory``: how long random networks remember what they were shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from popcode.cli.reading import Flag


def memory(
    *,
    out: Path,
    task: Literal["binary", "zero-shot", "subspace", "all"] = "all",
    neurons: int = 10_000,
    networks: str = "symmetric,nonsymmetric,echo",
    seeds: int = 3,
    seed: int = 0,
    preset: Literal["nature", "preprint"] = "nature",
    force: Annotated[bool, Flag] = False,
) -> None:
    """Show random networks stimuli, and decode them from what is left of them in the activity.

    Example: popcode memory --out memory --task binary

    Curves of accuracy against the delay since the stimulus, with the delay known and unknown to
    the decoder: linear symmetric, linear non-symmetric and echo-state networks, beside chance, a
    shuffled control and a ceiling without noise. report.html draws them; metrics.json holds them.
    Networks that are finished are kept when it is interrupted: run the same command again, or
    popcode resume OUT.

    Parameters
    ----------
    out : Path
        Folder of the run; it must be new or empty, or hold this same run unfinished.
    task : str
        binary (which of two patterns), zero-shot (patterns never seen before), subspace (such
        patterns in the network's leading dimensions) or all.
    neurons : int
        Of the symmetric network. The others take at most 2,000, and so does then a second
        symmetric one, to compare them with.
    networks : str
        Any of symmetric, nonsymmetric and echo, with commas between.
    seeds : int
        Networks of every kind; their scatter is the interval of the curves.
    seed : int
        The first of them. The same seed gives the same bits, whatever the number of threads.
    preset : str
        Time constant, step and radius of the article (nature) or of its preprint.
    force : bool
        Replace the run that is in the folder.
    """
    from popcode.cli.memory_options import options_of
    from popcode.cli.memory_runs import memory_into

    memory_into(out, options_of(task, neurons, networks, seeds, seed, preset), force)
