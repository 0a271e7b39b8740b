"""What every Python test and the benchmark stand on: systems, people, sockets, waiting, and chance."""
