"""Spike sortings as Kilosort 2 to 4 write them and Phy curates them.

The layout is the one of Phy's template-gui (phy.readthedocs.io, "Sorting data format"). Nothing
in the folder is executed and no pickle is read.
"""

from popcode.io.formats import Format
from popcode.io.kilosort.folder import files, holds
from popcode.io.kilosort.read import read_kilosort

KILOSORT = Format("kilosort", holds, read_kilosort, files)

__all__ = ["KILOSORT"]
