"""What a Kilosort or Phy folder is made of."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from popcode.errors import InputError

SPIKE_TIMES = "spike_times.npy"
CLUSTERS = ("spike_clusters.npy", "spike_templates.npy")  # the first is the curated one
PARAMETERS = "params.py"
CHANNEL_POSITIONS = "channel_positions.npy"
SPIKE_TEMPLATES = "spike_templates.npy"
TEMPLATES = "templates.npy"
TEMPLATE_CHANNELS = ("templates_ind.npy", "template_ind.npy")
SAMPLE_RATE = re.compile(r"^[ \t]*sample_rate\b([^#\n]*)", re.MULTILINE)


def holds(path: Path) -> bool:
    """Whether it is a folder with spike times and clusters."""
    return (path / SPIKE_TIMES).is_file() and any((path / name).is_file() for name in CLUSTERS)


def files(path: Path) -> Sequence[Path]:
    """All that a recording is made of."""
    names = (
        SPIKE_TIMES,
        *CLUSTERS,
        PARAMETERS,
        CHANNEL_POSITIONS,
        TEMPLATES,
        *TEMPLATE_CHANNELS,
    )
    return [path / name for name in names if (path / name).is_file()] + label_files(path)


def label_files(path: Path) -> list[Path]:
    """Tables of clusters, the summary first: a later one has the last word."""
    found = [file for ending in ("tsv", "csv") for file in path.glob(f"cluster_*.{ending}")]
    found = [file for file in found if file.is_file()]
    return sorted(found, key=lambda file: (file.stem != "cluster_info", file.name))


def clusters_file(path: Path) -> Path:
    """The curated clusters, or else the templates."""
    return next(path / name for name in CLUSTERS if (path / name).is_file())


def mapped_array(path: Path) -> np.ndarray:
    """Memory map of a .npy of numbers; no pickle is read.

    Raises
    ------
    InputError
        No .npy, cut short, or no numbers.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(
            f"{path.name} cannot be read ({' '.join(str(error).split())[:120]})",
            remedy="It is damaged or cut short: copy the folder again.",
        ) from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "uif":
        raise InputError(
            f"{path.name} holds no array of numbers", remedy="Copy or export the folder again."
        )
    return array


def one_a_spike(path: Path) -> np.ndarray:
    """Memory map of whole numbers, one a spike; (n_spikes, 1) is taken as (n_spikes,)."""
    array = mapped_array(path)
    if array.size != max(array.shape, default=0):
        raise InputError(
            f"{path.name} has shape {array.shape}; expected one number a spike",
            remedy="Give the folder as the sorter wrote it.",
        )
    return array.reshape(-1)


def sampling_rate_of(path: Path) -> float | None:
    """Samples a second as params.py states it last, read as text; None where it is no number."""
    file = path / PARAMETERS
    if not file.is_file():
        return None
    stated = SAMPLE_RATE.findall(file.read_text(encoding="utf-8", errors="replace"))
    operator, _, value = stated[-1].partition("=") if stated else ("", "", "0")
    try:
        rate_hz = 0.0 if operator.strip() else float(value)
    except ValueError:
        return None
    return rate_hz if 0 < rate_hz < np.inf else None
