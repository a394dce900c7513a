"""RBMs in model files: weights, fields and the potential of the hidden units, by name."""

from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.estimators.model_files import ModelFile, read_model_file, write_model_file
from popcode.rbm.parameters import Parameters
from popcode.rbm.state import POTENTIALS

_CONVENTION = "P(v,h) ~ exp(fields.v + v weights h - U(h)); theta_minus multiplies |h-|"


class StoredModel(NamedTuple):
    """A model file's content.

    estimator : str
        Name of the estimator's class.
    settings : dict
        The constructor's arguments.
    parameters : Parameters
    extra : dict of ndarray
        Whatever else the estimator keeps (chains, training means, split).
    facts : dict
        Plain values (training summary, history).
    """

    estimator: str
    settings: dict
    parameters: Parameters
    extra: dict[str, NDArray]
    facts: dict


def write_model(path: str | Path, model: StoredModel) -> None:
    """Write a model, replacing an existing file whole."""
    hidden = model.parameters.hidden
    kind = next(name for name, potential in POTENTIALS.items() if isinstance(hidden, potential))
    tensors = {"weights": model.parameters.weights, "fields": model.parameters.fields}
    tensors |= {f"hidden/{n}": v for n, v in zip(hidden._fields, hidden, strict=True)}
    tensors |= {f"extra/{name}": value for name, value in model.extra.items()}
    notes = {"hidden": kind, "convention": _CONVENTION}
    write_model_file(path, ModelFile(model.estimator, model.settings, tensors, model.facts, notes))


def read_model(path: str | Path) -> StoredModel:
    """Read a model file.

    Raises
    ------
    InputError
        No such file, not a popcode model, truncated, or of a newer version.
    """
    found = read_model_file(path)
    try:
        return _assemble(found)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a part of the model is missing ({error})", where=str(path)) from error


def _assemble(found: ModelFile) -> StoredModel:
    tensors = found.tensors
    potential: Any = POTENTIALS[found.notes["hidden"]]
    hidden = potential(*(tensors[f"hidden/{name}"] for name in potential._fields))
    extra = {
        name.removeprefix("extra/"): value
        for name, value in tensors.items()
        if name.startswith("extra/")
    }
    parameters = Parameters(tensors["weights"], tensors["fields"], hidden)
    return StoredModel(found.estimator, found.settings, parameters, extra, found.facts)
