"""Restricted Boltzmann machines: generative models of binary population activity."""

from popcode.rbm.bernoulli import BernoulliRBM
from popcode.rbm.compositional import CompositionalRBM
from popcode.rbm.loading import load_model

__all__ = ["BernoulliRBM", "CompositionalRBM", "load_model"]
