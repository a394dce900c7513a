"""How many neurons are active along single Gibbs chains, sweep after sweep."""

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.estimators.arguments import check_whole
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.parameters import Parameters
from popcode.threads import Team


def activity_paths(
    team: Team,
    parameters: Parameters,
    start: NDArray[np.uint8],
    n_sweeps: int,
    burn_in: int,
    seed: int,
    groups: NDArray[np.bool_] | None = None,
) -> NDArray[np.int32]:
    """Follow the population activity of single chains, one value a sweep.

    The states themselves are not kept: a path costs n_groups numbers a sweep, whatever the
    number of neurons. The draws are those of `gibbs_sweeps` from sweep 0.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    parameters : Parameters
    start : ndarray of uint8, (n_chains, n_neurons)
        First states, left as they are. Equilibrium is the caller's to see to: start from samples
        of the model, or give a burn-in far longer than the relaxation that comes out.
    n_sweeps, burn_in : int
        Sweeps that are recorded, and before the first of them.
    seed : int
    groups : ndarray of bool, (n_neurons, n_groups), optional
        Neurons to count together, which may overlap; by default one group of all neurons.

    Returns
    -------
    ndarray of int32, (n_chains, n_sweeps, n_groups)
        Active neurons of each group after each sweep.

    Raises
    ------
    InputError
        Groups or starting states of another number of neurons, or no sweep.
    """
    members = np.ones((parameters.n_neurons, 1), bool) if groups is None else np.asarray(groups)
    start = np.asarray(start)
    _check(parameters.n_neurons, start, members, n_sweeps, burn_in, seed)
    # A float32 product of zeros and ones is exact: its sums stay below 2**24.
    members = members.astype(np.float32)
    chains = np.ascontiguousarray(start, dtype=np.uint8).copy()
    paths = np.empty((len(chains), n_sweeps, members.shape[1]), np.int32)
    if burn_in:
        gibbs_sweeps(team, *parameters, chains, burn_in, 0, seed)
    for sweep in range(n_sweeps):
        gibbs_sweeps(team, *parameters, chains, 1, burn_in + sweep, seed)
        paths[:, sweep] = chains.astype(np.float32) @ members
    return paths


def _check(
    n_neurons: int, start: NDArray, members: NDArray, n_sweeps: int, burn_in: int, seed: int
) -> None:
    for name, array, axis in (("starting states", start, 1), ("groups", members, 0)):
        if array.ndim != 2:
            raise InputError(
                f"{name} have {array.ndim} dimensions", remedy="Give a matrix, as the help says"
            )
        if array.shape[axis] != n_neurons:
            raise InputError(f"{name} are of {array.shape[axis]} neurons, the model of {n_neurons}")
    if not np.isin(start, (0, 1)).all():
        raise InputError("starting states are not zeros and ones")
    check_whole(n_sweeps=n_sweeps)
    check_whole(least=0, burn_in=burn_in, seed=seed)
