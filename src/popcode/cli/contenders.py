"""The models that ``popcode compare`` knows: how each is made, fitted and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from popcode.cli.console import tell
from popcode.errors import InputError
from popcode.estimators.titles import TITLES
from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.recording import Recording
    from popcode.threads import Team

NAMES = ("crbm", "rbm", "independent", "pairwise", "glm", "vae", "nmf", "pca", "kmeans")
# Those of popcode fit that a comparison has under another name.
_OTHERWISE = {"ising": "pairwise", "k-pairwise": "k_pairwise"}
SPOKEN = {_OTHERWISE.get(typed, typed): title for typed, title in TITLES.items()}


class Effort(NamedTuple):
    """What all contenders share: hidden units, components or clusters; updates; seed; device.

    `n_updates` is None where each makes as many as it does by default.
    """

    n_hidden: int
    n_updates: int | None
    seed: int
    device: str


def checked_names(models: str) -> tuple[str, ...]:
    """Names of ``--models``, in the order given, each once.

    Raises
    ------
    InputError
        A name that is none.
    """
    names = [contender_of(name.strip().lower()) for name in models.split(",")]
    if unknown := [name for name in names if name not in SPOKEN]:
        raise InputError(
            f"--models names {unknown[0]!r}", remedy=f"Choose among {', '.join(SPOKEN)}"
        )
    return tuple(dict.fromkeys(names))


def contender_of(typed: str) -> str:
    """Name of a model as it is typed in ``popcode fit``: ising is the pairwise model."""
    return _OTHERWISE.get(typed, typed)


def unfitted(name: str, effort: Effort) -> Any:
    """The estimator of a name."""
    from popcode import baselines
    from popcode.rbm import BernoulliRBM, CompositionalRBM

    m, seed = effort.n_hidden, effort.seed
    updates: dict[str, Any] = {}
    if effort.n_updates is not None:
        updates["n_updates"] = effort.n_updates
    if name == "crbm":
        return CompositionalRBM(n_hidden=m, seed=seed, device=effort.device, **updates)
    if name == "rbm":
        return BernoulliRBM(n_hidden=m, seed=seed, **updates)
    if name == "vae":
        return baselines.LinearVAE(n_hidden=m, seed=seed, **updates)
    return {
        "independent": baselines.Independent,
        "pairwise": lambda: baselines.Pairwise(seed=seed),
        "k_pairwise": lambda: baselines.KPairwise(seed=seed),
        "glm": lambda: baselines.GLM(seed=seed),
        "nmf": lambda: baselines.NMF(n_components=m, seed=seed),
        "pca": lambda: baselines.PCA(n_components=m, seed=seed),
        "kmeans": lambda: baselines.KMeans(n_clusters=m, seed=seed),
    }[name]()


def fitted(name: str, model: Any, train: Recording) -> Any:
    """Fit the estimator of a name with its progress shown.

    Raises
    ------
    InputError
        What its estimator refuses.
    """
    label = f"fitting {SPOKEN[name]}"
    if name in ("pairwise", "k_pairwise"):
        with progress(label, model.n_steps(train.n_neurons), unit="step") as bar:
            return model.fit(train, tell=bar.update)
    if name == "vae":
        with progress(label, model.n_updates) as bar:
            return model.fit(train, tell=bar.update)
    if name == "glm":
        with progress(label, train.n_neurons, unit="neuron") as bar:
            return model.fit(train, tell=bar.update)
    if name in ("crbm", "rbm"):
        return _fitted_rbm(name, model, train.activity, label)
    tell(label)
    return model.fit(train)


def _fitted_rbm(name: str, model: Any, activity: Any, label: str) -> Any:
    """An RBM fitted as by its own `fit`, with its updates shown."""
    import numpy as np

    from popcode.threads import Team

    activity = np.ascontiguousarray(activity)
    bins = np.arange(len(activity))
    with Team() as team:
        tell(f"{label}: choosing l1")
        trainer, finish = (_compositional if name == "crbm" else _bernoulli)(
            team, model, activity, bins
        )
        with progress(label, trainer.schedule.n_updates) as bar:
            trainer.run(team, lambda now: bar.update(now.state.update))
        done = finish(team, trainer)
    for note in done.notes:
        tell(f"note: {note}")
    return model.adopt(done, trainer)


def _compositional(team: Team, model: Any, activity: Any, bins: Any) -> tuple[Any, Any]:
    from popcode.rbm.fitting import finish_fit, start_fit

    settings = model.resolve(team, activity, bins)
    trainer = start_fit(activity, bins, settings)
    return trainer, lambda team, trainer: finish_fit(team, trainer, settings)


def _bernoulli(team: Team, model: Any, activity: Any, bins: Any) -> tuple[Any, Any]:
    from popcode.rbm.pcd.finishing import finish_bernoulli
    from popcode.rbm.pcd.fitting import start_bernoulli
    from popcode.rbm.pcd.penalty import choose_penalty

    settings = model.resolve(activity, bins)
    if model.l1 == "auto":
        settings = model.settled(settings, choose_penalty(team, activity, bins, settings).l1)
    return start_bernoulli(team, activity, bins, settings), finish_bernoulli
