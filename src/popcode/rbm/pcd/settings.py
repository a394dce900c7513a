"""The settings of a Bernoulli RBM's fit, every "auto" resolved."""

from typing import NamedTuple

from popcode.errors import InputError
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.settings import is_real, is_whole, refused

OPTIMIZERS = ("adam", "sgd")
CHAINS = ("persistent", "data", "random")
_AT_LEAST_ONE = ("n_hidden", "n_sweeps")
_OF_EFFORT = ("n_updates", "n_chains", "batch_size")


class BernoulliSettings(NamedTuple):
    """Settings of a fit, as `BernoulliRBM` takes them; l1 stands at 0 until it is chosen."""

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
    for name in _OF_EFFORT:
        value = values[name]
        if value != "auto" and (not is_whole(value) or value < 1):
            raise refused(name, value, "'auto' or a whole number of at least 1")
    rate = values["learning_rate"]
    if rate != "auto" and not is_real(rate, 1e-9, 10):
        raise refused("learning_rate", rate, "'auto' or a number above 0 and up to 10")
    if values["l1"] != "auto" and not is_real(values["l1"], 0, 10):
        raise refused("l1", values["l1"], "'auto' or a number from 0 to 10")
    if not is_real(values["l2"], 0, 10):
        raise refused("l2", values["l2"], "a number from 0 to 10")
    for name, known in (("optimizer", OPTIMIZERS), ("chains", CHAINS)):
        if not isinstance(values[name], str) or values[name] not in known:
            raise refused(name, values[name], f"one of {', '.join(known)}")
    for name in ("pretraining", "early_stopping"):
        if not isinstance(values[name], bool):
            raise refused(name, values[name], "True or False")
    if not is_whole(values["seed"]) or not 0 <= values["seed"] < 2**63:
        raise refused("seed", values["seed"], "a whole number from 0 to 2**63 - 1")


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
