"""``popcode sample``: activity that a fitted model generates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from popcode.cli.console import tell
from popcode.cli.outputs import check_output, save_recording
from popcode.errors import InputError


def sample(
    run: Annotated[Path, Parameter(name="RUN")],
    /,
    *,
    n: Annotated[int, Parameter(name="--n")],
    out: Path,
    seed: int = 0,
    chains: int = 300,
    burn_in: int = 2000,
    thin: int = 20,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Generate activity from the model of a run, as a recording of independent states.

    Example: popcode sample run --n 10000 --out samples.npz

    A state has no time: the bin width is unknown. Neurons keep their ids, regions and positions
    where the input of the run is still there.

    Parameters
    ----------
    run : Path
        Folder of a run whose training is over.
    n : int
        States to draw.
    out : Path
        File to make: .npz, or .h5 where it is large.
    seed : int
        The same seed gives the same states.
    chains : int
        Independent Markov chains; they start from the chains of the training. Models without
        chains (independent, vae, kmeans) draw every state anew.
    burn_in : int
        Gibbs sweeps before the first state.
    thin : int
        Gibbs sweeps between two states of one chain.
    force : bool
        Replace the file where it is there.
    """
    from popcode.baselines import Independent, KMeans, LinearVAE
    from popcode.cli.models import any_model_of, generated
    from popcode.io.reading import refuse_beyond_memory

    check_output(out, force)
    if not 0 <= seed < 2**63:
        raise InputError(f"--seed is {seed}", remedy="It must be from 0 to 2**63 - 1")
    if n < 1:
        raise InputError(f"--n is {n}", remedy="It must be at least 1")
    model: Any = any_model_of(run)
    _refuse_what_does_not_generate(model, run)
    refuse_beyond_memory(n * model.n_features_in_)
    settings, how = {"seed": seed}, "one by one"
    if not isinstance(model, Independent | KMeans | LinearVAE):
        settings |= {"n_chains": chains, "burn_in": burn_in, "thin": thin}
        how = f"in {min(chains, n):,} chains"
    tell(f"drawing {n:,} states of {model.n_features_in_:,} neurons {how}")
    states = model.sample(n, **settings)
    save_recording(generated(states, run, settings), out)


def _refuse_what_does_not_generate(model: Any, run: Path) -> None:
    from popcode.estimators.answers import Generator

    if not isinstance(model, Generator):
        raise InputError(
            f"holds a {type(model).__name__}, which is no law over activity and does not generate",
            where=str(run),
            remedy="Give a run of another model",
        )
