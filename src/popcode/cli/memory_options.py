"""What a memory run was asked to do, in the form that ``run.json`` keeps."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.dynamics.memory.study import Piece
    from popcode.dynamics.presets import Preset

MODEL = "memory"


@dataclasses.dataclass(frozen=True)
class MemoryOptions:
    """Tasks, networks and constants."""

    tasks: tuple[str, ...]
    neurons: int
    networks: tuple[str, ...]
    seeds: int
    seed: int
    preset: str

    def record(self) -> dict[str, Any]:
        """Plain values for ``run.json``."""
        lists = {"tasks": list(self.tasks), "networks": list(self.networks)}
        return {"model": MODEL, **dataclasses.asdict(self), **lists}

    def pieces(self) -> list[Piece]:
        """All that is to be done."""
        from popcode.dynamics.memory.study import members_of, pieces_of

        members = members_of(self.networks, self.neurons)
        return pieces_of(members, self.tasks, range(self.seed, self.seed + self.seeds))

    def constants(self) -> Preset:
        """Time constant, step and radius."""
        from popcode.dynamics.memory.study import PRESETS

        return PRESETS[self.preset]


def options_of(
    task: str, neurons: int, networks: str, seeds: int, seed: int, preset: str
) -> MemoryOptions:
    """Options as they were typed.

    Raises
    ------
    InputError
        Impossible ones.
    """
    from popcode.dynamics.memory.study import NETWORKS
    from popcode.dynamics.memory.tasks import TASKS

    kinds = [each.strip() for each in networks.split(",")]
    if unknown := [each for each in kinds if each not in NETWORKS]:
        raise InputError(
            f"--networks names {unknown[0]!r}",
            remedy=f"Write some of {','.join(NETWORKS)}, with commas between",
        )
    for option, value, least in (("--neurons", neurons, 200), ("--seeds", seeds, 1)):
        if value < least:
            raise InputError(f"{option} is {value}", remedy=f"It must be at least {least}")
    if not 0 <= seed < 2**31:
        raise InputError(f"--seed is {seed}", remedy="It must be from 0 to 2**31 - 1")
    tasks = tuple(TASKS) if task == "all" else (task,)
    chosen = tuple(kind for kind in NETWORKS if kind in kinds)
    return MemoryOptions(tasks, neurons, chosen, seeds, seed, preset)


def options_from_record(parameters: dict[str, Any]) -> MemoryOptions:
    """Read the options of a run back.

    Raises
    ------
    InputError
        Damaged.
    """
    try:
        names = [field.name for field in dataclasses.fields(MemoryOptions)]
        values = {name: parameters[name] for name in names}
        lists = {name: tuple(values[name]) for name in ("tasks", "networks")}
        return MemoryOptions(**values | lists)
    except (TypeError, KeyError) as error:
        raise InputError(
            f"the parameters of the run are damaged ({error})",
            where="run.json",
            remedy="Run popcode memory again, into a new folder",
        ) from error
