"""What must hold between the parts of a workflow, one idea a file. Paths of findings lead from the top."""
