internal import Glibc

/// Hands on what was printed, also when it goes into a pipe.
func flushOutput() { fflush(nil) }
