"""Persistent contrastive divergence for RBMs with binary hidden units."""
