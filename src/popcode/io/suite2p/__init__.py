"""Folders that suite2p wrote, and its pickles, read by an interpreter that runs nothing."""

from popcode.io.suite2p.reader import SUITE2P

__all__ = ["SUITE2P"]
