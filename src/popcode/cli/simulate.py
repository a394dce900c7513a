"""``popcode simulate``: recordings whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import cyclopts
from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.outputs import check_output, save_recording
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.recording import Recording
    from popcode.simulate import Network

app = cyclopts.App(
    name="simulate",
    help="Simulate a recording whose truth is known.\n\n"
    "Example: popcode simulate areas --out session.npz",
)
Flag = Parameter(negative="")


@app.command
def areas(
    *,
    out: Path,
    neurons: int = 1500,
    areas: int = 6,
    bins: int = 200_000,
    bin_s: float = 0.02,
    segments: int = 8,
    areas_per_probe: int = 2,
    seed: int = 0,
    force: Annotated[bool, Flag] = False,
) -> None:
    """Simulate a Neuropixels session with couplings stronger within than between areas.

    Example: popcode simulate areas --out session.npz

    A pairwise network of binary neurons; the areas have an order, the first with the strongest
    couplings. The truth is written beside the recording, as NAME.truth.npz.

    Parameters
    ----------
    out : Path
        File to make: .npz, or .h5 where it is large.
    neurons, areas, bins : int
        Size of the session.
    bin_s : float
        Seconds a bin.
    segments : int
        Stretches that share no time.
    areas_per_probe : int
        Areas that a probe passes through; with 1, areas and probes cannot be told apart.
    seed : int
        The same seed gives the same session.
    force : bool
        Replace the files where they are there.
    """
    from popcode.io.reading import refuse_beyond_memory
    from popcode.simulate import save_truth, simulate_areas

    check_output(out, force)
    truth_file = out.with_suffix(".truth.npz")
    check_output(truth_file, force)
    _check(neurons=neurons, areas=areas, bins=bins, segments=segments)
    refuse_beyond_memory(neurons * bins)
    tell(f"simulating {neurons:,} neurons in {areas} areas for {bins:,} bins")
    recording, truth = simulate_areas(
        neurons, areas, bins, bin_s, seed, n_segments=segments, areas_per_probe=areas_per_probe
    )
    tell(_described(recording, truth))
    save_truth(truth, truth_file)
    save_recording(recording, out)
    show(str(truth_file))


@app.command
def assemblies(
    *,
    out: Path,
    neurons: int = 5000,
    assemblies: int = 50,
    bins: int = 5000,
    seed: int = 0,
    force: Annotated[bool, Flag] = False,
) -> None:
    """Simulate a brain of overlapping assemblies in space.

    Example: popcode simulate assemblies --out brain.npz

    The recording holds its truth: `true_weights` of the neurons, `true_states` of the bins.

    Parameters
    ----------
    out : Path
        File to make: .npz, or .h5 where it is large.
    neurons, assemblies, bins : int
        Size of the brain and of the recording.
    seed : int
        The same seed gives the same brain.
    force : bool
        Replace the file where it is there.
    """
    from popcode.io.reading import refuse_beyond_memory
    from popcode.simulate import AssemblySettings, simulate_assemblies

    check_output(out, force)
    _check(neurons=neurons, assemblies=assemblies, bins=bins)
    refuse_beyond_memory(neurons * bins)
    tell(f"simulating {neurons:,} neurons in {assemblies} overlapping assemblies")
    settings = AssemblySettings(
        n_neurons=neurons,
        n_bins=bins,
        n_assemblies=assemblies,
        assembly_share=min(0.5, 1.5 / assemblies),
    )
    save_recording(simulate_assemblies(settings, seed=seed), out)


def _check(**numbers: int) -> None:
    for name, value in numbers.items():
        if value < 1:
            raise InputError(f"--{name} is {value}", remedy="It must be at least 1")


def _described(recording: Recording, truth: Network) -> str:
    """Rates of the neurons, and how far the coupled pairs stand out of the noise."""
    import numpy as np

    from popcode.simulate import signal_to_noise

    low, middle, high = np.quantile(recording.activity.mean(axis=0), (0.05, 0.5, 0.95))
    within, between = signal_to_noise(truth, recording.n_bins)
    return (
        f"rates {low:.3f} to {high:.3f} spikes a bin (median {middle:.3f}); covariances of coupled "
        f"pairs: {within:.1f} standard errors on average within areas, {between:.1f} between"
    )
