"""``popcode demo``: the main job on a simulated brain, held against the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Flag = Parameter(negative="")
_N_BINS, _UPDATES, _L1 = 4000, 2000, 0.01
_NEURONS_PER_ASSEMBLY = 20
_UNITS_PER_ASSEMBLY = 1.6  # assemblies that share neurons are told apart with some to spare


def demo(
    *,
    out: Path = Path("popcode-demo"),
    neurons: int = 5000,
    assemblies: int = 50,
    seed: int = 0,
    force: Annotated[bool, Flag] = False,
) -> None:
    """Simulate a brain of overlapping assemblies, fit it, and hold the fit against the truth.

    Example: popcode demo --out popcode-demo

    Parameters
    ----------
    out : Path
        Folder for the recording (recording.npz) and the run (run).
    neurons : int
        Neurons of the simulated brain.
    assemblies : int
        Planted assemblies; the fit gets 1.6 times as many hidden units.
    seed : int
        Of the simulation and of the fit.
    force : bool
        Replace the demo that is in the folder.
    """
    from popcode.cli.fitting import fit_into
    from popcode.cli.options import FitOptions
    from popcode.files import refuse_what_is_there
    from popcode.io import save
    from popcode.rbm import load_model
    from popcode.simulate import AssemblySettings, simulate_assemblies

    options = FitOptions(
        n_hidden=round(_UNITS_PER_ASSEMBLY * assemblies), hidden="drelu", l1=_L1,
        n_updates=_UPDATES, n_chains=100, n_sweeps=15, batch_size=100, learning_rate=5e-3,
        seed=seed, device="auto", holdout=0.3, split="matched", binarize=False,
    )  # fmt: skip
    options.check()
    if assemblies < 1 or neurons < _NEURONS_PER_ASSEMBLY * assemblies:
        raise InputError(
            f"--neurons is {neurons} and --assemblies is {assemblies}",
            remedy=f"Plant one at least, with {_NEURONS_PER_ASSEMBLY} neurons for each",
        )
    if (out / "run").exists():
        refuse_what_is_there(out / "run", force)
    settings = AssemblySettings(
        n_neurons=neurons,
        n_bins=_N_BINS,
        n_assemblies=assemblies,
        assembly_share=min(0.5, 1.5 / assemblies),
    )
    tell(f"simulating {neurons:,} neurons in {assemblies} overlapping assemblies")
    brain = simulate_assemblies(settings, seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    save(brain, out / "recording.npz")
    fit_into(out / "run", str(out / "recording.npz"), options, force)
    weights = load_model(out / "run").weights_
    show(_against_truth(weights, brain.neuron_arrays["true_weights"]))
    show(str(out / "run" / "report.html"))


def _against_truth(weights: NDArray[np.float32], truth: NDArray[np.float32]) -> str:
    """Correlation of every planted assembly with the hidden unit matched to it, in words."""
    import numpy as np

    from popcode.metrics import matched_correlations

    matched = matched_correlations(weights, truth)
    found = int((matched >= 0.8).sum())
    return (
        f"planted assemblies: correlation of weights with the truth {np.mean(matched):.2f} on "
        f"average; {found} of {matched.size} above 0.8 (1 is perfect)"
    )
