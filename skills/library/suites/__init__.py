"""Skills for suites of tests: which there are, and what several runs came to."""
