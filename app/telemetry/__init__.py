"""What other programs are told of runs while they go on: traces, metrics, structured logs."""
