"""What `benchmarks/run` runs: programs side by side in rounds, and the figures that come of it."""
