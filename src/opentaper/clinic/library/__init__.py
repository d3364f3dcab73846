"""What is known, open to reading and to correction; and what a clinic lays over it."""
