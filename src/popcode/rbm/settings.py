"""The settings of a fit: what the user asked for, and what the recording answers to "auto"."""

import shutil
from numbers import Integral, Real
from pathlib import Path
from typing import Literal, NamedTuple

from popcode.errors import InputError
from popcode.rbm.state import POTENTIALS

Auto = Literal["auto"]


class Settings(NamedTuple):
    """Settings of a fit, every "auto" resolved."""

    n_hidden: int
    hidden: str
    l1: float
    n_updates: int
    n_chains: int
    n_sweeps: int
    batch_size: int
    learning_rate: float
    seed: int
    device: str


_AT_LEAST_ONE = ("n_updates", "n_chains", "n_sweeps", "batch_size")


def check_settings(values: dict) -> None:
    """Refuse impossible settings by name.

    Raises
    ------
    InputError
        Naming the option, its value and what it may be.
    """
    for name in _AT_LEAST_ONE:
        if not is_whole(values[name]) or values[name] < 1:
            raise refused(name, values[name], "a whole number of at least 1")
    n_hidden = values["n_hidden"]
    if n_hidden != "auto" and (not is_whole(n_hidden) or n_hidden < 1):
        raise refused("n_hidden", n_hidden, "'auto' or a whole number of at least 1")
    if values["l1"] != "auto" and not is_real(values["l1"], 0, 10):
        raise refused("l1", values["l1"], "'auto' or a number from 0 to 10")
    if not is_real(values["learning_rate"], 1e-9, 1):
        raise refused("learning_rate", values["learning_rate"], "a number above 0 and up to 1")
    if not isinstance(values["hidden"], str) or values["hidden"] not in POTENTIALS:
        raise refused("hidden", values["hidden"], f"one of {', '.join(POTENTIALS)}")
    if not is_whole(values["seed"]) or not 0 <= values["seed"] < 2**63:
        raise refused("seed", values["seed"], "a whole number from 0 to 2**63 - 1")


def automatic_n_hidden(n_neurons: int, n_bins: int) -> int:
    """Hidden units for a recording of `n_neurons` that ever fire: 15 n^(1/4), to the nearest ten.

    50 for 160 neurons, 80 for 1,000, 200 (the article's) for 40,000 and the most; and never more
    than a unit for every 20 training bins.
    """
    wanted = round(15 * n_neurons**0.25 / 10) * 10
    return max(1, min(wanted, 200, n_bins // 20))


def resolve_device(device: str) -> str:
    """Give "cpu" or "cuda:k" for "auto", "cpu", "cuda" or "cuda:k".

    Raises
    ------
    InputError
        An unknown name, or a GPU that is not there.
    """
    if not isinstance(device, str):
        raise refused("device", device, "auto, cpu, cuda or cuda:0, cuda:1, ...")
    if device == "cpu" or (device == "auto" and not _has_nvidia_driver()):
        return "cpu"
    if device != "auto" and not device.startswith("cuda"):
        raise refused("device", device, "auto, cpu, cuda or cuda:0, cuda:1, ...")
    import torch  # noqa: PLC0415  (two seconds that a machine without a GPU need not spend)

    n_devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda:0" if n_devices else "cpu"
    suffix = device.removeprefix("cuda").removeprefix(":") or "0"
    if not suffix.isdigit():
        raise refused("device", device, "auto, cpu, cuda or cuda:0, cuda:1, ...")
    if int(suffix) >= n_devices:
        raise InputError(
            f"there is no GPU {int(suffix)} ({n_devices} found)",
            where=f"device={device!r}",
            remedy="Use device='cpu', or install a CUDA build of PyTorch",
        )
    return f"cuda:{int(suffix)}"


def _has_nvidia_driver() -> bool:
    return Path("/dev/nvidiactl").exists() or shutil.which("nvidia-smi") is not None


def is_whole(value: object) -> bool:
    """Whether a value is a whole number (True is none)."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: object, low: float, high: float) -> bool:
    """Whether a value is a number within bounds."""
    return isinstance(value, Real) and not isinstance(value, bool) and low <= float(value) <= high


def refused(name: str, value: object, expected: str) -> InputError:
    """The error of a setting that cannot be."""
    return InputError(f"{name} is {value!r}", remedy=f"It must be {expected}")
