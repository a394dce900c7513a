"""Files to recordings and back: one file per format, told apart by what they hold."""

from popcode.io.info import info
from popcode.io.load import load
from popcode.io.options import ReadOptions
from popcode.io.save import save

__all__ = ["ReadOptions", "info", "load", "save"]
