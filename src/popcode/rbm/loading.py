"""Load a saved model of whatever kind."""

from pathlib import Path

from popcode.errors import InputError
from popcode.rbm.bernoulli import BernoulliRBM
from popcode.rbm.compositional import CompositionalRBM
from popcode.rbm.storage import read_model

Estimator = BernoulliRBM | CompositionalRBM
_ESTIMATORS: dict[str, type[Estimator]] = {
    "BernoulliRBM": BernoulliRBM,
    "CompositionalRBM": CompositionalRBM,
}


def load_model(path: str | Path) -> Estimator:
    """Load what an estimator's `save` wrote, or the model of a run folder.

    Raises
    ------
    InputError
        No such file, not a popcode model, truncated, or of a newer version.
    """
    path = Path(path)
    stored = read_model(path / "model.safetensors" if path.is_dir() else path)
    if stored.estimator not in _ESTIMATORS:
        raise InputError(f"a {stored.estimator!r} is not known", where=str(path))
    return _ESTIMATORS[stored.estimator].from_stored(stored)
