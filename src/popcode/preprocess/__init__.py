"""From recordings to recordings: held-out parts, zeros and ones."""

from popcode.preprocess.split import split, split_indices

__all__ = ["split", "split_indices"]
