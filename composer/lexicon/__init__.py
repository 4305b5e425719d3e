"""Words of several languages by what they mean: data, and nothing else."""
