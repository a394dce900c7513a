"""Load a saved model, of whatever method."""

from pathlib import Path

from popcode import baselines, rbm
from popcode.baselines.loading import ALL_ESTIMATORS, Baseline
from popcode.estimators.model_files import estimator_of
from popcode.rbm.loading import Estimator

Model = Estimator | Baseline


def load_model(path: str | Path) -> Model:
    """Load what an estimator's `save` wrote, or the model of a run folder.

    Parameters
    ----------
    path : path-like
        A file, or the folder of a run. Its baselines are the files in ``RUN/baselines``.

    Returns
    -------
    BernoulliRBM, CompositionalRBM, or a class of `popcode.baselines`

    Raises
    ------
    InputError
        No such file, not a popcode model, truncated, or of a newer version.
    """
    path = Path(path)
    file = path / "model.safetensors" if path.is_dir() else path
    if estimator_of(file) in ALL_ESTIMATORS:
        return baselines.load_any_baseline(file)
    return rbm.load_model(file)
