"""Skills that keep copies of files and prove that they can be had back."""
