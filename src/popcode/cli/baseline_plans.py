"""What fitting a baseline takes, told before it starts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from popcode.cli.console import tell
from popcode.progress import duration_text

if TYPE_CHECKING:
    from popcode.cli.preparation import Prepared
    from popcode.recording import Recording

_FLOAT, _DOUBLE = 4, 8
# A fit to fewer entries is over before a trial of it would be.
_SMALL = 2_000_000
_EVERY = 10  # bins of which a trial takes one
_TIMED_UPDATES = 20
_LINK_BINS = 4000  # of the links of factor models


def say_plan(title: str, model: Any, prepared: Prepared) -> None:
    """Print memory and time of a fit and its judging; refuse what does not fit.

    Parameters
    ----------
    title : str
        What the model is called.
    model : estimator
        Not fitted yet.
    prepared : Prepared

    Raises
    ------
    InputError
        Not enough memory.
    """
    from popcode.metrics import sample_count
    from popcode.rbm import plan

    n_neurons, n_train = prepared.recording.n_neurons, prepared.train_bins.size
    n_test, n_hidden = prepared.test_bins.size, _n_hidden(model)
    fit = memory_expected(model, n_train, n_neurons) + n_train * n_neurons
    n_samples = sample_count(n_train, n_neurons)
    judging = plan.evaluation_memory(n_train, n_test, n_neurons, n_hidden, n_samples)
    recording = prepared.recording.activity.nbytes
    memory = plan.MemoryPlan(recording, plan.FIXED, fit, 0, judging)
    available = plan.available_memory()
    plan.refuse_beyond(memory, available)
    seconds = seconds_expected(model, prepared.train)
    took = "no more than seconds" if seconds is None else f"about {duration_text(seconds)}"
    tell(
        f"plan: {plan.size_text(memory.peak)} of memory ({plan.size_text(available)} available), "
        f"{took} for {title}, then the scores"
    )


def _n_hidden(model: Any) -> int:
    """Hidden units, components or clusters of an estimator; 0 for one without."""
    settings = model.get_params()
    names = ("n_hidden", "n_components", "n_clusters")
    return next((int(settings[name]) for name in names if name in settings), 0)


def memory_expected(model: Any, n_bins: int, n_neurons: int) -> int:
    """Bytes that a fit takes at most, beyond its training bins.

    Parameters
    ----------
    model : estimator
    n_bins, n_neurons : int
    """
    from popcode.baselines import GLM, Independent, LinearVAE, Pairwise
    from popcode.baselines.effort import memory_expected as of_pairs

    entries = n_bins * n_neurons
    if isinstance(model, Independent):
        return 0
    if isinstance(model, Pairwise):
        return of_pairs(n_neurons, model.effort(n_neurons))
    if isinstance(model, GLM):
        smaller = min(n_bins, n_neurons) ** 2
        return 3 * _FLOAT * entries + 2 * _FLOAT * n_neurons**2 + 3 * _DOUBLE * smaller
    if isinstance(model, LinearVAE):
        return 16 * _FLOAT * n_neurons * _n_hidden(model)
    links = 6 * _DOUBLE * min(n_bins, _LINK_BINS) * n_neurons
    return 3 * _FLOAT * entries + 2 * _DOUBLE * n_bins * _n_hidden(model) + links


def seconds_expected(model: Any, train: Recording) -> float | None:
    """Seconds that a fit takes, from a small part of one that is thrown away.

    Parameters
    ----------
    model : estimator
        Not fitted yet, and left as it is.
    train : Recording

    Returns
    -------
    float or None
        None for fits that are over in seconds.
    """
    from sklearn.base import clone

    from popcode.baselines import Independent, LinearVAE, Pairwise
    from popcode.baselines.effort import seconds_expected as of_pairs
    from popcode.threads import Team

    if isinstance(model, Pairwise):
        with Team() as team:
            return of_pairs(team, train.activity, model.effort(train.n_neurons))
    if isinstance(model, LinearVAE):
        few = clone(model).set_params(n_updates=_TIMED_UPDATES)
        few.fit(train)  # loads torch
        return _seconds_of(few, train.activity) * model.n_updates / _TIMED_UPDATES
    few_bins = train.n_bins < 2 * _EVERY * _n_hidden(model)
    if isinstance(model, Independent) or train.activity.size < _SMALL or few_bins:
        return None
    return _EVERY * _seconds_of(clone(model), train.activity[::_EVERY])


def _seconds_of(model: Any, activity: Any) -> float:
    started = time.perf_counter()
    model.fit(activity)
    return time.perf_counter() - started
