"""The tree of population states: how fixed points split along a training run."""

from popcode.rbm.tree.states import Tree, tree_of_states

__all__ = ["Tree", "tree_of_states"]
