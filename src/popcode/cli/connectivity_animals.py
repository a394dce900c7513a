"""From runs to animals: whose models they are, which count, and what they say of regions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from popcode.cli.console import tell
from popcode.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from popcode.analysis.areas import Areas
    from popcode.analysis.connectivity import AnimalConnectivity, SecondOrderCheck
    from popcode.files import RunRecord
    from popcode.rbm.parameters import Parameters
    from popcode.recording import Recording
    from popcode.report.sections.connectivity import AnimalFacts

    Activity = NDArray[np.uint8]


class Model(NamedTuple):
    """A run of an animal; `failure` says why it does not count, None where it does."""

    run: Path
    parameters: Parameters
    failure: str | None


class Animal(NamedTuple):
    """One recording with its models.

    Attributes
    ----------
    name : str
        Of its input.
    activity : ndarray of uint8, (n_bins, n_neurons)
    segment_starts : ndarray of int, (n_segments,)
    areas : Areas
    models : tuple of Model
    connectivity : AnimalConnectivity
        Of the models that count.
    check : SecondOrderCheck
        Of the first of them.
    """

    name: str
    activity: Activity
    segment_starts: NDArray[np.int64]
    areas: Areas
    models: tuple[Model, ...]
    connectivity: AnimalConnectivity
    check: SecondOrderCheck


def animals_of(runs: Sequence[Path], by: str, least: int) -> list[Animal]:
    """Group runs by their recording, and find the connectivity of each.

    Raises
    ------
    InputError
        A run that is none or no compositional RBM, an input that is gone or has no regions, no
        model that counts.
    """
    groups = _by_recording(runs)
    names = _names([records[0] for records, _ in groups])
    animals = [
        animal
        for name, (records, models) in zip(names, groups, strict=True)
        if (animal := _animal(name, records[0], models, by, least)) is not None
    ]
    if not animals:
        raise InputError(
            "no model of any animal can be used",
            remedy="Fit again with a lower penalty (--l1), or fewer hidden units",
        )
    return animals


def region_names(animals: Sequence[Animal]) -> tuple[str, ...]:
    """Regions of all animals together, in the order of the average."""
    from popcode.analysis.connectivity import aligned

    return aligned([animal.connectivity.l1 for animal in animals])[0].names


def facts_of(animal: Animal) -> AnimalFacts:
    """What the page tells of an animal."""
    from popcode.report.sections.connectivity import AnimalFacts

    n_bins, n_neurons = animal.activity.shape
    return AnimalFacts(
        animal.name,
        n_neurons,
        n_bins,
        animal.areas.n_areas,
        len(animal.connectivity.kept),
        animal.connectivity.agreement,
        (animal.check.pearson, animal.check.slope),
        tuple(f"{each.run}: {each.failure}" for each in animal.models if each.failure),
    )


def _by_recording(runs: Sequence[Path]) -> list[tuple[list[RunRecord], list[Model]]]:
    """Records and models of the runs of each recording, in the order given."""
    from popcode.files import read_record

    groups: dict[str, tuple[list[RunRecord], list[Model]]] = {}
    for run in {run.resolve(): run for run in runs}.values():
        model, record = _model(run), read_record(run)
        records, models = groups.setdefault(str(record.input_hash), ([], []))
        records.append(record)
        models.append(model)
    return list(groups.values())


def _model(run: Path) -> Model:
    from popcode.analysis.connectivity import failure_of
    from popcode.cli.models import model_of
    from popcode.rbm import CompositionalRBM

    model: Any = model_of(run)
    if not isinstance(model, CompositionalRBM):
        raise InputError(
            f"a {type(model).__name__}, not a compositional RBM",
            where=str(run),
            remedy="Give runs of popcode fit crbm; popcode couplings RUN --by region is for others",
        )
    failure = failure_of(model.parameters_)
    if failure is not None:
        tell(f"note: {run} is set aside: {failure}")
    elif not model.training_["converged"]:
        tell(f"note: {run} has not converged; go on with popcode resume {run} --updates ...")
    return Model(run, model.parameters_, failure)


def _names(records: Sequence[RunRecord]) -> list[str]:
    """Names of the inputs; those that are alike are numbered."""
    stems = [Path(str(record.input_path)).name.split(".")[0] for record in records]
    return [
        stem if stems.count(stem) == 1 else f"{stem} {1 + stems[:k].count(stem)}"
        for k, stem in enumerate(stems)
    ]


def _animal(
    name: str, record: RunRecord, models: Sequence[Model], by: str, least: int
) -> Animal | None:
    """The connectivity of an animal; None where none of its models counts."""
    from popcode.analysis.connectivity import animal_connectivity, check_second_order

    used = [model.parameters for model in models if model.failure is None]
    if not used:
        tell(f"note: {name} is left out: none of its models counts")
        return None
    recording, areas = _recording(record, models[0].run, by, least)
    activity = recording.activity
    tell(
        f"{name}: {activity.shape[1]:,} neurons, {len(activity):,} bins, {areas.n_areas} regions, "
        f"{len(used)} of {len(models)} models"
    )
    for note in areas.notes:
        tell(f"note: {note}")
    found = animal_connectivity(used, activity, areas)
    check = check_second_order(used[0], activity)
    return Animal(name, activity, recording.segment_starts, areas, tuple(models), found, check)


def _recording(record: RunRecord, run: Path, by: str, least: int) -> tuple[Recording, Areas]:
    """The input of a run and its regions of a run, as it was fitted to."""
    from popcode.analysis.areas import places_of
    from popcode.cli.models import input_of
    from popcode.cli.reading import about

    prepared = input_of(run)
    with about(str(record.input_path)):
        areas = places_of(prepared.recording, by, least).areas
    if prepared.test_bins.size:
        share = prepared.train_bins.size / prepared.recording.n_bins
        tell(f"note: {run} was fitted to {share:.0%} of the bins; --holdout 0 takes all")
    return prepared.recording, areas
