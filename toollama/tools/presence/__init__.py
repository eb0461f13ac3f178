"""Whether a name is taken on public services, by their own APIs."""
