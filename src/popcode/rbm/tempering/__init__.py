"""Sampling across deep wells: replicas that exchange places along a ladder of models."""
