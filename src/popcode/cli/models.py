"""The model of a run, and the neurons it speaks of, without locking the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.cli.preparation import Prepared
    from popcode.files import RunRecord
    from popcode.rbm import CompositionalRBM
    from popcode.recording import Recording


def model_of(run: Path) -> CompositionalRBM:
    """Load the RBM of a run.

    Raises
    ------
    InputError
        Not a run, one whose training is not over, a damaged model, or a model that is no RBM.
    """
    from popcode.cli.contenders import SPOKEN, contender_of
    from popcode.cli.options import BASELINE_SETTINGS
    from popcode.files import read_record

    name = read_record(run).parameters.get("model")
    if name in BASELINE_SETTINGS:
        raise InputError(
            f"holds {SPOKEN[contender_of(name)]}, and this needs a restricted Boltzmann machine",
            where=str(run),
            remedy="Give a run of popcode fit crbm or popcode fit rbm",
        )
    return any_model_of(run)


def any_model_of(run: Path) -> Any:
    """Load the model of a run, whatever its kind.

    Raises
    ------
    InputError
        Not a run, one whose training is not over, or a damaged model.
    """
    from popcode.cli.leaving import resume_command
    from popcode.cli.options import BASELINE_SETTINGS
    from popcode.files import read_record
    from popcode.loading import load_model

    name = read_record(run).parameters.get("model")
    if not (run / "model.safetensors").exists():
        raise InputError(
            "the run has no model yet",
            where=str(run),
            remedy=f"Its training is not over; go on with: {resume_command(run)}",
        )
    try:
        return load_model(run)
    except InputError as error:
        source = "its seed" if name in BASELINE_SETTINGS else "the checkpoint"
        remedy = f"Make it again from {source}: {resume_command(run)}"
        raise InputError(error.what, where=error.where, remedy=remedy) from error


def source_of(record: RunRecord) -> Recording | None:
    """The input of a run as it was fitted to, if it is still there."""
    from popcode.cli.options import options_from
    from popcode.cli.preparation import content_hash, read

    try:
        reading = options_from(record.parameters).reading
        recording = read(str(record.input_path), reading)
    except InputError:
        return None
    return recording if content_hash(recording) == record.input_hash else None


def input_of(run: Path) -> Prepared:
    """The input of a run as it was fitted to: binary, with the bins of each part.

    Raises
    ------
    InputError
        It is not there, or not as it was.
    """
    from popcode.cli.options import options_from
    from popcode.cli.preparation import content_hash, prepare
    from popcode.cli.work import refuse_changed
    from popcode.files import read_record

    record = read_record(run)
    path = str(record.input_path)
    prepared = prepare(path, options_from(record.parameters))
    refuse_changed(record.input_hash, content_hash(prepared.recording), path)
    return prepared


def generated(states: Any, run: Path, settings: dict[str, Any]) -> Recording:
    """States (n, n_neurons) of a run's model as a recording, its neurons as in the input."""
    from popcode.cli.console import tell
    from popcode.files import read_record
    from popcode.io.reading import sha256_of
    from popcode.recording import Recording

    record = read_record(run)
    source = source_of(record)
    if source is None:
        tell(
            f"note: the input of the run ({record.input_path}) is not there, or not as it was: "
            "the neurons are numbered from 0, without regions and positions"
        )
    step = {
        "step": "sampled",
        "model": str((run / "model.safetensors").resolve()),
        "sha256": sha256_of([run / "model.safetensors"]),
        **settings,
    }
    if source is None:
        return Recording(states, kind="binary", provenance=[step])
    return Recording(
        states,
        kind="binary",
        neurons=source.neurons,
        neuron_arrays=source.neuron_arrays,
        region_labels=source.region_labels,
        region_names=source.region_names,
        provenance=[step],
    )
