"""``popcode connectivity``: connections between regions, across animals and against structure."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.outputs import check_output
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.analysis.connectivity import ConnectivitySurvey
    from popcode.cli.connectivity_animals import Animal

BASELINES = ("covariance", "correlation", "ising", "lasso")


def connectivity(
    *runs: Annotated[Path, Parameter(name="RUN")],
    out: Path,
    structure: Path | None = None,
    structure_array: str | None = None,
    baselines: str = "covariance,correlation",
    by: str = "region",
    least: int = 5,
    resamples: int = 1000,
    seed: int = 0,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Connection strengths between regions, of one animal or averaged over several.

    Example: popcode connectivity fish1/run fish2/run --out connectivity.npz --structure atlas.npz

    Runs of the same recording are models of one animal and are averaged first; models that failed
    are set aside. The strength of two regions is the mean absolute effective coupling of their
    pairs of neurons. OUT holds every matrix; a page of the same name (.html) shows them beside
    covariances and correlations, and beside what neurons moved in time leave of those.

    Parameters
    ----------
    runs : Path
        Folders of runs of popcode fit crbm whose training is over; their inputs must be there.
    out : Path
        File to make (.npz).
    structure : Path
        Structural connectivity: an npz file with a square matrix and the names of its regions;
        one with soma_regions, lengths, volumes and region_names of traced neurons; or a folder of
        .swc files with a volume of region numbers and regions.csv (number,name).
    structure_array : str
        Which matrix of the file, where it holds several.
    baselines : str
        With a comma between: covariance, correlation, ising (by pseudo-likelihood), lasso
        (graphical); none for none. The last two take a sample of the neurons where there are many.
    by : str
        Column of the neurons whose values are their regions.
    least : int
        Neurons that a region has at least.
    resamples : int
        Draws of regions behind the intervals, and shuffles of their names.
    seed : int
        Of the draws.
    force : bool
        Replace the files where they are there.
    """
    from popcode.analysis.connectivity import read_structure, survey_connectivity
    from popcode.cli.connectivity_animals import animals_of, region_names
    from popcode.cli.connectivity_files import save_connectivity
    from popcode.cli.connectivity_rivals import SHIFTED, matrices_of
    from popcode.cli.connectivity_table import connectivity_table
    from popcode.io.reading import checked_path

    check_output(out, force, (".npz",))
    check_output(out.with_suffix(".html"), force, (".html",))
    names = _checked(runs, baselines, least, resamples, seed)
    if structure is not None:
        checked_path(structure)  # before the work, not after it
    animals = animals_of(runs, by, least)
    known = None
    if structure is not None:
        known = read_structure(structure, region_names(animals), structure_array)
    if len(animals) == 1:
        tell("note: one animal only: whether its connectivity is that of others is unknown")
    for note in () if known is None else known.notes:
        tell(f"note: {note}")
    matrices = matrices_of(animals, names, seed)
    control = SHIFTED if SHIFTED in matrices else None
    found = survey_connectivity(matrices, known, resamples, seed, control)
    save_connectivity(out, found, animals)
    show(connectivity_table(found))
    show(str(out))
    _write_page(out, found, animals)


def _checked(
    runs: tuple[Path, ...], baselines: str, least: int, resamples: int, seed: int
) -> tuple[str, ...]:
    """Names of the baselines; impossible options are refused."""
    if not runs:
        raise InputError("no run is named", remedy="popcode connectivity RUN [RUN ...] --out FILE")
    numbers = {"least": (least, 1), "resamples": (resamples, 100), "seed": (seed, 0)}
    for name, (value, lowest) in numbers.items():
        if value < lowest:
            raise InputError(f"--{name} is {value}", remedy=f"It must be at least {lowest}")
    names = [name.strip().lower() for name in baselines.split(",")]
    if names == ["none"]:
        return ()
    if unknown := [name for name in names if name not in BASELINES]:
        raise InputError(
            f"--baselines names {unknown[0]!r}", remedy=f"Choose among {', '.join(BASELINES)}"
        )
    return tuple(dict.fromkeys(names))


def _write_page(out: Path, survey: ConnectivitySurvey, animals: list[Animal]) -> None:
    import popcode
    from popcode.cli.connectivity_animals import facts_of
    from popcode.files import write_text
    from popcode.report.pages import render_sections
    from popcode.report.sections.connectivity import connectivity_sections

    page = out.with_suffix(".html")
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    sections = connectivity_sections(survey, [facts_of(animal) for animal in animals])
    kind = "connectivity between regions"
    write_text(page, render_sections(out.stem, kind, popcode.__version__, now, sections))
    show(str(page))
