"""``sweep.html``: the scores against hidden units and penalty, and the recommendation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import popcode
from popcode.report.blocks import Block, Column, Command, Facts, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.selection import Judged, Panel, draw_grid, draw_search, draw_selection
from popcode.report.numbers import decimal, percent, significant, whole
from popcode.report.pages import render_sections
from popcode.sweep.assemblies import assemblies_section
from popcode.sweep.choice import KEPT, Choice, Point
from popcode.sweep.folder import SweepFolder
from popcode.sweep.recommendation import mean_fact, recommendation_section
from popcode.sweep.request import SweepRequest
from popcode.sweep.results import STATISTICS

if TYPE_CHECKING:
    from popcode.sweep.store import Trial

_NAMES = ("mean activity ⟨v⟩", "mean hidden ⟨h⟩", "⟨v h⟩", "covariance of neurons",
          "covariance of hidden units")  # fmt: skip
_LABEL = "Scores of the models against hidden units and penalty"
_HOW = (
    "Left, the criterion: of the five scores of statistics on withheld bins the least (1: as close "
    "to them as the training bins are, 0: shuffled). Right, how well E[h|v] gives the withheld "
    "activity back, in which more units always do better: it does not choose. A point is the mean "
    "over seeds with its standard error; the ring is the model recommended. Dashed: the training "
    "bins themselves, as many as the model has samples; dotted: independent neurons."
)
_HOW_GRID = (
    "Of the five scores of statistics on withheld bins the least, which the article maximises over "
    "this plane: mean over seeds ± its standard error; framed, the model recommended."
)
_EACH = (
    "The scores that the least is taken of, and the share of hidden units that keep weights: where "
    "it falls, the penalty has begun to kill assemblies."
)
_ORDER = "Best first, those that lost units last; means over seeds."
_RULE = (
    "The article takes the model whose least score is the largest. The best of many noisy means is "
    "partly luck, so of the models within one standard error of it (from the scatter "
    "over seeds in the better half of the models) that with the fewest hidden "
    "units, then the largest penalty, is recommended, among those in which every fit keeps "
    f"{100 * KEPT:.0f} % of its units."
)


def render_page(
    folder: SweepFolder,
    request: SweepRequest,
    trials: list[Trial],
    points: list[Point],
    choice: Choice,
    date: str,
) -> str:
    """Draw the page of a sweep.

    Parameters
    ----------
    folder : SweepFolder
    request : SweepRequest
    trials : list of Trial
    points : list of Point
        Of the finished trials; at least one.
    choice : Choice
    date : str

    Returns
    -------
    str
        One HTML document.
    """
    taken = (choice.taken.n_hidden, choice.taken.l1)
    sections = (
        recommendation_section(folder, trials, points, choice),
        _scores(request, points, choice),
        *(() if request.n_search else (assemblies_section(points, taken),)),
        _models(trials, points),
        _method(request, trials),
    )
    title = folder.path.name
    return render_sections(
        title, "sweep of compositional RBMs", popcode.__version__, date, sections
    )


def _scores(request: SweepRequest, points: list[Point], choice: Choice) -> Section:
    taken = (choice.taken.n_hidden, choice.taken.l1)
    worst = Panel(
        "Least of the five scores",
        "score",
        tuple(Judged(point.n_hidden, point.l1, point.worst) for point in points),
        float(np.nanmean([np.nanmean(point.perfect) for point in points])),
        float(np.nanmean([np.nanmean(point.independent) for point in points])),
    )
    if request.n_search:
        image = drawn("search", _LABEL, lambda: draw_search(worst, taken))
        how = "A point is a model; the ring is the one recommended. " + _RULE
        return Section("scores", "Scores", (Picture("What the search tried", image, how),))
    blocks = _curves(worst, points, taken)
    if len(request.hidden) > 1 and len(request.l1) > 1:
        grid = drawn("grid", "The least score over the grid", lambda: draw_grid(worst, taken))
        blocks.insert(0, Picture("The grid", grid, _HOW_GRID))
    return Section("scores", "Scores", tuple(blocks))


def _curves(worst: Panel, points: list[Point], taken: tuple[int, float]) -> list[Block]:
    judged = tuple(Judged(point.n_hidden, point.l1, point.nllh) for point in points)
    nllh = Panel("Reconstruction", "median nLLH", judged)
    both = drawn("selection", _LABEL, lambda: draw_selection((worst, nllh), taken))
    panels = (*_each(points), _alive(points))
    each = drawn("each", "Every score", lambda: draw_selection(panels, taken, 3))
    return [
        Picture("Which model", both, _HOW),
        Text(_RULE),
        Picture("Every score", each, _EACH),
    ]


def _each(points: list[Point]) -> tuple[Panel, ...]:
    return tuple(
        Panel(
            name,
            "score",
            tuple(Judged(point.n_hidden, point.l1, point.scores[:, k]) for point in points),
        )
        for k, name in enumerate(_NAMES[: len(STATISTICS)])
    )


def _alive(points: list[Point]) -> Panel:
    judged = tuple(Judged(point.n_hidden, point.l1, point.alive) for point in points)
    return Panel("units alive", "share", judged)


def _models(trials: list[Trial], points: list[Point]) -> Section:
    columns = tuple(
        Column(name)
        for name in ("hidden units", "l1", "fits", "least score", "s.e.", "nLLH", "alive",
                     "assemblies", "copies", "converged", "s a fit")
    )  # fmt: skip
    ordered = sorted(points, key=lambda point: (not point.keeps_units, -point.mean))
    rows = tuple(_row(point) for point in ordered)
    blocks: list[Block] = [Table(columns, rows, _ORDER)]
    lost = [trial for trial in trials if trial.reason]
    if lost:
        columns = (Column("trial"), Column("model", "text"), Column("why", "prose"))
        blocks.append(Table(columns, tuple(_lost(trial) for trial in lost), "Without a result."))
    return Section("models", "Models", tuple(blocks))


def _row(point: Point) -> tuple[str, ...]:
    return (
        whole(point.n_hidden),
        significant(point.l1),
        whole(point.worst.size),
        decimal(point.mean),
        decimal(point.error),
        decimal(float(point.nllh.mean())),
        percent(float(point.alive.mean())),
        mean_fact(point, "n_effective"),
        mean_fact(point, "n_copies"),
        f"{point.n_converged} of {point.worst.size}",
        significant(point.seconds),
    )


def _lost(trial: Trial) -> tuple[str, str, str]:
    cell = trial.cell
    model = f"{cell.n_hidden} units, l1 {cell.l1:g}, seed {cell.seed}"
    return str(trial.number), model, f"{trial.state}: {trial.reason}"


def _method(request: SweepRequest, trials: list[Trial]) -> Section:
    kept = ("n_updates", "n_chains", "n_sweeps", "batch_size", "learning_rate", "holdout", "split")
    finished = sum(trial.state == "finished" for trial in trials)
    rows = [("recording", request.input_path), ("fits", f"{finished} of {len(trials)} finished")]
    rows += [(name.replace("_", " "), str(request.parameters[name])) for name in kept]
    if request.warm:
        how = "each from the next lower penalty, with half the updates"
        rows.append(("warm start", how))
    blocks = (Command("To make it again", request.command), Facts(tuple(rows)))
    return Section("method", "Method", blocks)
