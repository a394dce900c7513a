"""ln Z by Bennett's ratios along a ladder whose chains exchange places while they are looked at."""

import numpy as np

from popcode.rbm.ladder import Ladder
from popcode.rbm.likelihood.bennett import LadderPartition, ladder_log_partition, ladder_works
from popcode.rbm.tempering.exchange import ReplicaExchange
from popcode.threads import Team

_BURN_IN, _ROUNDS, _INCREMENT = 200, 40, 5


def tempered_log_partition(ladder: Ladder, seed: int) -> LadderPartition:
    """Bring the chains of every rung to equilibrium together, then estimate ln Z of each.

    The chains that a fit leaves behind lag its last updates; the ratios take them for draws.

    Parameters
    ----------
    ladder : Ladder
        Left as it is.
    seed : int
    """
    with Team() as team:
        exchange = ReplicaExchange(team, ladder.rungs, ladder.chains.copy(), seed)
        exchange.run(_BURN_IN, _INCREMENT)
        works = []
        for _ in range(_ROUNDS):
            exchange.run(1, _INCREMENT)
            works.append(ladder_works(team, ladder.rungs, exchange.chains))
    return ladder_log_partition(np.stack(works), ladder.log_partition)
