"""One language; its formats are those of every other."""
