"""How many updates, how large, from which chains."""

from typing import NamedTuple

# Neighbouring iterates are nearly the same: every tenth costs a tenth.
_AVERAGE_EVERY = 10


class Schedule(NamedTuple):
    """The course of a fit.

    The learning rate rises over the first updates, is constant until `constant_share` of them,
    falls geometrically to `final_share` of itself until `1 - averaged_share`, and stays there for
    the rest, whose iterates are averaged. The penalties begin after `free_share` of the updates:
    small random weights under a penalty would stay at 0 for good.

    Attributes
    ----------
    n_updates, n_sweeps, batch_size : int
    learning_rate, l1, l2 : float
    optimizer : {"adam", "sgd"}
    momentum : float
        Decay of the running mean of the gradient.
    chains : {"persistent", "data", "random"}
        Where the chains of an update start: where they were, at the bins of the batch, or at
        independent neurons.
    """

    n_updates: int
    n_sweeps: int
    batch_size: int
    learning_rate: float
    l1: float = 0.0
    l2: float = 0.0
    optimizer: str = "adam"
    momentum: float = 0.9
    chains: str = "persistent"
    warm_updates: int = 100
    constant_share: float = 0.4
    final_share: float = 0.01
    averaged_share: float = 0.1
    free_share: float = 0.1

    def rate_at(self, update: int) -> float:
        """Learning rate of an update."""
        falling = 1 - self.averaged_share - self.constant_share
        done = min((update / self.n_updates - self.constant_share) / falling, 1.0)
        warm = min((update + 1) / self.warm_updates, 1.0)
        return warm * self.learning_rate * self.final_share ** max(done, 0.0)

    def penalties_at(self, update: int) -> tuple[float, float]:
        """l1 and l2 of an update."""
        free = update < self.free_share * self.n_updates
        return (0.0, 0.0) if free else (self.l1, self.l2)

    def is_averaged(self, update: int) -> bool:
        """Whether the iterate after so many updates is taken into the mean; the last one is."""
        chosen = update % _AVERAGE_EVERY == 0 or update == self.n_updates
        return chosen and not self.is_before_average(update)

    def is_before_average(self, update: int) -> bool:
        """Whether so many updates do not yet reach what is averaged."""
        return update <= (1 - self.averaged_share) * self.n_updates
