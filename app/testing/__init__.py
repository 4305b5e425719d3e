"""Tests of workflows: a recording is played again, and what stands beside it is checked."""
