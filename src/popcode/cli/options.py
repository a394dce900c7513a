"""What a fit was asked to do, in the form that ``run.json`` keeps."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, Self

from popcode.cli.reading import AS_IT_IS, Reading
from popcode.errors import InputError

Auto = Literal["auto"]
SPLITS = ("matched", "blocked", "segments", "random")
# The estimator's names of what the command line calls otherwise.
_OPTION_OF = {
    "n_hidden": "--hidden",
    "hidden": "--potential",
    "n_updates": "--updates",
    "n_chains": "--chains",
    "n_sweeps": "--sweeps",
    "batch_size": "--batch",
    "learning_rate": "--learning-rate",
    "l1": "--l1",
    "seed": "--seed",
    "device": "--device",
}


@dataclasses.dataclass(frozen=True)
class FitOptions:
    """Options of ``popcode fit crbm``; the first ten are those of ``CompositionalRBM``.

    `chosen` names those that were "auto" and have been answered by the recording.
    """

    n_hidden: int | Auto
    hidden: str
    l1: float | Auto
    n_updates: int
    n_chains: int
    n_sweeps: int
    batch_size: int
    learning_rate: float
    seed: int
    device: str
    holdout: float
    split: str
    binarize: bool
    reading: Reading = AS_IT_IS
    chosen: tuple[str, ...] = ()

    @classmethod
    def from_record(cls, parameters: dict[str, Any]) -> Self:
        """Read them back from ``run.json``."""
        kept = _fields_of(cls, parameters) | {"chosen": tuple(parameters.get("chosen") or ())}
        try:
            return cls(**kept | {"reading": Reading(**_fields_of(Reading, parameters))})
        except TypeError as error:
            raise InputError(
                f"the parameters of the run are damaged ({error})",
                where="run.json",
                remedy="Fit again, into a new folder",
            ) from error

    def record(self) -> dict[str, Any]:
        """Plain values for ``run.json``."""
        fields = dataclasses.asdict(self) | {"chosen": list(self.chosen)}
        return {"model": "crbm", **fields, **fields.pop("reading")}

    def of_model(self) -> dict[str, Any]:
        """Arguments of ``CompositionalRBM``."""
        return {name: getattr(self, name) for name in _OPTION_OF}

    def check(self) -> None:
        """Refuse impossible options, naming them as they are typed.

        Raises
        ------
        InputError
        """
        from popcode.rbm.settings import check_settings, resolve_device

        try:
            check_settings(self.of_model())
            resolve_device(self.device)
        except InputError as error:
            name, _, rest = error.what.partition(" ")
            what = f"{_OPTION_OF.get(name, name)} {rest}"
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
