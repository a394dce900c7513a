"""Whole-brain recordings of larval zebrafish, as the deposit of van der Plas et al. holds them.

One HDF5 file a fish, written from MATLAB: /Data/Brain/{Times, Coordinates, ZBrainCoordinates,
Labels} and /Data/Brain/Analysis/{ThresholdedSpikes, DFF}. Source: eLife 12, e83139 (2023), and the
names that its public analysis code (zf-rbm) takes data sets by.
"""

from popcode.io.zebrafish.reader import ZEBRAFISH

__all__ = ["ZEBRAFISH"]
