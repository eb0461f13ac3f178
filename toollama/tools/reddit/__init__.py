"""Reddit: its API for those who have keys, its feeds for everybody else."""
