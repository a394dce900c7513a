"""ln Z from both sides: annealing to the model, and samples of the model annealed in reverse.

The log of a mean weight errs downwards on average, in either direction; in reverse it is -ln Z
that does, so the two bracket ln Z (Burda, Grosse and Salakhutdinov, AISTATS 2015). The work of
both directions over the same betas gives a third estimate, of least variance, by Bennett's
acceptance ratio (Crooks, PRE 61, 2361, 2000).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.likelihood.annealing import (
    MOST_STEPS,
    N_CHAINS,
    NEUTRAL_STREAM,
    TOLERANCE,
    Forward,
    Path,
    anneal,
    anneal_forward,
    estimate_of,
    neutral_fields,
    path_to,
    run_key,
)
from popcode.rbm.likelihood.bennett import bennett_ratio
from popcode.rbm.likelihood.estimates import LogPartition, pooled
from popcode.rbm.parameters import Parameters
from popcode.threads import Team

_REVERSE_STREAM = 35
# Of a check for wells that forward and reverse both miss.
_CHECK_STEPS_SHARE, _LEAST_CHECK_STEPS = 8, 2048


class Bracket(NamedTuple):
    """Three estimates of ln Z: forward from below, in reverse from above, and both combined.

    The combined standard error is at least half of what the first two differ by. A well that the
    states miss as well as the forward chains leaves both too low alike; so a shorter run from
    elsewhere is pooled into the combined estimate.
    """

    forward: LogPartition
    reverse: LogPartition
    combined: LogPartition

    @property
    def agree(self) -> bool:
        """Whether forward and reverse are within three standard errors of their difference.

        Where they are not, the states were no draws of the model, or the steps too few.
        """
        errors = self.forward.standard_error, self.reverse.standard_error
        return abs(self.reverse.value - self.forward.value) <= 3 * float(np.hypot(*errors))


def bracketed_log_partition(
    parameters: Parameters,
    base_fields: NDArray,
    states: NDArray[np.uint8],
    seed: int,
    *,
    n_chains: int = N_CHAINS,
    tolerance: float = TOLERANCE,
    most_steps: int = MOST_STEPS,
) -> Bracket:
    """Estimate ln Z by annealing forward and in reverse over the same betas.

    Parameters
    ----------
    parameters : Parameters
        With binary hidden units.
    base_fields : ndarray, (n_neurons,)
        Logit of the neurons' rates in the training bins.
    states : ndarray of uint8, (n_states, n_neurons)
        Independent draws of the model: one of each chain. At least two.
    seed, n_chains, tolerance, most_steps
        As for `annealed_log_partition`, of the forward run.

    Raises
    ------
    InputError
        As `annealed_log_partition`, and for fewer than two states.
    """
    path = path_to(parameters, base_fields)
    with Team() as team:
        forward = anneal_forward(team, path, seed, n_chains, tolerance, most_steps)
        reverse_weights = _anneal_in_reverse(team, path, forward.betas, states, seed)
        fewer = max((forward.betas.size - 1) // _CHECK_STEPS_SHARE, _LEAST_CHECK_STEPS)
        neutral = path_to(parameters, neutral_fields(parameters))
        check = anneal_forward(
            team, neutral, seed, n_chains, tolerance, min(fewer, most_steps), NEUTRAL_STREAM
        )
    found = _combine(path, forward, reverse_weights)
    return found._replace(combined=pooled(found.combined, check.estimate, tolerance))


def _anneal_in_reverse(
    team: Team, path: Path, betas: NDArray[np.float64], states: NDArray[np.uint8], seed: int
) -> NDArray[np.float64]:
    key = run_key(seed, _REVERSE_STREAM, betas.size - 1)
    return anneal(team, path, betas[::-1], states, key).log_weights


def _combine(path: Path, forward: Forward, reverse_weights: NDArray[np.float64]) -> Bracket:
    n_steps, below = forward.betas.size - 1, forward.estimate
    ratio = bennett_ratio(forward.log_weights, -reverse_weights)
    found = estimate_of(reverse_weights, n_steps)
    above = found._replace(value=path.log_partition - found.value)
    combined = LogPartition(
        path.log_partition + ratio.value,
        max(ratio.standard_error, abs(above.value - below.value) / 2),
        below.effective_samples + above.effective_samples,
        below.n_chains + above.n_chains,
        n_steps,
    )
    return Bracket(below, above, combined)
