"""A whole Superset with a believable company in it, on this machine."""
