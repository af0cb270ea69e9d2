"""Benchmarks: what the register does, against the library's own way, measured in one run."""
