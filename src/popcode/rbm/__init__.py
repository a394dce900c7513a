"""Restricted Boltzmann machines: generative models of binary population activity."""

from popcode.rbm.bernoulli import BernoulliRBM
from popcode.rbm.compositional import CompositionalRBM
from popcode.rbm.loading import load_model
from popcode.rbm.perturbation import Effects, Perturbation

__all__ = ["BernoulliRBM", "CompositionalRBM", "Effects", "Perturbation", "load_model"]
