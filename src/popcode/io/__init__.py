"""Files to recordings and back: one file per format, told apart by what they hold."""

from popcode.io.info import info
from popcode.io.load import load
from popcode.io.options import ReadOptions
from popcode.io.save import save
from popcode.io.volumes import Volume, read_volume
from popcode.io.weights import Weights, read_weights

__all__ = [
    "ReadOptions",
    "Volume",
    "Weights",
    "info",
    "load",
    "read_volume",
    "read_weights",
    "save",
]
