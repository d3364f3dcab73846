"""Pages about oneself and about people, one page a file."""
