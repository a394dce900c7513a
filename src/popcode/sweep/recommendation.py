"""The head of a sweep's page: which model to take, how good it is, and what speaks against it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np

from popcode.report.blocks import Block, Command, Facts, Section, Text
from popcode.report.numbers import decimal, percent, significant, whole
from popcode.sweep.choice import Choice, Point
from popcode.sweep.folder import SweepFolder

if TYPE_CHECKING:
    from popcode.sweep.store import Trial

# Reconstruction beyond that of the model recommended by this factor is worth a note.
_MUCH = 1.1


def recommendation_section(
    folder: SweepFolder, trials: list[Trial], points: list[Point], choice: Choice
) -> Section:
    """Draw the section.

    Parameters
    ----------
    folder, trials, points, choice
        As in :func:`popcode.sweep.page.render_page`.
    """
    taken = choice.taken
    text = f"{taken.n_hidden:,} hidden units at l1 = {taken.l1:g}: {choice.reason}."
    runs = [
        folder.run(trial.number)
        for trial in trials
        if trial.state == "finished" and trial.cell[:2] == (taken.n_hidden, taken.l1)
    ]
    blocks: list[Block] = [
        Text(text),
        *(Text(note, "note") for note in _notes(points, taken)),
        Facts(_facts(choice)),
        Command("The page of its first fit", f"popcode report {shlex.quote(str(runs[0]))}"),
    ]
    return Section("recommendation", "Recommendation", tuple(blocks))


def mean_fact(point: Point, name: str) -> str:
    """Mean of a fact about the assemblies over the fits of a point."""
    values = [getattr(each, name) for each in point.facts]
    return significant(float(np.mean(values)) if values else None)


def _facts(choice: Choice) -> tuple[tuple[str, str], ...]:
    taken = choice.taken
    score = decimal(taken.mean)
    rows = [("hidden units", whole(taken.n_hidden)), ("l1", significant(taken.l1))]
    if taken.worst.size == 1:
        rows.append(("least of the five scores", score))
    else:
        low, high = (decimal(float(each)) for each in (taken.worst.min(), taken.worst.max()))
        rows.append(("least of the five scores", f"{score} ± {decimal(choice.error)}"))
        rows.append((f"… of its {taken.worst.size} seeds", f"{low} to {high}"))
    return (
        *rows,
        ("… of a perfect model", decimal(float(taken.perfect.mean()))),
        ("… of independent neurons", decimal(float(taken.independent.mean()))),
        ("median nLLH of reconstruction", decimal(float(taken.nllh.mean()))),
        ("units that keep weights", percent(float(taken.alive.mean()))),
        ("different assemblies", mean_fact(taken, "n_effective")),
        ("units that are copies", mean_fact(taken, "n_copies")),
        ("fits that converged", f"{taken.n_converged} of {taken.worst.size}"),
    )


def _notes(points: list[Point], taken: Point) -> list[str]:
    """What speaks against the model, or against trusting the choice."""
    notes, n_seeds = [], taken.worst.size
    better = max(points, key=lambda point: point.nllh.mean())
    if taken.mean <= float(taken.independent.mean()):
        notes.append(
            "By this score it is no better than independent neurons: fit longer (--updates), or "
            "sweep a wider range."
        )
    if better.keeps_units and better.nllh.mean() > _MUCH * taken.nllh.mean():
        notes.append(
            f"With {better.n_hidden:,} units at l1 = {better.l1:g} E[h|v] gives the withheld "
            f"activity back better (nLLH {decimal(float(better.nllh.mean()))}), which the five "
            "scores do not see: compare the assemblies of both."
        )
    if taken.n_converged < n_seeds:
        notes.append(
            "Not every fit of it has converged: continue them with popcode resume --updates."
        )
    if n_seeds == 1:
        notes.append("One seed: the scatter between fits is not known. Sweep with --seeds 3.")
    return notes
