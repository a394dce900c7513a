"""What a linear network does on average, in closed form."""
