"""Compiled loops of the maximum-entropy models."""
