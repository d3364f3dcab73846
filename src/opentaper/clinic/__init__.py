"""The clinic's web application: who asks, whether they may, and where it is kept."""
