"""Who may do what: people, their roles, how they prove who they are, and what they looked at."""
