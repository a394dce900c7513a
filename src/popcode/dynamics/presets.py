"""The two published parameter sets of the critical linear network."""

from __future__ import annotations

from typing import NamedTuple

from popcode.dynamics.network import LinearNetwork
from popcode.errors import InputError


class Preset(NamedTuple):
    """Settings of the published simulations of a network.

    Attributes
    ----------
    n_neurons : int
    radius : float
        Largest real part of an eigenvalue of the connectivity.
    tau_s, dt_s, bin_s, burn_in_s : float
    n_runs : int
        Independent runs of a simulated recording.
    n_bins : int
        Bins of a run.
    """

    n_neurons: int
    radius: float
    tau_s: float
    dt_s: float
    bin_s: float
    burn_in_s: float
    n_runs: int
    n_bins: int


# 60,000 steps of 2 ms, the first 4,000 thrown away, 23 a bin. Pachitariu et al., bioRxiv
# 2025.01.10.632397 (2025), and Nature 655, 990-996 (2026).
PREPRINT = Preset(10_000, 0.999, 0.050, 0.002, 0.046, 8.0, 200, 2434)
NATURE = Preset(10_000, 0.998, 0.020, 0.002, 0.046, 8.0, 80, 2434)
PRESETS = {"preprint": PREPRINT, "nature": NATURE}


def published_network(
    preset: str = "preprint",
    *,
    n_neurons: int | None = None,
    asymmetry: float = 0.0,
    seed: int = 0,
) -> LinearNetwork:
    """Network with the published settings.

    Parameters
    ----------
    preset : {"preprint", "nature"}
    n_neurons : int, optional
        As published by default; smaller networks have larger exponents over the same ranks.
    asymmetry : float
    seed : int

    Raises
    ------
    InputError
        Another preset.

    Examples
    --------
    >>> published_network("nature", seed=3).tau_s
    0.02
    """
    if preset not in PRESETS:
        raise InputError(f"preset is {preset!r}", remedy=f"Give one of {', '.join(PRESETS)}")
    settings = PRESETS[preset]
    return LinearNetwork(
        n_neurons=settings.n_neurons if n_neurons is None else n_neurons,
        asymmetry=asymmetry,
        radius=settings.radius,
        tau_s=settings.tau_s,
        dt_s=settings.dt_s,
        seed=seed,
    )
