"""Models: what can run, what it needs, and the engines that run it."""
