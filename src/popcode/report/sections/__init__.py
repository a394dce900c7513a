"""Sections of the page: each a pure function from a run's contents to blocks."""
