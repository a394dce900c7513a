"""Working memory of random networks: what their activity still tells of past stimuli."""
