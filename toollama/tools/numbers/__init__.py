"""Numbers and units: exact arithmetic, and how people write both."""
