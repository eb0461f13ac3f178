"""Countries by their names."""
