"""Clinics to look around in, with people who are all invented: everything in them happened through the verbs of care."""
