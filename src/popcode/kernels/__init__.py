"""Compiled building blocks that every method may use: random bits, elementary functions."""
