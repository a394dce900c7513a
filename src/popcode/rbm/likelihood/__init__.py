"""The partition function of RBMs with binary hidden units, with errors that can be trusted."""
