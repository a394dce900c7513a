"""What a spectrum run was asked to do, in the form that ``run.json`` keeps."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from popcode.cli.reading import Reading
from popcode.errors import InputError

MODEL = "spectrum"


@dataclasses.dataclass(frozen=True)
class SpectrumOptions:
    """Input, ranks of the power laws, size of the network."""

    input_path: str
    ranks: tuple[int, int]
    network_neurons: int | None
    reading: Reading
    seed: int

    def record(self) -> dict[str, Any]:
        """Plain values for ``run.json``."""
        return {
            "model": MODEL,
            "input_path": self.input_path,
            "ranks": list(self.ranks),
            "network_neurons": self.network_neurons,
            "seed": self.seed,
            **self.reading.arguments(),
        }


def options_of(
    input_path: str, ranks: str, network_neurons: int | None, reading: Reading, seed: int
) -> SpectrumOptions:
    """Options as they were typed.

    Raises
    ------
    InputError
        Impossible ones.
    """
    found = re.fullmatch(r"\s*(\d+)\s*[-,:]\s*(\d+)\s*", ranks)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= first <= last - 4:
        raise InputError(
            f"--ranks is {ranks!r}", remedy="Write the first and the last of five ranks or more, "
            "such as 11-500"
        )  # fmt: skip
    if network_neurons is not None and network_neurons < 20:
        raise InputError(f"--network-neurons is {network_neurons}", remedy="It must be at least 20")
    if not 0 <= seed < 2**31:
        raise InputError(f"--seed is {seed}", remedy="It must be from 0 to 2**31 - 1")
    return SpectrumOptions(input_path, (first, last), network_neurons, reading, seed)


def options_from_record(parameters: dict[str, Any]) -> SpectrumOptions:
    """Read the options of a run back.

    Raises
    ------
    InputError
        Damaged.
    """
    try:
        reading = Reading(**{field.name: parameters[field.name]
                             for field in dataclasses.fields(Reading)})  # fmt: skip
        first, last = parameters["ranks"]
        return SpectrumOptions(
            parameters["input_path"],
            (first, last),
            parameters["network_neurons"],
            reading,
            parameters["seed"],
        )
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(
            f"the parameters of the run are damaged ({error})",
            where="run.json",
            remedy="Run popcode spectrum again, into a new folder",
        ) from error
