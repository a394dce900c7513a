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
# Of animals, neurons, bins: typing errors are refused before they fill a disk.
_MOST, _MOST_ANIMALS = 10_000_000, 1000


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


@app.command
def family(
    *,
    out: Path,
    animals: int = 4,
    neurons: int = 2000,
    bins: int = 4000,
    drive: float = 0.0,
    seed: int = 0,
    force: Annotated[bool, Flag] = False,
) -> None:
    """Simulate animals that share a circuit of regions, and nothing else.

    Example: popcode simulate family --out family

    Twenty regions take part in 24 assemblies, with what shares of their neurons and how strongly
    being the same in all animals. The recordings hold their own truth (`true_weights`,
    `true_states`); circuit.npz holds the circuit, in the form that popcode connectivity takes as
    --structure.

    Parameters
    ----------
    out : Path
        Folder to make: animal1.npz, animal2.npz, ..., circuit.npz.
    animals : int
        Number of animals.
    neurons : int
        Fewest neurons of an animal; the most are 30 % more.
    bins : int
        Length of every recording, 0.25 s a bin.
    drive : float
        Strength of a slow state of the whole brain that switches assemblies on together, so that
        some correlations are indirect; 0: none.
    seed : int
        The same seed gives the same family.
    force : bool
        Replace the files where they are there.
    """
    from popcode.io.reading import refuse_beyond_memory
    from popcode.simulate.family import FamilySettings, planted_circuit, simulate_animal
    from popcode.simulate.family_files import save_circuit

    _check(_MOST_ANIMALS, animals=animals)
    _check(neurons=neurons, bins=bins)
    if not 0 <= drive <= 3:
        raise InputError(f"--drive is {drive:g}", remedy="It must be from 0 to 3")
    most = round(1.3 * neurons)
    refuse_beyond_memory(most * bins)
    settings = FamilySettings(
        n_animals=animals, n_bins=bins, fewest_neurons=neurons, most_neurons=most, drive=drive
    )
    circuit = planted_circuit(settings, seed)
    files = [out / f"animal{k + 1}.npz" for k in range(animals)]
    _make_folder(out, [*files, out / "circuit.npz"], force)
    for k, file in enumerate(files):
        save_recording(simulate_animal(circuit, k, settings, seed), file)
    save_circuit(circuit, out / "circuit.npz")
    show(str(out / "circuit.npz"))


def _make_folder(folder: Path, files: list[Path], force: bool) -> None:
    """Make the folder of a family, and refuse before the work what cannot be written."""
    from popcode.files import write_error

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    for file in files:
        check_output(file, force)


def _check(most: int = _MOST, **numbers: int) -> None:
    for name, value in numbers.items():
        if not 1 <= value <= most:
            raise InputError(f"--{name} is {value}", remedy=f"It must be from 1 to {most:,}")


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
