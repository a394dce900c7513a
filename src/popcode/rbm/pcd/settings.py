"""The settings of a Bernoulli RBM's fit, every "auto" resolved."""

from typing import NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.settings import is_real, is_whole, refused

OPTIMIZERS = ("adam", "sgd")
CHAINS = ("persistent", "data", "random")
_STEP, _LARGEST_RATE = 0.12, 0.02
_AT_LEAST_ONE = ("n_hidden", "n_updates", "n_chains", "n_sweeps", "batch_size")


class BernoulliSettings(NamedTuple):
    """Settings of a fit, as `BernoulliRBM` takes them."""

    n_hidden: int
    n_updates: int
    n_chains: int
    n_sweeps: int
    batch_size: int
    learning_rate: float
    l1: float
    l2: float
    optimizer: str
    chains: str
    pretraining: bool
    early_stopping: bool
    seed: int
    device: str

    def schedule(self) -> Schedule:
        """The course of the fit that they stand for."""
        return Schedule(
            n_updates=self.n_updates,
            n_sweeps=self.n_sweeps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            l1=self.l1,
            l2=self.l2,
            optimizer=self.optimizer,
            chains=self.chains,
        )


def check_bernoulli_settings(values: dict) -> None:
    """Refuse impossible settings by name.

    Raises
    ------
    InputError
        Naming the option, its value and what it may be.
    """
    for name in _AT_LEAST_ONE:
        if not is_whole(values[name]) or values[name] < 1:
            raise refused(name, values[name], "a whole number of at least 1")
    rate = values["learning_rate"]
    if rate != "auto" and not is_real(rate, 1e-9, 10):
        raise refused("learning_rate", rate, "'auto' or a number above 0 and up to 10")
    for name in ("l1", "l2"):
        if not is_real(values[name], 0, 10):
            raise refused(name, values[name], "a number from 0 to 10")
    for name, known in (("optimizer", OPTIMIZERS), ("chains", CHAINS)):
        if not isinstance(values[name], str) or values[name] not in known:
            raise refused(name, values[name], f"one of {', '.join(known)}")
    for name in ("pretraining", "early_stopping"):
        if not isinstance(values[name], bool):
            raise refused(name, values[name], "True or False")
    if not is_whole(values["seed"]) or not 0 <= values["seed"] < 2**63:
        raise refused("seed", values["seed"], "a whole number from 0 to 2**63 - 1")


def automatic_learning_rate(n_active: float, n_hidden: int) -> float:
    """A rate whose steps move free energies alike in models of every size.

    A step of Adam changes every weight by about the rate; the free energy of a bin with `n_active`
    neurons sums n_active x n_hidden of such changes, of either sign. Too high a rate turns the
    chains' noise into couplings: 1,500 neurons and 200 units at .005 ended 1 nat a bin below
    independent neurons.
    """
    return float(np.clip(_STEP / np.sqrt(max(n_active, 1e-6) * n_hidden), 1e-4, _LARGEST_RATE))


def resolve_device(device: str) -> str:
    """Give "cpu", where these fits run.

    Raises
    ------
    InputError
        Another device than "auto" and "cpu".
    """
    if device not in ("auto", "cpu"):
        raise InputError(
            f"a Bernoulli RBM is fitted on the processor, and device is {device!r}",
            remedy="Use device='cpu' (or 'auto')",
        )
    return "cpu"
