"""Files to recordings and back: one file per format, told apart by what they hold."""

from popcode.io.info import info
from popcode.io.load import load
from popcode.io.save import save

__all__ = ["info", "load", "save"]
