"""Reading, writing, finding and restoring files of the workspace."""
