"""Samples by parallel tempering along a ladder of models, such as those of one training run."""

from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.ladder import Ladder
from popcode.rbm.tempering.exchange import DrawBase, ReplicaExchange
from popcode.rbm.tempering.report import TemperingReport
from popcode.threads import Team

_START_STREAM = 24


def tempered_samples(
    team: Team,
    ladder: Ladder,
    n: int,
    *,
    seed: int,
    n_chains: int | None = None,
    burn_in: int = 100,
    thin: int = 1,
    increment: int = 1,
    draw_base: DrawBase | None = None,
) -> tuple[NDArray[np.uint8], TemperingReport]:
    """Draw states of the last rung by parallel tempering (along a trajectory: PTT).

    Every round is a sweep of swaps between neighbouring rungs and `increment` Gibbs sweeps on
    each. States come down from models that mix fast, so that wells that Gibbs sweeps never leave
    are visited with their probabilities, provided that the report shows round trips.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    ladder : Ladder
        Its chains are where the replicas start.
    n : int
        Samples; drawn from all chains in turn.
    seed : int
    n_chains : int, optional
        Replicas a rung; by default as many as the ladder has, at most `n`.
    burn_in, thin : int
        Rounds before the first sample, and between two samples of one chain.
    increment : int
        Gibbs sweeps a round.
    draw_base : callable, optional
        Exact sampler of the lowest rung, (n, generator) -> states (n, n_neurons), for a lowest
        rung that Gibbs sweeps do not mix (one with zero weights they draw independently).

    Returns
    -------
    states : ndarray of uint8, (n, n_neurons)
    report : TemperingReport

    Raises
    ------
    InputError
        A ladder of one rung, without chains, or of other shapes than its rungs; numbers that are
        not whole or too small.

    Notes
    -----
    Béreux, Decelle, Furtlehner, Rosset and Seoane, ICLR 2025 (arXiv:2405.15376).
    """
    check_ladder(ladder)
    _check_whole(n=n, thin=thin, increment=increment)
    _check_whole(least=0, burn_in=burn_in, seed=seed)
    n_chains = min(n, ladder.chains.shape[1]) if n_chains is None else n_chains
    _check_whole(n_chains=n_chains)
    chains = starting_chains(ladder, n_chains, seed)
    exchange = ReplicaExchange(team, ladder.rungs, chains, seed, draw_base)
    states = np.empty((n, chains.shape[2]), np.uint8)
    exchange.run(burn_in, increment)
    for done in range(0, n, n_chains):
        exchange.run(thin, increment)
        taken = min(n_chains, n - done)
        states[done : done + taken] = chains[-1, :taken]
    return states, exchange.report()


def starting_chains(ladder: Ladder, n_chains: int, seed: int) -> NDArray[np.uint8]:
    """Copies of a ladder's chains, (n_rungs, n_chains, n_neurons).

    Chosen at random on every rung by itself, so that no column starts with one history.
    """
    rng = np.random.default_rng((seed, _START_STREAM))
    held = ladder.chains.shape[1]
    chosen = [rng.choice(held, n_chains, replace=n_chains > held) for _ in ladder.rungs]
    return np.stack([chains[rows] for chains, rows in zip(ladder.chains, chosen, strict=True)])


def check_ladder(ladder: Ladder) -> None:
    """Refuse a ladder that nothing can climb.

    Raises
    ------
    InputError
        Fewer than two rungs, no chains, or chains of other shapes than the rungs.
    """
    n_rungs, shape = len(ladder.rungs), np.shape(ladder.chains)
    if n_rungs < 2:
        raise InputError(
            f"a ladder of {n_rungs} model{'s' * (n_rungs != 1)} has nothing to swap with",
            remedy="Fit with the ladder kept, or make one of temperatures",
        )
    sizes = {rung.n_neurons for rung in ladder.rungs}
    if len(shape) != 3 or shape[0] != n_rungs or sizes != {shape[2]} or shape[1] == 0:
        raise InputError(
            f"chains of shape {shape} on {n_rungs} rungs of {sorted(sizes)} neurons",
            remedy="Give chains of shape (n_rungs, n_chains, n_neurons), at least one a rung",
        )


def _check_whole(*, least: int = 1, **values: int) -> None:
    for name, value in values.items():
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise InputError(
                f"{name} is {value!r}", remedy=f"Give a whole number of at least {least}"
            )
