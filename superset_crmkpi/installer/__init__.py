"""Plans an installation, validates it and carries it out, through any gateway to a Superset."""
