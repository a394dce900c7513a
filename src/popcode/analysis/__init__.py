"""What a biologist asks of a fitted model, as pure functions on arrays."""

from popcode.analysis.assemblies import Assembly, find_assemblies
from popcode.analysis.neurons import NeuronFacts, RegionShare, neuron_facts

__all__ = ["Assembly", "NeuronFacts", "RegionShare", "find_assemblies", "neuron_facts"]
