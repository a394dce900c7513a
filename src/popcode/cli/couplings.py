"""``popcode couplings``: effective couplings of a fitted model, and what they say of areas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.outputs import check_output
from popcode.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from popcode.analysis.areas import AreaSurvey
    from popcode.recording import Recording


def couplings(
    run: Annotated[Path, Parameter(name="RUN")],
    /,
    *,
    out: Path,
    background: str = "rates",
    by: str | None = None,
    null: int = 1000,
    seed: int = 0,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Effective fields and couplings of the neurons, and tables of them by area.

    Example: popcode couplings run --out couplings.npz --by region

    A coupling is the mixed difference of ln P over two neurons that are 0 or 1, with all others
    in the background: J_ij = ln P(1,1) P(0,0) / (P(1,0) P(0,1)).

    Parameters
    ----------
    run : Path
        Folder of a run of popcode fit rbm whose training is over.
    out : Path
        File to make (.npz): couplings, fields, ids and, with --by, the tables.
    background : str
        What the other neurons do: rates (independent, at their rates in the training), silent,
        uniform (independent, half active; 4 x the Ising couplings) or data (as in 2,000 bins of
        the recording).
    by : str
        Column of the neurons whose values are their areas, as region.
    null : int
        Times that the area labels are shuffled.
    seed : int
        Of the shuffles and of the intervals.
    force : bool
        Replace the file where it is there.
    """
    from popcode.analysis.areas import places_of, survey_areas
    from popcode.cli.coupling_files import save_couplings
    from popcode.cli.coupling_table import survey_table
    from popcode.cli.models import model_of, source_of
    from popcode.files import read_record

    _check(out, force, null)
    model: Any = model_of(run)
    if not hasattr(model, "couplings"):
        raise InputError(
            f"a {type(model).__name__} has no couplings of this kind",
            where=str(run),
            remedy="Fit a Bernoulli RBM: popcode fit rbm",
        )
    source = source_of(read_record(run))
    places = None if by is None else places_of(_needed(source, run), by)
    tell(f"couplings of {model.n_features_in_:,} neurons, background: {background}")
    rows = _rows_of(source, run, read_record(run).parameters) if background == "data" else None
    found = model.effective_couplings(background, rows=rows)
    pairs, fields = found.matrix, model.effective_fields(background, rows=rows)
    tell(_error_line(found.error, found.standard_error))
    for doubt in _doubts(run):
        tell(f"note: {doubt}")
    survey = None if places is None else survey_areas(pairs, places, n_shuffles=null, seed=seed)
    save_couplings(out, pairs, fields, background, _ids(source, model.n_features_in_), survey)
    show(_extremes(pairs) if survey is None else survey_table(survey))
    _say_notes(survey)
    show(str(out))


def _check(out: Path, force: bool, null: int) -> None:
    check_output(out, force)
    if out.suffix.lower() != ".npz":
        raise InputError(
            f"the ending {out.suffix!r} is not .npz", where=str(out), remedy="Choose .npz"
        )
    if null < 1:
        raise InputError(f"--null is {null}", remedy="It must be at least 1; 1000 for p < 0.01")


def _needed(source: Recording | None, run: Path) -> Recording:
    if source is None:
        raise InputError(
            "the input of the run is not there, or not as it was",
            where=str(run),
            remedy="Put it back, or do without --by and --background data, which need it",
        )
    return source


def _rows_of(source: Recording | None, run: Path, parameters: dict[str, Any]) -> NDArray[np.uint8]:
    """Bins of the recording as the model was fitted to it."""
    from popcode.cli.preparation import binary

    binarize = bool(parameters.get("binarize"))
    return binary(_needed(source, run), binarize, str(run)).activity


def _error_line(error: float, standard_error: float) -> str:
    """How far off the couplings are, beside the error of the fit itself."""
    checked = (
        f"largest error {error:.1g} nats in pairs worked out one by one"
        if error
        else "every pair worked out by itself"
    )
    over_rows = (
        f"; standard error {standard_error:.1g} for the number of bins behind the background"
        if standard_error
        else ""
    )
    return f"note: {checked}{over_rows}; what another fit would change is not in it"


def _doubts(run: Path) -> list[str]:
    """What the withheld bins of the run say against its couplings; nothing where none are known."""
    import json

    try:
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        found = metrics.get("log_likelihood") or {}
        equilibrium = metrics.get("equilibrium") or {}
        gain = (equilibrium.get("comparison") or {}).get("independent") or {}
        surprise = equilibrium.get("surprise") or {}
    except (OSError, ValueError, AttributeError):
        return ["metrics.json cannot be read: whether the model holds on withheld bins is unknown"]
    if found.get("test") is None:
        return ["no bins were withheld: whether the couplings hold on new bins is unknown"]
    mean = found["test"] - found["independent"]
    if min(mean, gain.get("low", mean)) <= 0:
        return [
            f"withheld bins gain nothing certain over independent neurons ({mean:.3g} nats a "
            "bin): these couplings are mostly noise"
        ]
    behind = surprise["test"]["mean"] - surprise["train"]["mean"] if surprise else 0.0
    if behind <= mean:
        return []
    return [
        f"withheld bins are {behind:.3g} nats less likely than training bins, more than the "
        f"{mean:.3g} that they gain over independent neurons: much of these couplings may be noise"
    ]


def _ids(source: Recording | None, n_neurons: int) -> list[str]:
    if source is None:
        tell("note: the input of the run is not there: the neurons are numbered from 0")
        return [str(k) for k in range(n_neurons)]
    return [str(name) for name in source.neurons["id"]]


def _say_notes(survey: AreaSurvey | None) -> None:
    for note in () if survey is None else survey.notes:
        tell(f"note: {note}")


def _extremes(pairs: NDArray[np.float64]) -> str:
    """Spread of the couplings in a line."""
    import numpy as np

    values = pairs[np.triu_indices(len(pairs), 1)]
    if values.size == 0:
        return "a single neuron has no couplings"
    low, middle, high = np.quantile(values, (0.01, 0.5, 0.99))
    return (
        f"couplings of {values.size:,} pairs: mean {values.mean():.3g}, median {middle:.3g}, "
        f"98 % from {low:.3g} to {high:.3g}"
    )
