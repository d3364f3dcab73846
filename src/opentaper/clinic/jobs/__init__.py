"""Work that nobody waits for, done once: kept in a table, taken under a lease, finished in one transaction."""
