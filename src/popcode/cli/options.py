"""What a fit was asked to do, in the form that ``run.json`` keeps."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

from popcode.cli.reading import AS_IT_IS, Reading
from popcode.errors import InputError

Auto = Literal["auto"]
SPLITS = ("matched", "blocked", "segments", "random")
# Models of pairs that a Bernoulli RBM can be held against, as they are typed.
BASELINES = ("pairwise", "k-pairwise")
# Models that popcode fit knows beside the RBMs, and what can be set of each.
BASELINE_SETTINGS: dict[str, tuple[str, ...]] = {
    "independent": (),
    "ising": ("n_updates",),
    "k-pairwise": ("n_updates",),
    "glm": (),
    "nmf": ("n_hidden",),
    "pca": ("n_hidden",),
    "vae": ("n_hidden", "n_updates"),
    "kmeans": ("n_hidden",),
}
# The estimators' names of what the command line calls otherwise.
_OF_EVERY_RBM = {
    "n_hidden": "--hidden",
    "n_updates": "--updates",
    "n_chains": "--chains",
    "n_sweeps": "--sweeps",
    "batch_size": "--batch",
    "learning_rate": "--learning-rate",
    "seed": "--seed",
    "device": "--device",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunOptions(ABC):
    """Options that every fit has; each kind adds those of its estimator.

    `chosen` names those that were "auto" and have been answered by the recording.
    """

    n_updates: int | Auto
    seed: int
    device: str
    holdout: float
    split: str
    binarize: bool
    reading: Reading = AS_IT_IS
    chosen: tuple[str, ...] = ()

    model: ClassVar[str]
    option_of: ClassVar[dict[str, str]]

    def record(self) -> dict[str, Any]:
        """Plain values for ``run.json``."""
        fields = dataclasses.asdict(self) | {"chosen": list(self.chosen)}
        return {"model": self.model, **fields, **fields.pop("reading")}

    def of_model(self) -> dict[str, Any]:
        """Arguments of the estimator."""
        return {name: getattr(self, name) for name in self.option_of}

    @property
    def rivals(self) -> tuple[str, ...]:
        """Names of the baselines that the model is held against; none by default."""
        return ()

    @abstractmethod
    def check_model(self) -> None:
        """Refuse impossible settings of the estimator."""

    def check(self) -> None:
        """Refuse impossible options, naming them as they are typed.

        Raises
        ------
        InputError
        """
        try:
            self.check_model()
        except InputError as error:
            name, _, rest = error.what.partition(" ")
            what = f"{self.option_of.get(name, name)} {rest}"
            where = f"--device {self.device}" if error.where else ""
            remedy = error.remedy.replace("device='cpu'", "--device cpu")
            raise InputError(what, where=where, remedy=remedy) from None
        if not 0 <= self.holdout < 1:
            raise InputError(
                f"--holdout is {self.holdout:g}",
                remedy="It must be a fraction below 1; 0 holds nothing out",
            )
        if not isinstance(self.split, str) or self.split not in SPLITS:
            raise InputError(
                f"--split is {self.split!r}", remedy=f"It must be one of {', '.join(SPLITS)}"
            )
        check_bin_s(self.reading.bin_s)


@dataclasses.dataclass(frozen=True, kw_only=True)
class FitOptions(RunOptions):
    """Options of ``popcode fit crbm``."""

    n_hidden: int | Auto
    hidden: str
    l1: float | Auto
    n_chains: int
    n_sweeps: int
    batch_size: int
    learning_rate: float

    model: ClassVar[str] = "crbm"
    option_of: ClassVar[dict[str, str]] = {
        **_OF_EVERY_RBM,
        "hidden": "--potential",
        "l1": "--l1",
    }

    def check_model(self) -> None:
        """Refuse impossible settings of ``CompositionalRBM``."""
        from popcode.rbm.settings import check_settings, resolve_device

        check_settings(self.of_model())
        resolve_device(self.device)


@dataclasses.dataclass(frozen=True, kw_only=True)
class BernoulliOptions(RunOptions):
    """Options of ``popcode fit rbm``."""

    n_hidden: int
    n_chains: int | Auto
    n_sweeps: int
    batch_size: int | Auto
    learning_rate: float | Auto
    l1: float | Auto
    l2: float
    optimizer: str
    chains: str
    pretraining: bool
    early_stopping: bool
    baselines: str = "pairwise"  # runs of older versions do not say

    model: ClassVar[str] = "rbm"
    option_of: ClassVar[dict[str, str]] = {
        **_OF_EVERY_RBM,
        "l1": "--l1",
        "l2": "--l2",
        "optimizer": "--optimizer",
        "chains": "--chain-start",
        "pretraining": "--pretraining",
        "early_stopping": "--early-stopping",
    }

    @property
    def rivals(self) -> tuple[str, ...]:
        """Independent neurons, and the models of pairs asked for by --baselines.

        Raises
        ------
        InputError
            A name that is none.
        """
        names = [] if self.baselines == "none" else self.baselines.split(",")
        names = [name.strip() for name in names]
        if unknown := [name for name in names if name not in BASELINES]:
            raise InputError(
                f"--baselines names {unknown[0]!r}",
                remedy=f"Write {' or '.join(BASELINES)}, both with a comma between, or none",
            )
        chosen = (name.replace("-", "_") for name in BASELINES if name in names)
        return ("independent", *chosen)

    def check_model(self) -> None:
        """Refuse impossible settings of ``BernoulliRBM``, and baselines that are none."""
        _ = self.rivals
        from popcode.rbm.pcd.settings import check_bernoulli_settings, resolve_device

        check_bernoulli_settings(self.of_model())
        resolve_device(self.device)


@dataclasses.dataclass(frozen=True, kw_only=True)
class BaselineOptions(RunOptions):
    """Options of ``popcode fit`` for a model that RBMs are held against.

    `name` is that of the command. Settings that its kind does not have stay at "auto".
    """

    name: str
    n_hidden: int | Auto = "auto"
    n_updates: int | Auto = "auto"
    device: str = "cpu"

    model: ClassVar[str] = "baseline"
    option_of: ClassVar[dict[str, str]] = {
        "n_hidden": "--hidden",
        "n_updates": "--updates",
        "seed": "--seed",
    }

    @property
    def settings(self) -> tuple[str, ...]:
        """Names of the settings that its kind has beside the seed."""
        return BASELINE_SETTINGS[self.name]

    def record(self) -> dict[str, Any]:
        """Plain values for ``run.json``, of what its kind has alone."""
        left_out = {"name", "device", "n_hidden", "n_updates"} - set(self.settings)
        kept = {name: value for name, value in super().record().items() if name not in left_out}
        return kept | {"model": self.name}

    def check_model(self) -> None:
        """Refuse impossible numbers."""
        from popcode.estimators.arguments import check_whole

        wanted = {name: getattr(self, name) for name in self.settings}
        check_whole(**{name: value for name, value in wanted.items() if value != "auto"})
        check_whole(least=0, seed=self.seed)


_KINDS: dict[str, type[RunOptions]] = {
    **{kind.model: kind for kind in (FitOptions, BernoulliOptions)},
    **dict.fromkeys(BASELINE_SETTINGS, BaselineOptions),
}


def options_from(parameters: dict[str, Any]) -> RunOptions:
    """Read the options of a run back from ``run.json``.

    Raises
    ------
    InputError
        Damaged, or of a model that is not known.
    """
    try:
        name = parameters.get("model", "crbm")
        kind = _KINDS[name]
        kept = _fields_of(kind, {**parameters, "name": name}) | {
            "chosen": tuple(parameters.get("chosen") or ())
        }
        return kind(**kept | {"reading": Reading(**_fields_of(Reading, parameters))})
    except (TypeError, KeyError) as error:
        raise InputError(
            f"the parameters of the run are damaged ({error})",
            where="run.json",
            remedy="Fit again, into a new folder",
        ) from error


def _fields_of(kind: type, parameters: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in parameters.items() if name in names}


def check_bin_s(bin_s: float | None) -> None:
    """Refuse a bin width that is none.

    Raises
    ------
    InputError
    """
    if bin_s is not None and not 0 < bin_s < float("inf"):
        raise InputError(
            f"--bin-s is {bin_s:g}", remedy="It must be a bin width in seconds, above 0"
        )
