"""Random connectivity of linear networks."""
