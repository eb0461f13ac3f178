"""Sound and pictures that services make, kept as files."""
