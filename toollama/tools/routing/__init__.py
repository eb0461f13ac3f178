"""Ways between places."""
