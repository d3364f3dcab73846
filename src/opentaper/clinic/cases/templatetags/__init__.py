"""Tags for templates of cases."""
