"""How close a recording is to a critical symmetric network: a fit of the theory to it."""
