"""Running speed, where a file holds it."""

import h5py
import numpy as np

from popcode.io.nwb.tables import values_of
from popcode.io.nwb.timeseries import scale_of, times_of

NAMES = ("running_speed", "speed", "running_velocity")
PLACES = ("processing/running", "processing/behavior", "processing/Behavior", "acquisition")
LONGEST_GAP_S = 1.0  # between samples; nothing is interpolated across a longer one


def running_path(file: h5py.File) -> str | None:
    """Path of the running speed: /processing/running/speed in Allen files."""
    for place in PLACES:
        group = file.get(place)
        if not isinstance(group, h5py.Group):
            continue
        inner = [name for name in group if isinstance(group.get(name), h5py.Group)]
        for name in NAMES:
            for path in (name, *(f"{container}/{name}" for container in inner)):
                if _is_series(group.get(path)):
                    return f"{place}/{path}"
    return None


def speed_at(series: h5py.Group, times_s: np.ndarray) -> np.ndarray:
    """Speed at `times_s` by linear interpolation, float32 (n_times,), nan where there is none.

    In the unit of the file, its conversion applied (cm/s in Allen files).

    Raises
    ------
    InputError
        Timestamps that are damaged (see `times_of`).
    """
    conversion, offset = scale_of(series["data"])
    speed = values_of(series["data"]).reshape(-1) * conversion + offset
    times = times_of(series, len(speed))
    if times is None or not np.isfinite(speed).any():
        return np.full(len(times_s), np.nan, dtype=np.float32)
    known = np.isfinite(speed)
    times, speed = times[known], speed[known]
    after = np.searchsorted(times, times_s)
    inside = (after > 0) & (after < len(times))
    after = np.clip(after, 1, max(1, len(times) - 1))
    near = inside & (times[np.minimum(after, len(times) - 1)] - times[after - 1] <= LONGEST_GAP_S)
    return np.where(near, np.interp(times_s, times, speed), np.nan).astype(np.float32)


def _is_series(group: object) -> bool:
    if not isinstance(group, h5py.Group) or not isinstance(group.get("data"), h5py.Dataset):
        return False
    data = group["data"]
    return data.dtype.kind in "iuf" and data.size == max(data.shape, default=0) > 0
