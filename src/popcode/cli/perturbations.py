"""Which units ``popcode perturb`` was asked to hold or take out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from popcode.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from popcode.rbm.perturbation import Perturbation
    from popcode.recording import Recording

_KINDS = ("hidden", "neuron", "region")
_MOST_DIGITS = 12


def perturbation_of(
    model: Any,
    source: Recording | None,
    clamp_hidden: tuple[str, ...],
    clamp_region: tuple[str, ...],
    clamp_neuron: tuple[str, ...],
    ablate: tuple[str, ...],
) -> Perturbation:
    """Read the options of ``popcode perturb``.

    Raises
    ------
    InputError
        Nothing to do, text that cannot be read, regions that are not there, a unit named twice.
    """
    import numpy as np

    from popcode.rbm.perturbation import Perturbation

    if not (clamp_hidden or clamp_region or clamp_neuron or ablate):
        raise InputError(
            "nothing is held and nothing taken out",
            remedy="Give --clamp-hidden 3=on, --clamp-region NAME=1, --clamp-neuron 12=1 or "
            "--ablate hidden:3",
        )
    neurons: list[tuple[int, int]] = []
    for text in clamp_region:
        name, value = _halves("--clamp-region", text)
        neurons += [(k, _bit("--clamp-region", value)) for k in _neurons_of(source, name)]
    for text in clamp_neuron:
        name, value = _halves("--clamp-neuron", text)
        neurons.append((_number("--clamp-neuron", name), _bit("--clamp-neuron", value)))
    hidden = [_held_unit(model, text) for text in clamp_hidden]
    without: list[int] = []
    for text in ablate:
        kind, _, name = text.partition(":")
        if kind not in _KINDS or not name:
            raise InputError(
                f"--ablate is {text!r}", remedy="Write hidden:3, neuron:12 or region:NAME"
            )
        if kind == "hidden":
            without.append(_number("--ablate", name))
        else:
            rows = _neurons_of(source, name) if kind == "region" else [_number("--ablate", name)]
            neurons += [(k, 0) for k in rows]
    return Perturbation(
        np.array([k for k, _ in neurons], np.int64),
        np.array([state for _, state in neurons], np.uint8),
        np.array([k for k, _ in hidden], np.int64),
        np.array([value for _, value in hidden], np.float64),
        np.array(without, np.int64),
    )


def _held_unit(model: Any, text: str) -> tuple[int, float]:
    name, where = _halves("--clamp-hidden", text)
    unit = _number("--clamp-hidden", name)
    n_hidden = model.weights_.shape[1]
    if unit >= n_hidden:
        raise InputError(
            f"hidden unit {unit} is not there", remedy=f"They count from 0 to {n_hidden - 1}"
        )
    if where in ("on", "off"):
        off, on = _levels(model, unit)
        return unit, on if where == "on" else off
    try:
        return unit, float(where)
    except ValueError as error:
        raise InputError(
            f"--clamp-hidden is {text!r}", remedy="Write 3=on, 3=off or a number as 3=1.5"
        ) from error


def _levels(model: Any, unit: int) -> tuple[float, float]:
    """Values of a unit when it is off and on; on is where its weights, summed, excite."""
    from popcode.metrics.wells import two_wells
    from popcode.rbm.potentials import Bernoulli

    excites = model.weights_[:, unit].sum() >= 0
    if isinstance(model.parameters_.hidden, Bernoulli):
        return (0.0, 1.0) if excites else (1.0, 0.0)
    wells = two_wells(_of_chains(model)[:, unit])
    return (wells.low, wells.high) if excites else (wells.high, wells.low)


def _of_chains(model: Any) -> NDArray[np.floating]:
    """E[h | v] of the chains of the fit, (n_chains, n_hidden)."""
    return model.transform(model.chain_states())


def _neurons_of(source: Recording | None, name: str) -> list[int]:
    import numpy as np

    from popcode.analysis.neurons import neuron_facts

    if source is None:
        raise InputError(
            "the input of the run is not there, or not as it was: its regions are not known",
            remedy="Put it back, or name neurons by number",
        )
    facts = neuron_facts(source)
    if name not in facts.region_names:
        known = ", ".join(facts.region_names[:20]) or "none"
        raise InputError(f"no neuron is in a region {name!r}", remedy=f"Known are: {known}")
    return np.flatnonzero(facts.in_region[:, facts.region_names.index(name)]).tolist()


def _halves(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if not (name and equals and value):
        raise InputError(f"{option} is {text!r}", remedy="Write NAME=VALUE")
    return name, value


def _number(option: str, text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise InputError(f"{option} names {text!r}", remedy="Give a number, counted from 0")
    return int(text)


def _bit(option: str, text: str) -> int:
    if text not in ("0", "1"):
        raise InputError(f"{option} holds at {text!r}", remedy="Give 1 (active) or 0 (silent)")
    return int(text)
