"""A look at the free memory before an array is made."""

import psutil

from popcode.errors import InputError


def refuse_beyond_memory(n_bytes: int) -> None:
    """Raise InputError where `n_bytes` would not fit into the memory that is free now."""
    free = psutil.virtual_memory().available
    if n_bytes > free:
        raise InputError(
            f"it needs {n_bytes / 2**30:,.1f} GiB of memory and {free / 2**30:,.1f} GiB are free",
            remedy="Keep fewer neurons or bins, or use a machine with more memory.",
        )
