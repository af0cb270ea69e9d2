"""What operators and developers run: the command line, benchmarks, samples."""
