"""What every fitted model shares, whatever its method: its input, its file, its small oracle."""
