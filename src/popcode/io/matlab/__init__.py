"""MATLAB files of versions 4 and 5 to 7; those of 7.3 are HDF5."""

from popcode.io.matlab.reader import MATLAB

__all__ = ["MATLAB"]
